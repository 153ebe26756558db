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
/// each buddy has a queue of its own, and some answer at once in any flood. Where none stands and calls are refused, it comes to that as well,
/// by a factor of two in each interval; where none are, it closes to what a burst may take, as a window that nobody fills says nothing of the next flood (RFC 7661).
/// Usable from any thread; never blocks.
class admission_window {
public:
  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::uint32_t least = 64;
  static constexpr std::uint32_t burst = 8'192; ///< most calls that may come at once

  /// Calls that may come at once before anything is known of how fast they are answered: as many as one slow processor answers within
  /// the target: beside other work it may have a fifth of two. A slate costs O(d²); `squares`: Σ d² over the factors.
  [[nodiscard]] static constexpr std::uint32_t burst_of(double squares, std::chrono::nanoseconds target) noexcept {
    constexpr double call_ns = 15'000, square_ns = 10; // measured: 15 to 40 µs at d = 16, 2.7 ms at d = 512
    return static_cast<std::uint32_t>(std::clamp<double>(static_cast<double>(target.count()) / (call_ns + square_ns * squares), least, burst));
  }

  /// `most`: calls under way, as long as nothing waits. `target`: an answer that is older is old. `at_once`: see `burst_of`.
  /// `fixed`: so long an answer takes where nothing waits, as a commit does.
  admission_window(std::uint32_t most, std::chrono::nanoseconds target, std::uint32_t at_once = burst, std::chrono::nanoseconds fixed = {})
    : most_(most), at_once_(std::min(at_once, most)), target_(target.count()), fixed_(fixed.count()), open_(at_once_) {}

  /// Calls that may be under way now.
  [[nodiscard]] std::uint32_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
  /// A call is taken in, and so many were under way.
  void on_call(std::uint32_t under_way, time_source::instant now) noexcept {
    const auto begun = begun_.load(std::memory_order_relaxed);
    if (now.time_since_epoch().count() - begun < pause())
      return;
    if (under_way > 0)
      end_interval(now);
    else if (begin_interval(begun, now)) // nobody has waited for anything
      open_.store(std::max(open(), at_once_), std::memory_order_relaxed);
  }
  void on_refusal() noexcept {
    if (!refused_.load(std::memory_order_relaxed))
      refused_.store(true, std::memory_order_relaxed);
  }
  /// An answer has reached the host, or the call's deadline: so long after it was made.
  void on_answer(std::chrono::nanoseconds age, time_source::instant now) noexcept {
    answers_.fetch_add(1, std::memory_order_relaxed);
    waited_.fetch_add(age.count(), std::memory_order_relaxed);
    if (now.time_since_epoch().count() - begun_.load(std::memory_order_relaxed) >= pause())
      end_interval(now);
  }

private:
  /// From one look to the next: an answer that was called for by the last has come by then, if nothing waits.
  [[nodiscard]] time_source::instant::rep pause() const noexcept {
    return time_source::instant::duration(interval + std::chrono::nanoseconds{fixed_}).count();
  }

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
    if (elapsed.count() < pause() || !begin_interval(begun, now))
      return;
    const double sample = static_cast<double>(answers) / static_cast<double>(std::chrono::nanoseconds(elapsed).count());
    const double before = rate_.load(std::memory_order_relaxed);
    const double rate = before > 0 ? before + (sample - before) / 4 : sample; // one interval tells little where processors are shared
    rate_.store(rate, std::memory_order_relaxed);
    const double wide = open();
    const bool queued = answers == 0 || static_cast<double>(waited) >= static_cast<double>(fixed_ + target_ / 4) * static_cast<double>(answers);
    const double enough = rate * static_cast<double>(fixed_ + target_);
    const double next = queued ? enough : refused ? std::clamp(enough, wide / 2, 2 * wide)
                                                  : std::max<double>(at_once_, wide / 2);
    open_.store(static_cast<std::uint32_t>(std::clamp<double>(next, std::min(least, most_), most_)), std::memory_order_relaxed);
  }

  const std::uint32_t most_, at_once_;
  const std::int64_t target_, fixed_; // ns
  std::atomic<std::uint32_t> open_;
  std::atomic<std::uint64_t> answers_{0};            // of this interval
  std::atomic<std::int64_t> waited_{0};              // all of them together, ns
  std::atomic<bool> refused_{false};                 // a call of this interval
  std::atomic<double> rate_{0};                      // answers a nanosecond, smoothed
  std::atomic<time_source::instant::rep> begun_{0};  // the interval
};

} // namespace ammo
