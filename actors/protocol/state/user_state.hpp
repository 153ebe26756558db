/// What a User Buddy's mind and its parts hold, as values.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/protocol/state/aipp_state.hpp"
#include "actors/protocol/state/decision_state.hpp"
#include "actors/protocol/state/key_state.hpp"
#include "actors/protocol/state/person_state.hpp"
#include "actors/space/content_set.hpp"
#include "actors/space/embedding_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace ammo {

// -- what is believed --------------------------------------------------------------------------------------

/// A hypothesis of a `drifting_posterior`.
struct run_state {
  std::uint64_t start = 0;
  double log_weight = 0;
  posterior_state posterior;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.start, s.log_weight, s.posterior); }
  friend bool operator==(const run_state&, const run_state&) = default;
};

/// A `drifting_posterior`, but for what its runs begin with.
struct drifting_state {
  std::vector<run_state> runs; ///< oldest first
  std::uint64_t believed = 0;  ///< which of them
  std::uint64_t rounds = 0, restarts = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.runs, s.believed, s.rounds, s.restarts); }
  friend bool operator==(const drifting_state&, const drifting_state&) = default;
};

/// What is believed of all factors at one moment; of the two lists one is empty.
struct factors_state {
  std::vector<posterior_state> posteriors;
  std::vector<drifting_state> drifting;
  std::uint64_t discounted_to = 0; ///< see `discounted_posteriors`
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.posteriors, s.drifting, s.discounted_to); }
  friend bool operator==(const factors_state&, const factors_state&) = default;
};

/// One creation's reward, or one preference between two.
struct observation {
  creation_id creation = no_creation;
  creation_id than = no_creation; ///< compared with that one; `no_creation`: a reward
  double value = 0;               ///< reward; of a comparison: 1 where `creation` is preferred, 0 where `than` is
  std::uint32_t slot = 0;         ///< in which it was shown, from 0
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.than, s.value, s.slot); }
  friend bool operator==(const observation&, const observation&) = default;
};

/// A round's observations, by factor and creation.
struct kept_round {
  std::uint64_t round = 0;
  std::vector<observation> all;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.round, s.all); }
  friend bool operator==(const kept_round&, const kept_round&) = default;
};

/// A `belief_model`. Where its options say what it is, only the fields that it needs are filled.
struct belief_state {
  factors_state now;
  std::vector<factors_state> base; ///< before the rounds that are kept; one, or none
  std::vector<kept_round> rounds;  ///< ascending
  std::vector<consensus> heard;    ///< by factor, once any was heard
  std::vector<person_belief_state> people; ///< by factor, of a `people_belief`
  std::uint32_t situation = 0;             ///< that was asked for last
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.now, s.base, s.rounds, s.heard, s.people, s.situation);
  }
  friend bool operator==(const belief_state&, const belief_state&) = default;
};

// -- how slates are chosen ---------------------------------------------------------------------------------

/// A slate of `slate_memory`.
struct remembered_slate {
  std::uint64_t round = 0;
  std::uint32_t slots = 0;                ///< N
  std::vector<creation_id> creations;     ///< spares included, best first
  std::vector<std::uint32_t> learned;     ///< places of those whose feedback was learned, ascending
  bool shuffled = false;                  ///< its slots are in random order
  std::uint32_t situation = 0;            ///< it was asked for in this one; 0: none in particular
  std::vector<float> scores;              ///< of each creation: what the policy ranked it by
  bool by_chance = false;                 ///< its creations were drawn at random
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.round, s.slots, s.creations, s.learned, s.shuffled, s.situation, s.scores, s.by_chance);
  }
  friend bool operator==(const remembered_slate&, const remembered_slate&) = default;
};

/// A creation that awaits its feedback in `ftrl_memory`.
struct awaited_marginal {
  std::uint64_t round = 0;
  creation_id creation = no_creation;
  double marginal = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.round, s.creation, s.marginal); }
  friend bool operator==(const awaited_marginal&, const awaited_marginal&) = default;
};

/// An `ftrl_memory`.
struct ftrl_state {
  std::vector<creation_id> arms; ///< by subspace and row
  std::vector<double> losses, marginals;
  double level = 0;
  std::uint64_t rounds = 0;
  std::vector<awaited_marginal> awaited; ///< oldest first
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.arms, s.losses, s.marginals, s.level, s.rounds, s.awaited);
  }
  friend bool operator==(const ftrl_state&, const ftrl_state&) = default;
};

/// What a policy remembers of one user. Only the field of the policy that plays is filled.
struct policy_state {
  std::vector<ftrl_state> ftrl; ///< one, or none
  std::vector<std::byte> host; ///< bytes that only the host's policy can read
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.ftrl, s.host); }
  friend bool operator==(const policy_state&, const policy_state&) = default;
};

// -- the mind ----------------------------------------------------------------------------------------------

/// The hyper-parameters that a strain gave.
struct exploration_state {
  double noise = 0, epsilon = 0, optimism = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.noise, s.epsilon, s.optimism); }
  friend bool operator==(const exploration_state&, const exploration_state&) = default;
};

/// A showing of `showing_log`.
struct showing_state {
  creation_id place = no_creation; ///< subspace and row; the generation is 0
  goal_id goal{};
  std::uint64_t round = 0;
  std::int64_t at_s = 0; ///< seconds since 1970
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.place, s.goal, s.round, s.at_s); }
  friend bool operator==(const showing_state&, const showing_state&) = default;
};
struct showing_log_state {
  std::vector<showing_state> shown; ///< oldest first
  std::uint64_t keep_s = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.shown, s.keep_s); }
  friend bool operator==(const showing_log_state&, const showing_log_state&) = default;
};

/// What the host said with the last ask.
struct last_ask_state {
  content_set only{}, except{};
  std::vector<creation_id> over{}; ///< that had been shown as often as was allowed, ascending
  std::uint32_t at_most = 0;
  std::uint64_t within_s = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.only, s.except, s.over, s.at_most, s.within_s); }
  friend bool operator==(const last_ask_state&, const last_ask_state&) = default;
};

struct user_mind_state {
  static constexpr std::uint16_t kind = 1;
  user_id user{};
  std::uint64_t rounds = 0, observations = 0;
  std::optional<exploration_state> explores; ///< where a strain says so
  std::vector<posterior_state> prior;        ///< by factor: what it began with; empty: the flat prior
  belief_state belief;
  std::vector<std::shared_ptr<const catalogue_version>> catalogues; ///< the newest seen, by subspace; none is null
  /// Creations that are no longer live and still referred to, ascending; none is null. A snapshot of many users has each
  /// once.
  std::vector<std::shared_ptr<const held_embedding>> gone;
  std::vector<remembered_slate> slates;                             ///< oldest first
  policy_state policy;
  double heard_regret = 0; ///< of the last regret broadcast, a round
  std::optional<last_ask_state> asked;      ///< where anything was ruled out
  std::optional<showing_log_state> showings; ///< once an ask had a limit of them
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.rounds, s.observations, s.explores, s.prior, s.belief, s.catalogues, s.gone, s.slates, s.policy,
                    s.heard_regret, s.asked, s.showings);
  }
};

/// A `push_book`. No time of a process's clock is in it.
struct push_book_state {
  static constexpr std::uint16_t kind = 9;
  std::optional<watch> watched; ///< as registered last
  std::vector<wake> early;      ///< whose catalogues haven't come yet
  std::uint32_t pushes = 0;     ///< proposed in this interval
  std::optional<std::uint64_t> age_ns; ///< how long ago the interval began; nothing: none was ever proposed
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.watched, s.early, s.pushes, s.age_ns); }
};

/// All that a User Buddy holds.
struct user_buddy_saved {
  user_mind_state mind;
  std::optional<push_book_state> push; ///< where pushes are proposed
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mind, s.push); }
};

/// The users of a shard in one snapshot: what they share is in it once. `places`: of each user's last frame that is in it.
struct user_shard_state {
  static constexpr std::uint16_t kind = 10;
  std::vector<user_buddy_saved> users; ///< ascending
  std::vector<std::uint64_t> places;
  std::optional<aipp_mind_state> aipp; ///< of the same users, without catalogues
  std::uint64_t aipp_place = 0;
  std::uint64_t asleep = 0; ///< users of the shard that aren't in it: each is a row of the store
  std::vector<std::int64_t> used{}; ///< when somebody last wanted something of each user, in seconds since 1970; empty: that isn't known
  std::vector<key_frame> answers{};   ///< under the keys that were used last, oldest first
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.users, s.places, s.aipp, s.aipp_place, s.asleep, s.used, s.answers); }
};

/// A sleeper: what leaves memory with its User Buddy. `place`: of the User Buddy's last frame that is in it.
struct sleeper_state {
  static constexpr std::uint16_t kind = 18;
  user_mind_state mind;
  std::optional<awaiting_user_state> open; ///< what AiPP has of its impressions, open and answered
  std::uint64_t place = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mind, s.open, s.place); }
};

/// The log's word that a user is asleep from here on: the row is in the store.
struct slept_frame {
  static constexpr std::uint16_t kind = 19;
  user_id user{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user); }
};

/// A slate that a User Buddy has proposed, as its log has it.
struct slate_frame {
  static constexpr std::uint16_t kind = 11;
  slate_proposal proposed;
  std::uint32_t situation = 0;
  policy_state remembered; ///< what the policy remembers afterwards; empty where it remembers nothing
  std::vector<std::shared_ptr<const held_embedding>> named; ///< creations that the unit's log names for the first time
  std::optional<showing_log_state> showings{}; ///< those that it adds, where they are limited
  std::optional<last_ask_state> asked{};       ///< where the host said something else than before
  std::optional<decision_context> context{};   ///< where decisions are logged
  bool by_chance = false;                      ///< its creations were drawn at random
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.proposed, s.situation, s.remembered, s.named, s.showings, s.asked, s.context, s.by_chance);
  }
};

} // namespace ammo
