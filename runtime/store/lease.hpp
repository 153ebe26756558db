/// When a node must stop counting on what it owns: the arithmetic of its lease. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace ammo::store {

/// A lease ends for its holder at the time of *sending* the last beat that succeeded, plus the lease, less a margin: by
/// then the store, which counts from when it heard the beat, has not yet given it to others. Times are of one monotonic
/// clock that goes on while the machine sleeps (CLOCK_BOOTTIME).
class lease {
public:
  using instant = std::chrono::milliseconds;

  /// `margin`: for clocks of different speed; a tenth of the lease by default.
  explicit lease(std::chrono::milliseconds length) : lease(length, length / 10) {}
  lease(std::chrono::milliseconds length, std::chrono::milliseconds margin) : length_(length), margin_(margin) {}

  /// The store said yes to a beat that was sent then. Answers may come out of order.
  void on_beat(instant sent) noexcept {
    if (!sent_ || sent > *sent_)
      sent_ = sent;
  }
  /// Look right before an answer leaves.
  [[nodiscard]] bool holds(instant now) const noexcept { return sent_ && now < *sent_ + length_ - margin_; }
  /// When the next beat is to be sent: after a third of the lease, at once where there was none.
  [[nodiscard]] instant next_beat(instant now) const noexcept { return sent_ ? std::max(now, *sent_ + length_ / 3) : now; }

private:
  std::chrono::milliseconds length_, margin_;
  std::optional<instant> sent_;
};

} // namespace ammo::store
