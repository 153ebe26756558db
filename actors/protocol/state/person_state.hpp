/// What is believed of a person whatever their rewards look like (`people_belief`), as values.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// A `ridge_posterior`, or a `root_posterior`.
struct posterior_state {
  std::uint32_t dim = 0;
  std::uint32_t sweeps = 0; ///< so far: they say how the next one rounds
  real_block triangle;      ///< [R y] by rows, d(d+1)/2 + d reals
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.dim, s.sweeps, s.triangle); }
  friend bool operator==(const posterior_state&, const posterior_state&) = default;
};

/// How well a round was foreseen.
struct foresight_state {
  float volume = 0, misfit = 0, count = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.volume, s.misfit, s.count); }
  friend bool operator==(const foresight_state&, const foresight_state&) = default;
};

/// A `strand`.
struct strand_state {
  std::uint32_t situation = 0; ///< in which it speaks; 0: the shared one
  posterior_state belief;
  std::uint8_t kind = 0; ///< a `reward_kind`
  double lambda = 1, base_precision = 1, base = 0, observed = 0, squares = 0, retune_at = 0, wild = 1;
  std::uint32_t rounds = 0, restarts = 0;
  std::vector<foresight_state> foreseen;
  std::vector<float> centre{}; ///< prior mean of the slopes; empty: 0
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.situation, s.belief, s.kind, s.lambda, s.base_precision, s.base, s.observed, s.squares, s.retune_at, s.wild,
                    s.rounds, s.restarts, s.foreseen, s.centre);
  }
  friend bool operator==(const strand_state&, const strand_state&) = default;
};

/// What was believed at one moment.
struct moment_state {
  std::vector<strand_state> strands; ///< the shared one, then by situation
  double split = 0;
  std::uint64_t learned = 0; ///< of the rounds that are kept, how many it has learned
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.strands, s.split, s.learned); }
  friend bool operator==(const moment_state&, const moment_state&) = default;
};

/// A reward of a shown creation, or a preference for one before another.
struct outcome_state {
  creation_id creation = no_creation, than = no_creation;
  double reward = 0;
  std::uint32_t slot = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.than, s.reward, s.slot); }
  friend bool operator==(const outcome_state&, const outcome_state&) = default;
};

/// A round that may have to be learned again.
struct person_round_state {
  std::uint64_t round = 0;
  std::uint32_t situation = 0;
  std::vector<outcome_state> outcomes;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.round, s.situation, s.outcomes); }
  friend bool operator==(const person_round_state&, const person_round_state&) = default;
};

/// `reward_counts`.
struct reward_counts_state {
  std::uint64_t rewards = 0, positive = 0, negative = 0;
  std::int64_t exponents = 0;
  std::uint64_t squared_exponents = 0;
  double first = 0, second = 0;
  std::uint8_t different = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.rewards, s.positive, s.negative, s.exponents, s.squared_exponents, s.first, s.second, s.different);
  }
  friend bool operator==(const reward_counts_state&, const reward_counts_state&) = default;
};

/// A `common_belief`.
struct common_belief_state {
  std::vector<double> priors; ///< eight a kind of reward: mean and variance of ln λ, of the intercept; log₂ σ and its worth, level and its variance
  bool known = false;
  std::uint8_t kind = 0;
  std::int32_t second_sign = 1;
  double log_split_odds = 0;
  bool slots_known = false;
  std::vector<float> looks; ///< by slot
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.priors, s.known, s.kind, s.second_sign, s.log_split_odds, s.slots_known, s.looks);
  }
  friend bool operator==(const common_belief_state&, const common_belief_state&) = default;
};

/// A direction that a person says they like, and by how much.
struct heard_interest {
  std::vector<float> direction; ///< of a factor's width, length 1
  double confidence = 0;
  std::uint32_t situation = 0; ///< in which they do; 0: in all
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.direction, s.confidence, s.situation); }
  friend bool operator==(const heard_interest&, const heard_interest&) = default;
};

/// A `person_belief`.
struct person_belief_state {
  reward_counts_state counts;
  std::uint8_t kind = 0; ///< in use
  std::int32_t exponent = 0;
  double zero = 0, low = 0;
  bool scaled = false;
  std::vector<double> shown, seen, seen2; ///< by slot
  common_belief_state common;
  std::vector<float> looks;               ///< by slot: that are in use
  std::vector<moment_state> moments;      ///< before the window, in it, now
  std::uint8_t behind = 0;                ///< how far `now` has to go back: 0 not at all, 1 to the second moment, 2 to the first
  std::vector<person_round_state> rounds; ///< ascending
  std::vector<heard_interest> interests;
  std::vector<float> group{}; ///< what the group likes, as it was heard last
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.counts, s.kind, s.exponent, s.zero, s.low, s.scaled, s.shown, s.seen, s.seen2, s.common, s.looks, s.moments, s.behind,
                    s.rounds, s.interests, s.group);
  }
  friend bool operator==(const person_belief_state&, const person_belief_state&) = default;
};

} // namespace ammo
