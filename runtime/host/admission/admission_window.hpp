/// How many calls may be under way so that an accepted one doesn't wait too long: admission by the age of the queue.
/// Lives here: the rule. May not live here: a call.
#pragma once

#include "actors/base/clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace ammo {

/// Where the answers of an interval have waited, or none came, a queue stands: then as many calls may be under way as are answered within the
/// target (Little's law). Judged by the mean wait, not by the least (as Nichols and Jacobson's "Controlling Queue Delay", ACM Queue 2012, does):
/// each buddy has a queue of its own, and some answer at once in any flood. Where none stands and calls are refused, it opens twice as wide in
/// each interval; where none are, it closes to what a burst may take, as a window that nobody fills says nothing of the next flood (RFC 7661).
/// Usable from any thread; never blocks.
class admission_window {
public:
  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::uint32_t least = 64;
  static constexpr std::uint32_t burst = 8'192; ///< calls that may come at once

  /// `most`: calls under way, as long as nothing waits. `target`: an answer that is older is old.
  admission_window(std::uint32_t most, std::chrono::nanoseconds target) : most_(most), target_(target.count()), open_(std::min(burst, most)) {}

  /// Calls that may be under way now.
  [[nodiscard]] std::uint32_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
  /// A call is taken in, and so many were under way.
  void on_call(std::uint32_t under_way, time_source::instant now) noexcept {
    const auto begun = begun_.load(std::memory_order_relaxed);
    if (now.time_since_epoch().count() - begun < ticks(interval))
      return;
    if (under_way > 0)
      end_interval(now);
    else if (begin_interval(begun, now)) // nobody has waited for anything
      open_.store(std::max(open(), std::min(burst, most_)), std::memory_order_relaxed);
  }
  void on_refusal() noexcept {
    if (!refused_.load(std::memory_order_relaxed))
      refused_.store(true, std::memory_order_relaxed);
  }
  /// An answer has reached the host, or the call's deadline: so long after it was made.
  void on_answer(std::chrono::nanoseconds age, time_source::instant now) noexcept {
    answers_.fetch_add(1, std::memory_order_relaxed);
    waited_.fetch_add(age.count(), std::memory_order_relaxed);
    if (now.time_since_epoch().count() - begun_.load(std::memory_order_relaxed) >= ticks(interval))
      end_interval(now);
  }

private:
  static constexpr time_source::instant::rep ticks(time_source::instant::duration d) noexcept { return d.count(); }

  /// False: another thread does it.
  bool begin_interval(time_source::instant::rep begun, time_source::instant now) noexcept {
    if (!begun_.compare_exchange_strong(begun, now.time_since_epoch().count(), std::memory_order_relaxed))
      return false;
    answers_.store(0, std::memory_order_relaxed);
    waited_.store(0, std::memory_order_relaxed);
    refused_.store(false, std::memory_order_relaxed);
    return true;
  }
  void end_interval(time_source::instant now) noexcept {
    const auto begun = begun_.load(std::memory_order_relaxed);
    const auto answers = answers_.load(std::memory_order_relaxed);
    const auto waited = waited_.load(std::memory_order_relaxed);
    const bool refused = refused_.load(std::memory_order_relaxed);
    const time_source::instant::duration elapsed{now.time_since_epoch().count() - begun};
    if (elapsed < interval || !begin_interval(begun, now))
      return;
    const double sample = static_cast<double>(answers) / static_cast<double>(std::chrono::nanoseconds(elapsed).count());
    const double before = rate_.load(std::memory_order_relaxed);
    const double rate = before > 0 ? before + (sample - before) / 4 : sample; // one interval tells little where processors are shared
    rate_.store(rate, std::memory_order_relaxed);
    const double wide = open();
    const bool queued = answers == 0 || static_cast<double>(waited) >= static_cast<double>(target_ / 4) * static_cast<double>(answers);
    const double next = queued ? rate * static_cast<double>(target_) : refused ? 2 * wide
                                                                               : std::max<double>(burst, wide / 2);
    open_.store(static_cast<std::uint32_t>(std::clamp<double>(next, std::min(least, most_), most_)), std::memory_order_relaxed);
  }

  const std::uint32_t most_;
  const std::int64_t target_; // ns
  std::atomic<std::uint32_t> open_;
  std::atomic<std::uint64_t> answers_{0};            // of this interval
  std::atomic<std::int64_t> waited_{0};              // all of them together, ns
  std::atomic<bool> refused_{false};                 // a call of this interval
  std::atomic<double> rate_{0};                      // answers a nanosecond, smoothed
  std::atomic<time_source::instant::rep> begun_{0};  // the interval
};

} // namespace ammo
