/// What comes true in its own time: looked for again and again, for a minute at most.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace ammo::testing {

inline bool comes_true(const std::function<bool()>& what) {
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1); std::chrono::steady_clock::now() < until;
       std::this_thread::sleep_for(std::chrono::milliseconds(20)))
    if (what())
      return true;
  return false;
}

} // namespace ammo::testing
