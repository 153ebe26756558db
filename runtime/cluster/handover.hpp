/// One unit on its way to another node, while calls for it come in. Pure.
///
///     snapshot   the unit serves; its state is written, so that the next owner reads little
///     flush      calls are held; what was noted before becomes durable, and its answers leave
///     release    the block that says so is on its way to the store: there is no way back, and no answer leaves
///     passed     the store has said yes: the calls that were held go to the next owner, none of them noted
///     kept       given up before the release: the unit serves on, the calls that were held first
///
/// A node that is fenced meanwhile owns nothing: its held calls are dropped, and whoever sent them repeats them.
#pragma once

#include "runtime/store/lease.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstdint>

namespace ammo::cluster {

struct handover_times {
  std::chrono::milliseconds snapshot{10'000}; ///< at most, else the unit stays
  std::chrono::milliseconds hold{200};        ///< calls wait so long for what was noted before; else the unit stays
};

class handover {
public:
  using instant = store::lease::instant;
  enum class stage : std::uint8_t { snapshot,
                                    flush,
                                    release,
                                    passed,
                                    kept };

  handover(store::claim what, store::incarnation to, handover_times times, instant now)
    : what_(what), to_(to), times_(times), until_(now + times.snapshot) {}

  [[nodiscard]] const store::claim& what() const noexcept { return what_; }
  [[nodiscard]] store::incarnation to() const noexcept { return to_; }
  [[nodiscard]] stage at() const noexcept { return at_; }
  /// May the unit be served as if nothing were?
  [[nodiscard]] bool serves() const noexcept { return at_ == stage::snapshot || at_ == stage::kept; }

  /// The snapshot is written, or could not be. `noted`: the last place of the unit's frames in this node's log.
  void on_snapshot(bool written, std::uint64_t noted, instant now) noexcept {
    if (at_ != stage::snapshot)
      return;
    at_ = written ? stage::flush : stage::kept;
    noted_ = noted;
    until_ = now + times_.hold;
  }
  /// The log is durable up to there. True: the release is to be sent now, and nothing else of the unit is noted from here on.
  [[nodiscard]] bool on_durable(std::uint64_t place) noexcept {
    if (at_ != stage::flush || place < noted_)
      return false;
    at_ = stage::release;
    return true;
  }
  void on_released() noexcept {
    if (at_ == stage::release)
      at_ = stage::passed;
  }
  /// When `on_time` has something to say; none: nothing is waited for but the store.
  [[nodiscard]] bool waits(instant now) const noexcept { return (at_ == stage::snapshot || at_ == stage::flush) && now < until_; }
  /// The time is over before the release was sent: the unit stays.
  void on_time(instant now) noexcept {
    if ((at_ == stage::snapshot || at_ == stage::flush) && now >= until_)
      at_ = stage::kept;
  }
  [[nodiscard]] instant until() const noexcept { return until_; }

private:
  store::claim what_;
  store::incarnation to_;
  handover_times times_;
  stage at_ = stage::snapshot;
  instant until_;
  std::uint64_t noted_ = 0;
};

} // namespace ammo::cluster
