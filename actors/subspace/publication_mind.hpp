/// When a Subspace publishes what has changed, and when a verdict may go out: a creator who has a good verdict finds the
/// creation live. Pure.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <vector>

namespace ammo {

/// Who may offer and withdraw.
using offerer = address_of<role::goal_buddy, role::host>;

/// A verdict, and who is to get it.
struct addressed_verdict {
  offerer to;
  creation_verdict verdict;
  friend bool operator==(const addressed_verdict&, const addressed_verdict&) = default;
};

/// Good verdicts wait until every member has been sent the version that they speak of; refusals don't. Changes that come
/// close together share a version: the first of them starts a timer.
class publication_mind {
public:
  /// What the body does, in this order.
  struct step {
    std::vector<addressed_verdict> answers; ///< send
    bool publish = false;  ///< broadcast a version, then call `on_sent` with what `broadcasts` says now
    bool schedule = false; ///< call `on_due` once, after the interval in which changes gather
  };

  /// An offer or a withdrawal has its verdict.
  step on_verdict(offerer asker, creation_verdict v);
  /// The timer is over. A timer that nobody waits for does nothing.
  step on_due();
  /// Every member has been sent the version that was the so manieth to be asked for. Ignored where another was asked for since.
  step on_sent(std::uint64_t broadcast);
  step on_sent() { return on_sent(broadcasts_); }
  /// A version is to be sent whatever was under way: all verdicts that wait, wait for that one.
  step anew();

  /// Nothing comes of the version under way, or of the timer: who waits for it is given up. The next verdict begins anew.
  template <class F>
  void give_up(F told) {
    for (auto* all : {&under_way_, &gathered_}) {
      for (const addressed_verdict& v : *all)
        told(v);
      all->clear();
    }
    now_ = phase::idle;
  }
  /// Versions that were asked for.
  [[nodiscard]] std::uint64_t broadcasts() const noexcept { return broadcasts_; }

  /// Verdicts that wait, those of the version under way included.
  [[nodiscard]] std::size_t waiting() const noexcept { return gathered_.size() + under_way_.size(); }

private:
  enum class phase : std::uint8_t { idle, gathering, sending };
  phase now_ = phase::idle;
  std::uint64_t broadcasts_ = 0;
  std::vector<addressed_verdict> gathered_;  // for the next version
  std::vector<addressed_verdict> under_way_; // of the version that is being sent
};

} // namespace ammo
