/// Regret feedback: reports of attention, the broadcast, and on what terms slots are sold.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace ammo {

/// How much attention one creation got. `engagement`: sum of its rewards. `merit`: sum of its backward rewards, 0 where
/// Goal Buddies are rewarded by impressions.
struct exposure {
  creation_id creation = no_creation;
  std::uint64_t impressions = 0;
  fixed_sum engagement;
  fixed_sum merit{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.impressions, s.engagement, s.merit); }
  friend bool operator==(const exposure&, const exposure&) = default;
};

/// What a shard's people did and missed, once a period. `stated` and `slate` sum the true regret over rounds
/// (simulation only; zero rounds known otherwise).
struct regret_report {
  static constexpr std::uint16_t type = 16;
  std::uint64_t period = 0;
  std::uint32_t shard = 0;
  std::uint64_t rounds = 0;       ///< slates shown in the period
  std::uint64_t rounds_known = 0; ///< of those, with a known true q
  fixed_sum stated, slate;
  std::vector<exposure> exposures; ///< by creation id, ascending
  std::vector<exposure> votes{};   ///< by creation id, ascending: rewards of people's first slates alone
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.rounds, s.rounds_known, s.stated, s.slate, s.exposures, s.votes);
  }
  friend bool operator==(const regret_report&, const regret_report&) = default;
};

/// A Subspace's share of a shard's report, with what was refused.
struct attention_report {
  static constexpr std::uint16_t type = 17;
  std::uint64_t period = 0;
  std::uint32_t shard = 0;
  std::uint64_t rounds = 0;
  std::uint64_t rounds_known = 0;
  fixed_sum stated, slate;
  std::uint64_t slots_offered = 0; ///< Σ N over the rounds
  std::uint64_t slots_granted = 0;
  std::vector<exposure> exposures; ///< of this subspace, by creation id, ascending
  std::vector<exposure> votes{};   ///< as in `regret_report`
  std::uint64_t people = 0;        ///< of the shard, awake
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.rounds, s.rounds_known, s.stated, s.slate, s.slots_offered, s.slots_granted, s.exposures,
                    s.votes, s.people);
  }
  friend bool operator==(const attention_report&, const attention_report&) = default;
};

/// What a group likes on average, as far as its Subspace can tell from what was seen.
struct consensus {
  embedding mean;       ///< q̄, block-relative; empty: nothing is known
  double agreement = 0; ///< in [0, 1]: share of how creations were received that q̄ explains
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mean, s.agreement); }
  friend bool operator==(const consensus&, const consensus&) = default;
};

/// One object for all who hear it: who starts from it keeps it, however many they are.
struct shared_consensus {
  std::shared_ptr<const consensus> now; ///< null: nothing is known
  friend bool operator==(const shared_consensus& a, const shared_consensus& b) {
    return a.now == b.now || (a.now && b.now && *a.now == *b.now);
  }
};

/// The regret broadcast: regret, the price of a slot, demand, visibility, what the group likes.
struct regret_feedback {
  static constexpr std::uint16_t type = 18;
  subspace_id subspace{};
  std::uint64_t period = 0;
  std::uint64_t rounds = 0;
  double stated = 0; ///< mean stated regret a round (0 where no true q is known)
  double slate = 0;  ///< mean slate regret a round
  std::int64_t slot_price_micros = 0; ///< what a slot costs: paces budgets
  embedding demand;  ///< Σ reward·e / Σ impressions over the period: where engagement lies, block-relative
  std::vector<exposure> exposures; ///< visibility, by creation id, ascending
  shared_consensus group{};        ///< what User Buddies start from
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.subspace, s.period, s.rounds, s.stated, s.slate, s.slot_price_micros, s.demand, s.exposures, s.group);
  }
  friend bool operator==(const regret_feedback&, const regret_feedback&) = default;
};

/// On what terms a Goal Buddy's candidates rank for slots: by factor·value − offset.
struct goal_terms {
  goal_id goal{};
  float factor = 1; ///< of a value, in (0, 1]: its paced bid
  float offset = 0; ///< what a slot has to be worth beyond its price, in units of value; ≥ 0
  bool broke = false; ///< its budget doesn't cover a slot: it isn't shown
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.factor, s.offset, s.broke); }
  friend bool operator==(const goal_terms&, const goal_terms&) = default;
};

/// The terms of all Goal Buddies of a Subspace, after each period where slots are sold.
struct slot_terms {
  static constexpr std::uint16_t type = 40;
  subspace_id subspace{};
  std::uint64_t period = 0;
  std::vector<goal_terms> goals; ///< by goal id, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period, s.goals); }
  friend bool operator==(const slot_terms&, const slot_terms&) = default;
};

} // namespace ammo
