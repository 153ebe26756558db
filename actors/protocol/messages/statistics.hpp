/// What operators see: counters of actors, beliefs of User Buddies.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// One counter of refusals.
struct refusals {
  errc code = errc::ok;
  std::uint64_t count = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.code, s.count); }
  friend bool operator==(const refusals&, const refusals&) = default;
};

/// An actor is to say what it has counted. Answered with `statistics`.
struct statistics_request {
  static constexpr std::uint16_t type = 25;
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request); }
  friend bool operator==(const statistics_request&, const statistics_request&) = default;
};

/// What a group of people was shown and what they said to it, by arm: slates of the policy, and slates of control, drawn at random.
struct compared_arms {
  std::uint64_t policy_impressions = 0, control_impressions = 0;
  double policy_reward = 0, control_reward = 0; ///< sums
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.policy_impressions, s.control_impressions, s.policy_reward, s.control_reward);
  }
  friend bool operator==(const compared_arms&, const compared_arms&) = default;
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
  std::vector<compared_arms> compared;     ///< by group of people; empty: nothing is compared
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.request, s.slots_granted, s.slates, s.feedback, s.creations, s.budget_granted_micros,
                    s.budget_spent_micros, s.broadcast_turn_ns_max, s.refused, s.users, s.goals, s.restarted, s.compared);
  }
  friend bool operator==(const statistics&, const statistics&) = default;
};

/// A host asks what a User Buddy believes. Answered with `belief`.
struct belief_request {
  static constexpr std::uint16_t type = 27;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const belief_request&, const belief_request&) = default;
};

/// What a User Buddy has found out of the rewards of one factor of q; nothing of it was told.
struct reward_finding {
  std::string kind;              ///< "two_valued", "linear", "heavy"; empty: the learner measures nothing
  double offset = 0, noise = 0;  ///< see `reward_facts`
  std::uint64_t restarts = 0;
  std::vector<float> looks;
  double apart = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.kind, s.offset, s.noise, s.restarts, s.looks, s.apart); }
  friend bool operator==(const reward_finding&, const reward_finding&) = default;
};

/// What a User Buddy believes of its user's taste and of its own regret.
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
  std::vector<reward_finding> rewards{}; ///< by factor
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.request, s.rounds, s.observations, s.believed_regret, s.regret_bound, s.mean, s.group_regret, s.rewards);
  }
  friend bool operator==(const belief&, const belief&) = default;
};

} // namespace ammo
