/// How long turns take, by the wall and by the processor.
#pragma once

#include "actors/base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace ammo {

/// Times the turns of one thread. Reading a thread's processor time is a system call (0.2 to 1 µs), as long as a small turn: so it is read before a
/// turn only where the last reading is older than `grain`, and after a turn only where that was long.
class turn_clock {
public:
  static constexpr std::chrono::microseconds grain{250};

  struct length {
    std::chrono::nanoseconds wall{};
    std::chrono::nanoseconds processor_at_most{}; ///< too much by less than `grain`, never too little
  };

  /// A turn begins: `now` by the clock on the wall.
  void begin(const time_source& time, time_source::instant now) noexcept {
    begun_ = now;
    if (&time == of_ && now >= read_at_ && now - read_at_ < grain)
      return;
    of_ = &time;
    read_at_ = now;
    used_ = time.thread_time();
  }
  /// Since the last `begin`, of which `time` was that of; its processor time is looked at where it took longer than `least` by the wall.
  [[nodiscard]] length end(const time_source& time, std::chrono::nanoseconds least) const noexcept {
    const auto wall = time.now() - begun_;
    return {wall, wall > least ? std::min<std::chrono::nanoseconds>(wall, time.thread_time() - used_) : wall};
  }

private:
  const time_source* of_ = nullptr; ///< only compared
  time_source::instant begun_{}, read_at_{};
  std::chrono::nanoseconds used_{}; ///< at `read_at_`
};

} // namespace ammo
