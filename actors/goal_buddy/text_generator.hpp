/// Who writes for Goal Buddies: one interface for templates, a process of somebody's own, and what stands before them.
#pragma once

#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <functional>

namespace ammo {

class text_generator {
public:
  using answer = std::function<void(written_news)>;

  virtual ~text_generator() = default;
  /// Starts to write what is asked for and returns without waiting. `done` is called once, before this returns or later, on
  /// any thread, whatever happens: with a text, or with the name of what went wrong (`timed_out` at the latest). It must not
  /// throw. The number is for `cancel`. Several threads may call at once.
  virtual std::uint64_t write(writing_request r, answer done) = 0;
  /// The text isn't wanted any more: its `done` gets `cancelled`, unless it was called before.
  virtual void cancel(std::uint64_t) {}
  /// Answers everything under way with `cancelled`, and from now on everything that is asked. Afterwards no `done` is
  /// called, or is still running, on a thread of the generator's own.
  virtual void close() {}

  /// The answer to a request, without a text yet.
  [[nodiscard]] static written_news answer_to(const writing_request& r, errc code = errc::ok, std::string detail = {}) {
    written_news n;
    n.goal = r.goal;
    n.request = r.request;
    n.code = code;
    n.detail = std::move(detail);
    return n;
  }
};

} // namespace ammo
