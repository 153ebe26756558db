/// Time, as bodies read it: real in a running deployment, set by hand in tests.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

namespace ammo {

/// Tells the time. Any thread may ask. Minds get times as arguments and never see this.
class time_source {
public:
  using instant = std::chrono::steady_clock::time_point;    ///< monotonic: for deadlines and intervals
  using wall_time = std::chrono::system_clock::time_point;  ///< for people: log records, reports
  time_source() = default;
  time_source(const time_source&) = delete;
  time_source& operator=(const time_source&) = delete;
  virtual ~time_source() = default;

  [[nodiscard]] virtual instant now() const noexcept = 0;
  [[nodiscard]] virtual wall_time wall() const noexcept = 0;
  /// Processor time that the calling thread has used: what others on the machine take from it doesn't count.
  [[nodiscard]] virtual std::chrono::nanoseconds thread_time() const noexcept = 0;
};

/// The machine's own clocks.
[[nodiscard]] std::shared_ptr<const time_source> machine_time();

/// Time that stands still until somebody advances it. Starts at 0; work costs no processor time.
class virtual_time final : public time_source {
public:
  void advance(std::chrono::nanoseconds by) noexcept { since_start_.fetch_add(by.count(), std::memory_order_relaxed); }
  [[nodiscard]] instant now() const noexcept override { return instant{elapsed<instant::duration>()}; }
  [[nodiscard]] wall_time wall() const noexcept override { return wall_time{elapsed<wall_time::duration>()}; }
  [[nodiscard]] std::chrono::nanoseconds thread_time() const noexcept override { return {}; }

private:
  template <class Duration>
  [[nodiscard]] Duration elapsed() const noexcept {
    return std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{since_start_.load(std::memory_order_relaxed)});
  }
  std::atomic<std::chrono::nanoseconds::rep> since_start_{0};
};

} // namespace ammo
