/// The periods of a simulation's clock in a Subspace: which Goal Buddies a period waits for, and which offers. Pure.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/subspace/publication_mind.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

/// An offer, and who made it.
struct addressed_offer {
  offerer from;
  creation_offer offer;
};

/// A period opens once every Goal Buddy has answered the regret broadcast before it, by an offer or a pass. The offers are
/// taken then, by Goal Buddy, so that the order in which they came makes no difference. A period is closed once its regret
/// broadcast has gone out and every Goal Buddy has answered it. Messages may come late, twice and out of order.
class period_mind {
public:
  /// What the body does, in this order.
  struct step {
    std::vector<addressed_offer> take;  ///< take these offers, and answer each
    std::optional<std::uint64_t> publish; ///< broadcast a version for this period, then call `on_published`
    std::optional<std::uint64_t> opened;  ///< tell the clock that the period is open
    std::optional<std::uint64_t> closed;  ///< tell the clock that the period is closed
  };

  /// A Goal Buddy has joined; its first offer is waited for. One that `returns` in a later life has forgotten what it was
  /// asked, and may answer with whatever it offers first.
  void on_join(goal_id goal, bool returns);
  /// It is no member any more: nobody waits for it, and what it offered is dropped.
  step on_leave(goal_id goal);
  /// The clock opens a period. A period that is open already is told of again; an earlier one is ignored.
  step on_open(std::uint64_t period);
  /// Offers with the key of one that waits are ignored.
  step on_offer(offerer from, creation_offer o);
  step on_pass(const creation_pass& p);
  /// A version for this period has been sent to every member.
  step on_published(std::uint64_t period);
  /// The regret of a period goes out to these Goal Buddies, each of which will answer.
  void on_regret(std::uint64_t period, const std::vector<goal_id>& goals);
  /// It has gone out.
  step on_regret_sent(std::uint64_t period);

  [[nodiscard]] std::size_t awaited() const noexcept { return awaited_.size(); }

private:
  void heard_from(goal_id goal, std::uint64_t period);
  step go_on();

  std::unordered_map<goal_id, std::uint64_t> awaited_; // the period that each is to answer; 0: its first offer
  std::map<std::pair<goal_id, std::uint64_t>, addressed_offer> offers_; // by Goal Buddy and key, until a period opens
  std::optional<std::uint64_t> opening_;    // the clock waits for it to open
  std::optional<std::uint64_t> publishing_; // its version is being sent
  std::uint64_t opened_ = 0;                // the last one
  std::optional<std::uint64_t> closing_;    // its regret has gone out, or does
  bool broadcasting_ = false;
};

} // namespace ammo
