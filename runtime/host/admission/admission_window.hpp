/// How many calls may be under way so that an accepted one doesn't wait too long: admission by the age of the queue.
/// Lives here: the rule. May not live here: a call.
#pragma once

#include "actors/base/clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace ammo {

/// Where even the youngest answer of an interval has waited, a queue stands that no burst explains (Nichols, Jacobson, "Controlling Queue Delay",
/// ACM Queue 2012): then as many calls may be under way as are answered within the target (Little's law). Where none stands, it opens twice as
/// wide in each interval. Usable from any thread; never blocks.
class admission_window {
public:
  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::uint32_t least = 64;

  /// `most`: calls under way, as long as nothing waits. `target`: an answer that is older is old.
  admission_window(std::uint32_t most, std::chrono::nanoseconds target) : most_(most), target_(target.count()), open_(most) {}

  /// Calls that may be under way now.
  [[nodiscard]] std::uint32_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
  /// An answer has come, or the call's deadline: so long after it was made.
  void on_answer(std::chrono::nanoseconds age, time_source::instant now) noexcept {
    answers_.fetch_add(1, std::memory_order_relaxed);
    auto youngest = youngest_.load(std::memory_order_relaxed);
    while (age.count() < youngest && !youngest_.compare_exchange_weak(youngest, age.count(), std::memory_order_relaxed)) {}
    const auto at = now.time_since_epoch().count();
    auto begun = begun_.load(std::memory_order_relaxed);
    const auto elapsed = at - begun;
    if (elapsed < time_source::instant::duration(interval).count() || !begun_.compare_exchange_strong(begun, at, std::memory_order_relaxed))
      return;
    const auto answers = answers_.exchange(0, std::memory_order_relaxed);
    adapt(youngest_.exchange(std::numeric_limits<std::int64_t>::max(), std::memory_order_relaxed),
          static_cast<double>(answers) / static_cast<double>(time_source::instant::duration(elapsed) / std::chrono::nanoseconds{1}));
  }

private:
  /// `rate`: answers a nanosecond.
  void adapt(std::int64_t youngest, double rate) noexcept {
    const double open = youngest < target_ / 50 ? 2.0 * this->open() : rate * static_cast<double>(target_);
    open_.store(static_cast<std::uint32_t>(std::clamp<double>(open, std::min(least, most_), most_)), std::memory_order_relaxed);
  }

  const std::uint32_t most_;
  const std::int64_t target_; // ns
  std::atomic<std::uint32_t> open_;
  std::atomic<std::uint64_t> answers_{0};                                        // of this interval
  std::atomic<std::int64_t> youngest_{std::numeric_limits<std::int64_t>::max()}; // of them, ns
  std::atomic<time_source::instant::rep> begun_{0};                              // the interval
};

} // namespace ammo
