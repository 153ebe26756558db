/// What is believed of people in general, of sums over them.
/// Lives here: what the sums say. May not live here: anybody's q, actors.
#pragma once

#include "actors/protocol/pooled.hpp"
#include "actors/user_buddy/person/reward_kind.hpp"
#include "actors/user_buddy/person/strand.hpp"

#include <array>
#include <cstdint>

namespace ammo {

inline constexpr std::int64_t most_people = std::int64_t{1} << 32;
inline constexpr double most_log_noise = 128; ///< of a person who is told of, either way
inline constexpr double most_level = 32'768;  ///< as well
inline constexpr std::uint32_t least_people = 5; ///< k: fewer say nothing

/// How likely a slot is looked at, beside the first one.
using look_weights = std::array<float, most_positions>;

/// What is believed of people in general.
struct common_belief {
  std::array<strand_prior, reward_kinds> priors;
  bool known = false; ///< by enough people; else all is the default
  reward_kind kind = reward_kind::two_valued;
  int second_sign = 1;
  double log_split_odds = 0; ///< that a person's q differs by situation
  bool slots_known = false;  ///< were enough slates in random order seen to tell what slots are worth?
  look_weights looks;
  common_belief() { looks.fill(1); }
};

/// Could they be sums over people? Each number within what its people could have added.
[[nodiscard]] bool are_over_people(const pooled_sums& sums) noexcept;
/// Of sums over people; the defaults where there are fewer than `least`.
[[nodiscard]] common_belief common_of(const pooled_sums& sums, std::uint32_t least = least_people);
/// Weights beyond three standard errors from 1; falling with the slot.
[[nodiscard]] look_weights looks_of(const pooled_sums& sums);

} // namespace ammo
