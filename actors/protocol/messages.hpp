/// Every message that exists between AMMO's actors, in one place.
///
/// Lives here: plain structs, the number of each on the wire, and the order of its fields. A message's
/// msgpack form follows from `fields` alone (see codec.hpp): body = array of the fields in that order.
/// Fields are only ever appended. May not live here: behaviour, CAF, msgpack.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/protocol/gene.hpp"
#include "actors/protocol/signal.hpp"
#include "actors/protocol/written.hpp"
#include "actors/space/catalogue.hpp"
#include "actors/base/ids.hpp"
#include "actors/space/propensity.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// One entry a slot; no allocation up to 8 slots.
template <class T>
using per_slot = boost::container::small_vector<T, 8>;

/// Coordinates in float32; on the wire EXT type 1, little-endian, 4·dim bytes. Must be finite.
struct embedding {
  std::vector<float> values;
  friend bool operator==(const embedding&, const embedding&) = default;
};

/// Fixed-point sum (see exact_sum) as it crosses the wire.
struct fixed_sum {
  std::int64_t high = 0;
  std::uint64_t low = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.high, s.low); }
  friend bool operator==(const fixed_sum&, const fixed_sum&) = default;
};

/// What a slate is for.
enum class occasion : std::uint8_t {
  round = 0,   ///< the clock of a simulation
  request = 1, ///< a person asked
  push = 2,    ///< a new creation would enter the user's slate
};

/// A creation that a User Buddy would show, with the value that its policy gives it (units of reward).
struct candidate {
  creation_id creation = no_creation;
  float value = 0;
  ammo::propensity propensity{}; ///< of being among the first N of this proposal
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.creation, s.value, s.propensity.value, s.propensity.source);
  }
  friend bool operator==(const candidate&, const candidate&) = default;
};

/// A granted slot.
struct impression {
  impression_id id{};
  creation_id creation = no_creation;
  ammo::propensity propensity{}; ///< with which the policy showed it; unknown where others had a say in it
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.id, s.creation, s.propensity.value, s.propensity.source);
  }
  friend bool operator==(const impression&, const impression&) = default;
};

// -- membership --------------------------------------------------------------------------------------------

/// User Buddy → Subspace, MetaSpace, AiPP: this user exists here. The sender is the buddy.
struct join {
  static constexpr std::uint16_t type = 1;
  user_id user{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user); }
  friend bool operator==(const join&, const join&) = default;
};

/// Goal Buddy → Subspace: this Goal Buddy exists, with its budget in micro-units. The sender is the buddy. It comes back
/// to say that the Goal Buddy is a member and may offer.
struct join_goal {
  static constexpr std::uint16_t type = 2;
  goal_id goal{};
  owner_id owner{};
  std::int64_t budget_micros = 0;
  bool wants_catalogue = false; ///< wants catalogue_news, too
  std::string title{};  ///< what others who write may call its creations; empty: nothing
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.budget_micros, s.wants_catalogue, s.title);
  }
  friend bool operator==(const join_goal&, const join_goal&) = default;
};

/// Whoever joined → the same places: no more messages, please.
struct leave {
  static constexpr std::uint16_t type = 3;
  user_id user{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user); }
  friend bool operator==(const leave&, const leave&) = default;
};

/// Host → Supervisor: take this user in (spawn the User Buddy), or let it go. Answered with `admission`.
struct admit_user {
  static constexpr std::uint16_t type = 29;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const admit_user&, const admit_user&) = default;
};
struct dismiss_user {
  static constexpr std::uint16_t type = 30;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const dismiss_user&, const dismiss_user&) = default;
};

/// Host → Supervisor: take this Goal Buddy in. Answered with `admission` once its first creation has its verdict.
struct admit_goal {
  static constexpr std::uint16_t type = 31;
  goal_id goal{};
  owner_id owner{};
  subspace_id subspace{};
  std::uint64_t content = 0;
  embedding grounded; ///< block-relative
  std::int64_t budget_micros = 0;
  std::string policy; ///< see goal_policy; empty: the deployment's
  std::uint64_t request = 0;
  std::vector<fact> facts; ///< what may be written of it; empty: it writes nothing
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.subspace, s.content, s.grounded, s.budget_micros, s.policy, s.request, s.facts);
  }
  friend bool operator==(const admit_goal&, const admit_goal&) = default;
};

/// Supervisor, Goal Buddy → Host: taken in, or refused by name. The creation is a Goal Buddy's first.
struct admission {
  static constexpr std::uint16_t type = 32;
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::string detail;
  creation_id creation = no_creation;
  std::int64_t cost_micros = 0;
  std::int64_t balance_micros = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.request, s.code, s.detail, s.creation, s.cost_micros, s.balance_micros);
  }
  friend bool operator==(const admission&, const admission&) = default;
};

// -- content -----------------------------------------------------------------------------------------------

/// Goal Buddy → Subspace: a new creation, or (where `replaces` is set) new coordinates for its own.
struct creation_offer {
  static constexpr std::uint16_t type = 4;
  goal_id goal{};
  std::uint64_t key = 0; ///< idempotency key, unique for the Goal Buddy: the same key is charged once
  creation_id replaces = no_creation;
  std::uint64_t content = 0; ///< the host's number for the content
  embedding e;               ///< block-relative coordinates
  embedding grounded;        ///< embedding of the facts it is about; cost grows with the distance to it
  std::uint64_t period = 0;   ///< period of the regret feedback that this answers; 0 when offered unasked
  std::uint64_t request = 0; ///< comes back with the verdict
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.key, s.replaces, s.content, s.e, s.grounded, s.period, s.request);
  }
  friend bool operator==(const creation_offer&, const creation_offer&) = default;
};

/// Goal Buddy → Subspace: it takes its creation back.
struct creation_withdrawal {
  static constexpr std::uint16_t type = 5;
  goal_id goal{};
  creation_id creation = no_creation;
  std::uint64_t request = 0; ///< comes back with the verdict
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.creation, s.request); }
  friend bool operator==(const creation_withdrawal&, const creation_withdrawal&) = default;
};

/// Goal Buddy → Subspace: it leaves everything as it is in this period.
struct creation_pass {
  static constexpr std::uint16_t type = 6;
  goal_id goal{};
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.period); }
  friend bool operator==(const creation_pass&, const creation_pass&) = default;
};

/// Subspace → Goal Buddy: what became of an offer or a withdrawal. Live from the next version on.
struct creation_verdict {
  static constexpr std::uint16_t type = 7;
  goal_id goal{};
  std::uint64_t key = 0;
  errc code = errc::ok;
  std::string detail;             ///< where and what, when refused
  creation_id creation = no_creation;
  std::int64_t cost_micros = 0;   ///< what was charged
  std::int64_t balance_micros = 0;///< what is left of the budget
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.key, s.code, s.detail, s.creation, s.cost_micros, s.balance_micros, s.request);
  }
  friend bool operator==(const creation_verdict&, const creation_verdict&) = default;
};

/// Subspace → User Buddies, MetaSpace, AiPP: the creations that are live from now on. Inside a process the
/// snapshot itself is shared; on the wire it is its rows (see codec.hpp).
struct catalogue_news {
  static constexpr std::uint16_t type = 8;
  std::shared_ptr<const catalogue_version> snapshot; ///< never null
  std::vector<creation_id> fresh;                  ///< ids that were not live in the version before
};

// -- slates ------------------------------------------------------------------------------------------------

/// A person (through the host) → User Buddy: show me at most `slots` creations.
struct slate_request {
  static constexpr std::uint16_t type = 9;
  user_id user{};
  std::uint64_t request = 0; ///< comes back with the slate
  std::uint32_t slots = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request, s.slots); }
  friend bool operator==(const slate_request&, const slate_request&) = default;
};

/// User Buddy → MetaSpace: what it would show, best first; may hold more than `slots` so that caps can bite.
struct slate_proposal {
  static constexpr std::uint16_t type = 10;
  user_id user{};
  std::uint64_t round = 0;   ///< the user's own count of slates, from 1
  occasion why = occasion::round;
  std::uint64_t request = 0; ///< of the slate_request, when there was one
  std::uint32_t slots = 0;   ///< N
  per_slot<candidate> candidates;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.slots, s.candidates);
  }
  friend bool operator==(const slate_proposal&, const slate_proposal&) = default;
};

/// MetaSpace → AiPP: the impressions that the user gets, in slot order. Empty with `code` set when the
/// whole proposal was refused. Refused candidates are counted at MetaSpace by name.
struct slate_granted {
  static constexpr std::uint16_t type = 11;
  user_id user{};
  std::uint64_t round = 0;
  occasion why = occasion::round;
  std::uint64_t request = 0;
  errc code = errc::ok;
  per_slot<impression> impressions;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.code, s.impressions);
  }
  friend bool operator==(const slate_granted&, const slate_granted&) = default;
};

/// MetaSpace → AiPP: the grants of the proposals that were waiting together, in the order of the proposals.
struct slates_granted {
  static constexpr std::uint16_t type = 33;
  std::vector<slate_granted> slates;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.slates); }
  friend bool operator==(const slates_granted&, const slates_granted&) = default;
};

/// One creation as a person sees it.
struct shown {
  impression_id impression{};
  creation_id creation = no_creation;
  goal_id goal{};
  std::uint64_t content = 0;
  ammo::propensity propensity{}; ///< of its impression
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.impression, s.creation, s.goal, s.content, s.propensity.value, s.propensity.source);
  }
  friend bool operator==(const shown&, const shown&) = default;
};

/// AiPP → the person (through the host): a slate that was asked for, or a push.
struct slate_delivery {
  static constexpr std::uint16_t type = 12;
  user_id user{};
  std::uint64_t round = 0;
  occasion why = occasion::request;
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::vector<shown> slate;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.code, s.slate);
  }
  friend bool operator==(const slate_delivery&, const slate_delivery&) = default;
};

// -- feedback ----------------------------------------------------------------------------------------------

/// The person (through the host) → AiPP: what they did with an impression, as a reward in [-1, 1].
struct feedback {
  static constexpr std::uint16_t type = 13;
  user_id user{};
  impression_id impression{};
  double value = 0;
  std::uint64_t request = 0; ///< comes back with the answer; 0 when nobody waits
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.impression, s.value, s.request); }
  friend bool operator==(const feedback&, const feedback&) = default;
};

/// The person (through the host) → AiPP: what they did with an impression, which the subspace's AiPP turns into a reward.
struct graded_feedback {
  static constexpr std::uint16_t type = 46;
  user_id user{};
  impression_id impression{};
  signal what = signal::view;
  std::uint64_t request = 0; ///< comes back with the answer; 0 when nobody waits
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.impression, s.what, s.request); }
  friend bool operator==(const graded_feedback&, const graded_feedback&) = default;
};

/// AiPP → whoever gave feedback: taken, or refused by name.
struct feedback_verdict {
  static constexpr std::uint16_t type = 14;
  std::uint64_t request = 0;
  errc code = errc::ok;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.code); }
  friend bool operator==(const feedback_verdict&, const feedback_verdict&) = default;
};

/// What one shown creation earned.
struct earned {
  creation_id creation = no_creation;
  float reward = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.reward); }
  friend bool operator==(const earned&, const earned&) = default;
};

/// AiPP → User Buddy: rewards for creations of that round's slate, to learn from.
struct reward {
  static constexpr std::uint16_t type = 15;
  user_id user{};
  std::uint64_t round = 0;
  per_slot<earned> entries;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.round, s.entries); }
  friend bool operator==(const reward&, const reward&) = default;
};

/// The person (through the host) → AiPP: they prefer one impression to another. Both have had their feedback then.
struct stated_preference {
  static constexpr std::uint16_t type = 34;
  user_id user{};
  impression_id better{}, worse{};
  std::uint64_t request = 0; ///< comes back with the verdict; 0 when nobody waits
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.better, s.worse, s.request); }
  friend bool operator==(const stated_preference&, const stated_preference&) = default;
};
/// AiPP → User Buddy: what the person preferred to what, to learn from.
struct comparison {
  static constexpr std::uint16_t type = 35;
  user_id user{};
  creation_id better = no_creation, worse = no_creation;
  std::uint64_t better_round = 0, worse_round = 0; ///< whose slates they were in
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.better, s.worse, s.better_round, s.worse_round);
  }
  friend bool operator==(const comparison&, const comparison&) = default;
};

// -- regret feedback ---------------------------------------------------------------------------------------

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

/// AiPP shard → its MetaSpace shard, once a period: what its people did and what they missed.
/// `stated` and `slate` sum the true regret over rounds (simulation only; zero rounds known otherwise).
struct regret_report {
  static constexpr std::uint16_t type = 16;
  std::uint64_t period = 0;
  std::uint32_t shard = 0;
  std::uint64_t rounds = 0;       ///< slates shown in the period
  std::uint64_t rounds_known = 0; ///< of those, with a known true q
  fixed_sum stated, slate;
  std::vector<exposure> exposures; ///< by creation id, ascending
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.rounds, s.rounds_known, s.stated, s.slate, s.exposures);
  }
  friend bool operator==(const regret_report&, const regret_report&) = default;
};

/// MetaSpace shard → Subspace, once a period: that subspace's share of the report, with what was refused.
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
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.rounds, s.rounds_known, s.stated, s.slate, s.slots_offered, s.slots_granted, s.exposures);
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

/// Subspace → its User Buddies and Goal Buddies: the regret broadcast.
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
/// Subspace → MetaSpace shards, after each period where slots are sold: the terms of all its Goal Buddies.
struct slot_terms {
  static constexpr std::uint16_t type = 40;
  subspace_id subspace{};
  std::uint64_t period = 0;
  std::vector<goal_terms> goals; ///< by goal id, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period, s.goals); }
  friend bool operator==(const slot_terms&, const slot_terms&) = default;
};

// -- the clock of a simulation -----------------------------------------------------------------------------

/// Clock → MetaSpace and AiPP shards → User Buddies: play `rounds` rounds, then stop.
struct clock_tick {
  static constexpr std::uint16_t type = 19;
  std::uint64_t period = 0;
  std::uint32_t rounds = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period, s.rounds); }
  friend bool operator==(const clock_tick&, const clock_tick&) = default;
};

/// AiPP shard → Clock: all its people have had their rounds. `slate`, `stated`: the period's regret by round.
struct period_played {
  static constexpr std::uint16_t type = 20;
  std::uint64_t period = 0;
  std::uint32_t shard = 0;
  std::vector<fixed_sum> stated, slate; ///< one entry a round, summed over the shard's people
  std::uint64_t hits = 0;               ///< slates with a held-out choice in them, of the slates below
  std::uint64_t hit_slates = 0;         ///< slates of people with held-out choices
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.stated, s.slate, s.hits, s.hit_slates);
  }
  friend bool operator==(const period_played&, const period_played&) = default;
};

/// Clock → Subspace: publish what is live as the next period; and the answer, once it is broadcast.
struct period_open {
  static constexpr std::uint16_t type = 21;
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period); }
  friend bool operator==(const period_open&, const period_open&) = default;
};
struct period_opened {
  static constexpr std::uint16_t type = 22;
  subspace_id subspace{};
  std::uint64_t period = 0;
  std::uint64_t live = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period, s.live); }
  friend bool operator==(const period_opened&, const period_opened&) = default;
};

/// Clock → MetaSpace shards: the period is over, send the regret feedback on its way.
struct period_close {
  static constexpr std::uint16_t type = 23;
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period); }
  friend bool operator==(const period_close&, const period_close&) = default;
};
/// Subspace → Clock: the regret is broadcast and every Goal Buddy has answered.
struct period_closed {
  static constexpr std::uint16_t type = 24;
  subspace_id subspace{};
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period); }
  friend bool operator==(const period_closed&, const period_closed&) = default;
};

// -- what operators see ------------------------------------------------------------------------------------

/// One counter of refusals.
struct refusals {
  errc code = errc::ok;
  std::uint64_t count = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.code, s.count); }
  friend bool operator==(const refusals&, const refusals&) = default;
};

/// Anyone → any actor of AMMO: say what you have counted. Answered with `statistics`.
struct statistics_request {
  static constexpr std::uint16_t type = 25;
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request); }
  friend bool operator==(const statistics_request&, const statistics_request&) = default;
};

/// An actor's counters since it started. Sums of them over actors are meaningful.
struct statistics {
  static constexpr std::uint16_t type = 26;
  std::uint64_t request = 0;
  std::uint64_t slots_granted = 0;
  std::uint64_t slates = 0;
  std::uint64_t feedback = 0; ///< rewards accepted
  std::uint64_t creations = 0;///< live now
  std::int64_t budget_granted_micros = 0;
  std::int64_t budget_spent_micros = 0;
  std::uint64_t broadcast_turn_ns_max = 0; ///< longest processor time that a broadcast held a thread for
  std::vector<refusals> refused;           ///< by code, ascending
  std::uint64_t users = 0, goals = 0;      ///< buddies at work
  std::uint64_t restarted = 0;             ///< buddies that failed and were started again
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.request, s.slots_granted, s.slates, s.feedback, s.creations, s.budget_granted_micros,
                    s.budget_spent_micros, s.broadcast_turn_ns_max, s.refused, s.users, s.goals, s.restarted);
  }
  friend bool operator==(const statistics&, const statistics&) = default;
};

/// Host → User Buddy: what does it believe; and the answer.
struct belief_request {
  static constexpr std::uint16_t type = 27;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const belief_request&, const belief_request&) = default;
};
struct belief {
  static constexpr std::uint16_t type = 28;
  user_id user{};
  std::uint64_t request = 0;
  std::uint64_t rounds = 0;       ///< slates so far
  std::uint64_t observations = 0; ///< rewards learned from
  double believed_regret = 0;     ///< slate regret of the last slate under the posterior mean
  double regret_bound = 0;        ///< the worst slate regret of it that the buddy can't rule out (95 %)
  embedding mean;                 ///< posterior mean of q, all D coordinates
  double group_regret = 0;        ///< mean slate regret a round of everyone, as last broadcast
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.request, s.rounds, s.observations, s.believed_regret, s.regret_bound, s.mean, s.group_regret);
  }
  friend bool operator==(const belief&, const belief&) = default;
};

// -- cold start and intent ---------------------------------------------------------------------------------

/// q ~ N(mean, covariance) in the coordinates of one factor of the layout.
struct gaussian_prior {
  std::vector<double> mean;       ///< d
  std::vector<double> covariance; ///< d(d+1)/2: symmetric, by rows from the diagonal on; positive definite
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mean, s.covariance); }
  friend bool operator==(const gaussian_prior&, const gaussian_prior&) = default;
};

/// Population → User Buddy → the next one → … → Population: a masked sum on its way around a ring (ring_sum.hpp). Each
/// adds its person's moments under `priors`.
struct prior_sum {
  static constexpr std::uint16_t type = 36;
  std::uint64_t pass = 0;
  std::uint32_t ring = 0;
  std::vector<gaussian_prior> priors; ///< by factor
  std::vector<std::uint64_t> sums;    ///< fixed-point, modulo 2^64
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.ring, s.priors, s.sums); }
  friend bool operator==(const prior_sum&, const prior_sum&) = default;
};

/// Population → Supervisor: what new users are believed to be like from now on.
struct prior_news {
  static constexpr std::uint16_t type = 37;
  std::uint64_t pass = 0;
  std::uint64_t people = 0;           ///< heard in this pass
  std::vector<gaussian_prior> priors; ///< by factor
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.people, s.priors); }
  friend bool operator==(const prior_news&, const prior_news&) = default;
};

/// A direction in one subspace that somebody is interested in. User Buddy → Subspace → Goal Buddies, without who.
struct interest_notice {
  static constexpr std::uint16_t type = 39;
  subspace_id subspace{};
  embedding v; ///< block-relative, of any length > 0
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.v); }
  friend bool operator==(const interest_notice&, const interest_notice&) = default;
};

/// The person (through the host) → User Buddy: what they are interested in. Answered with `feedback_verdict`; all of it
/// is taken, or none.
struct interest_statement {
  static constexpr std::uint16_t type = 38;
  user_id user{};
  std::uint64_t request = 0;
  double confidence = 0; ///< expected cosine between what is stated and q, in (0, 0.99]
  std::vector<interest_notice> stated;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request, s.confidence, s.stated); }
  friend bool operator==(const interest_statement&, const interest_statement&) = default;
};

// -- push ---------------------------------------------------------------------------------------------------

/// User Buddy → its MetaSpace shard, on the same node: what a new creation must be worth to enter this user's slate. While
/// the posterior mean is within `slack` of `anchor` and all of `slate` is live, a creation e of subspace s can enter only
/// where e·anchor + |e|·slack ≥ thresholds[s]. Replaces the one before.
struct watch {
  static constexpr std::uint16_t type = 43;
  user_id user{};
  embedding anchor;                  ///< posterior mean, all D coordinates
  float slack = 0;
  std::vector<float> thresholds;     ///< by subspace
  std::vector<std::uint64_t> versions; ///< by subspace: of the catalogue that this speaks of; 0: none seen
  std::vector<creation_id> slate;    ///< the creations that hold the thresholds up
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.anchor, s.slack, s.thresholds, s.versions, s.slate);
  }
  friend bool operator==(const watch&, const watch&) = default;
};

/// MetaSpace shard → User Buddy: these new creations may enter your slate; look for yourself.
struct wake {
  static constexpr std::uint16_t type = 44;
  subspace_id subspace{};
  std::uint64_t version = 0;           ///< of the catalogue that has them; its news may come later than this
  std::vector<creation_id> fresh;
  std::vector<creation_id> replaced; ///< by place in `fresh`: the creation that was moved there; `no_creation`: none
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.version, s.fresh, s.replaced); }
  friend bool operator==(const wake&, const wake&) = default;
};

// -- writing ------------------------------------------------------------------------------------------------

/// Host → Supervisor → Goal Buddy (`facts`, `grounded`, `nearby`: left to it) and Goal Buddy → generator, which is no
/// actor: write this. Answered with `written_news`. In a generator's own process it is a frame (docs/generators.md).
struct writing_request {
  static constexpr std::uint16_t type = 48;
  goal_id goal{};
  std::uint64_t request = 0;
  trigger why = trigger::query;
  writing_order order = writing_order::draft;
  std::string text;        ///< words of what is wanted; may be empty where there is a direction
  embedding direction;     ///< where it is to lie, block-relative; may be empty
  std::vector<fact> facts; ///< K: what may be said
  embedding grounded;      ///< where the facts lie
  writing_style style{};
  std::uint64_t seed = 0;
  std::vector<neighbour> nearby; ///< K: what else is offered close by, nearest first
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.why, s.order, s.text, s.direction, s.facts, s.grounded, s.style, s.seed, s.nearby);
  }
  friend bool operator==(const writing_request&, const writing_request&) = default;
};

/// Generator → Goal Buddy → Host: what was written, and where it lies; or why nothing was. What it costs and the creation's
/// id come from the Goal Buddy.
struct written_news {
  static constexpr std::uint16_t type = 47;
  goal_id goal{};
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::string detail;
  written_creation text;
  embedding e; ///< block-relative; a generator's own is taken only where the subspace doesn't understand texts
  creation_id creation = no_creation;
  std::int64_t cost_micros = 0, balance_micros = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.code, s.detail, s.text, s.e, s.creation, s.cost_micros, s.balance_micros);
  }
  friend bool operator==(const written_news&, const written_news&) = default;
};

/// Goal Buddy → Subspace: what do others offer close to a place? And the answer.
struct nearby_request {
  static constexpr std::uint16_t type = 53;
  goal_id goal{};            ///< who asks
  std::uint64_t request = 0; ///< comes back with the answer
  embedding place;           ///< block-relative
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.request, s.place); }
  friend bool operator==(const nearby_request&, const nearby_request&) = default;
};
struct nearby_creations {
  static constexpr std::uint16_t type = 54;
  std::uint64_t request = 0;
  std::vector<neighbour> nearby; ///< nearest first
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.nearby); }
  friend bool operator==(const nearby_creations&, const nearby_creations&) = default;
};

// -- evolution -----------------------------------------------------------------------------------------------

/// A hyper-parameter and its value.
struct gene_value {
  gene which = gene::noise;
  double value = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.which, s.value); }
  friend bool operator==(const gene_value&, const gene_value&) = default;
};

/// Hyper-parameters that many buddies of one kind play under.
struct strain {
  std::uint64_t lineage = 0;
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{}; ///< of Goal Buddies
  std::vector<gene_value> genes;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.lineage, s.kind, s.subspace, s.genes); }
  friend bool operator==(const strain&, const strain&) = default;
};

/// Evolution → MetaSpace → User Buddies; → Subspaces → Goal Buddies; → AiPP; → Clock, which asked for it: the strains from
/// now on. Who plays which follows from its id and the generation (`dealt_to`). The sender is told how they do.
struct strain_news {
  static constexpr std::uint16_t type = 49;
  std::uint64_t generation = 0;
  std::vector<strain> strains; ///< by kind and subspace, each in its place
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.generation, s.strains); }
  friend bool operator==(const strain_news&, const strain_news&) = default;
};

/// How the agents of one strain did in a period. A Goal Buddy has one round of one impression a period, and its utility for
/// reward.
struct strain_tally {
  std::uint64_t agents = 0;      ///< that had a round
  std::uint64_t judged = 0;      ///< of those, whose own past is known
  std::uint64_t rounds = 0;
  std::uint64_t impressions = 0; ///< with a reward
  std::uint64_t satisfied = 0;   ///< of those, with a reward above 0
  std::uint64_t firsts = 0;      ///< first slots of a slate with a reward
  std::uint64_t accurate = 0;    ///< of those, with no less than their user gives on average
  fixed_sum reward;
  fixed_sum gain;                ///< Σ over the judged agents: what each scored beyond its own past
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.agents, s.judged, s.rounds, s.impressions, s.satisfied, s.firsts, s.accurate, s.reward, s.gain);
  }
  friend bool operator==(const strain_tally&, const strain_tally&) = default;
};

/// AiPP shard, Subspace → Evolution, once a period: how each strain did.
struct strain_report {
  static constexpr std::uint16_t type = 50;
  std::uint64_t period = 0;
  std::uint64_t generation = 0;
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{};            ///< of Goal Buddies
  std::uint32_t shard = 0;           ///< of User Buddies
  std::vector<strain_tally> strains; ///< by place
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.generation, s.kind, s.subspace, s.shard, s.strains);
  }
  friend bool operator==(const strain_report&, const strain_report&) = default;
};

/// Clock, host → Evolution: what has evolved; and the answer.
struct evolution_request {
  static constexpr std::uint16_t type = 51;
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request); }
  friend bool operator==(const evolution_request&, const evolution_request&) = default;
};

/// A generation of one kind of buddy, as it was when it ended.
struct generation_record {
  std::uint64_t generation = 0;   ///< from 1
  double welfare = 0;             ///< mean reward of a round; of Goal Buddies the mean utility
  double satisfaction = 0;        ///< share of impressions with a reward above 0
  double accuracy = 0;            ///< share of first slots with no less than their user gives on average
  double diversity = 0;           ///< of the generation that followed
  std::uint64_t replaced = 0;     ///< strains that gave way
  std::uint64_t newcomers = 0;    ///< of the new ones, drawn afresh for diversity's sake
  bool complete = false;          ///< everyone who should have reported had
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.generation, s.welfare, s.satisfaction, s.accuracy, s.diversity, s.replaced, s.newcomers, s.complete);
  }
  friend bool operator==(const generation_record&, const generation_record&) = default;
};

/// Where a strain came from: whose place it took, and of whom it is a copy; 0: of nobody.
struct ancestry {
  std::uint64_t lineage = 0, predecessor = 0, parent = 0;
  std::uint64_t born = 0; ///< after which generation
  std::vector<double> genes;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.lineage, s.predecessor, s.parent, s.born, s.genes);
  }
  friend bool operator==(const ancestry&, const ancestry&) = default;
};

/// A strain that plays now: how it does, the better the higher; nothing before it was judged.
struct strain_standing {
  std::uint64_t lineage = 0;
  bool judged = false;
  double score = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.lineage, s.judged, s.score); }
  friend bool operator==(const strain_standing&, const strain_standing&) = default;
};

/// One kind of buddy, as it has evolved.
struct evolved_kind {
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{}; ///< of Goal Buddies
  std::vector<gene> genes;
  std::uint64_t best = 0; ///< lineage of the strain that did best of late
  std::vector<double> best_genes;
  std::vector<generation_record> generations;
  std::vector<ancestry> lineage; ///< oldest first
  std::vector<strain_standing> strains; ///< each of them is in `lineage`
  double diversity = 0;                 ///< of these
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.kind, s.subspace, s.genes, s.best, s.best_genes, s.generations, s.lineage, s.strains, s.diversity);
  }
  friend bool operator==(const evolved_kind&, const evolved_kind&) = default;
};
struct evolution_report {
  static constexpr std::uint16_t type = 52;
  std::uint64_t request = 0;
  std::uint64_t generation = 0; ///< how many have ended
  std::vector<evolved_kind> kinds;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.generation, s.kinds); }
  friend bool operator==(const evolution_report&, const evolution_report&) = default;
};

/// All messages, for whoever has to know every one (codec, registration, tests).
template <class... Ts> struct type_list {};
using all_messages =
  type_list<join, join_goal, leave, creation_offer, creation_withdrawal, creation_pass, creation_verdict, catalogue_news,
            slate_request, slate_proposal, slate_granted, slate_delivery, feedback, feedback_verdict, reward, regret_report,
            attention_report, regret_feedback, clock_tick, period_played, period_open, period_opened, period_close, period_closed,
            statistics_request, statistics, belief_request, belief, admit_user,
            dismiss_user, admit_goal, admission, slates_granted, stated_preference, comparison, prior_sum, prior_news,
            interest_statement, interest_notice, slot_terms, watch, wake, graded_feedback, written_news,
            writing_request, strain_news, strain_report, evolution_request, evolution_report, nearby_request, nearby_creations>;

} // namespace ammo
