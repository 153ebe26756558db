/// What people of a subspace have in common, as sums over them: pure numbers without a unit, exact integers, so in any order.
/// Lives here: the sums, what one person adds, what is said to everybody. May not live here: anybody's q, actors.
#pragma once

#include "bench/people/learner/reward_kind.hpp"
#include "bench/people/learner/strand.hpp"

#include <array>
#include <cstdint>

namespace ammo {

inline constexpr std::size_t most_positions = 16; ///< slots whose weights are told apart; lower ones count as the last
inline constexpr std::uint32_t least_people = 5;  ///< k: fewer say nothing

/// Fixed point of what is pooled: 2^-16.
inline constexpr double pooled_unit = 1.0 / 65536;

/// Of one person, or of many: `+=` adds people. Each person's share of every number is bounded.
struct pooled_sums {
  std::int64_t people = 0;
  std::array<std::int64_t, reward_kinds> votes{}; ///< people by what their rewards look like
  std::int64_t second_is_higher = 0;              ///< of the two-valued ones: ±1 each
  std::array<std::int64_t, reward_kinds> tuned{}; ///< people of a kind whose λ is learned
  std::array<std::int64_t, reward_kinds> log_lambda{}, log_lambda2{};
  std::int64_t bases = 0, base = 0, base2 = 0;    ///< two-valued: intercepts
  std::int64_t splits = 0, joins = 0;             ///< people whose q differs by situation, and doesn't
  std::array<std::int64_t, most_positions> shown{}, seen{}, seen2{}; ///< by slot: showings in random order, second moments

  pooled_sums& operator+=(const pooled_sums& other) noexcept;
  friend bool operator==(const pooled_sums&, const pooled_sums&) = default;
};

/// How likely a slot is looked at, beside the first one.
using look_weights = std::array<float, most_positions>;

/// What is believed of people in general.
struct common_belief {
  std::array<strand_prior, reward_kinds> priors;
  bool known = false; ///< by enough people; else all is the default
  reward_kind kind = reward_kind::two_valued;
  int second_sign = 1;
  double log_split_odds = 0; ///< that a person's q differs by situation
  look_weights looks;
  common_belief() { looks.fill(1); }
};

/// Of sums over people; the defaults where there are fewer than `least`.
[[nodiscard]] common_belief common_of(const pooled_sums& sums, std::uint32_t least = least_people);
/// Weights beyond three standard errors from 1; falling with the slot.
[[nodiscard]] look_weights looks_of(const pooled_sums& sums);

} // namespace ammo
