/// Where a host's policies run: on threads of their own, so that a slow one holds up no actor.
#pragma once

#include <functional>

namespace ammo {

/// Runs code of a host outside of actors. Usable from any thread.
class outside_runner {
public:
  virtual ~outside_runner() = default;
  /// Starts work at once, on a thread of its own. False, and nothing is started: as many as may be are at work already, or it is closed.
  [[nodiscard]] virtual bool run(std::function<void()> work) = 0;
};

} // namespace ammo
