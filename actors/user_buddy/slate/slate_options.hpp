/// How a User Buddy chooses a slate: the options of this room, and their names.
#pragma once

#include "actors/base/result.hpp"
#include "actors/slots/arbitration.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

class slate_policy;

/// How a slate is chosen.
enum class user_policy : std::uint8_t { thompson,
                                        greedy,
                                        uniform,
                                        epsilon_greedy,
                                        c2ucb,
                                        sampled_ucb,
                                        ftrl,
                                        host };

/// Does it choose by what is believed of the user?
[[nodiscard]] constexpr bool goes_by_belief(user_policy p) noexcept {
  return p != user_policy::uniform && p != user_policy::ftrl && p != user_policy::host;
}

[[nodiscard]] std::string_view name_of(user_policy p) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_policy> user_policy_named(std::string_view name);

/// How far a policy strays from what is believed: what may change while a User Buddy plays.
struct exploration {
  double noise = 0.3;    ///< σ that samples and bounds are made with
  double epsilon = 0.05; ///< see `slate_options`
  double optimism = 3;   ///< see `slate_options`
};

/// How slates are chosen.
struct slate_options {
  user_policy policy = user_policy::sampled_ucb;
  bool exactly = false;                ///< fill all N slots, whatever creations are worth
  double empty_slot_worth = 0;         ///< where not `exactly`: expected reward below which a slot rather stays empty
  double empty_slate_retry = 0;        ///< share of the slates that would be empty which are filled all the same, in [0, 1]
  double epsilon = 0.05;               ///< ε-greedy: share of rounds that are uniform, in [0, 1]
  double optimism = 3;                 ///< C2UCB, sampled or not: α, standard deviations of e·q above its mean; ≥ 0
  double control_share = 0;            ///< of the slates that somebody asked for: drawn at random among what is eligible; in [0, 1]
  std::uint32_t spare_candidates = 0;  ///< candidates beyond N of each subspace, so that caps can bite
  std::uint32_t remembered_slates = 64;///< slates whose feedback is still awaited; older ones are forgotten
  std::uint64_t seed = 1;
  double diversity = 0;                ///< weight of log det of a slate's similarities against its values; ≥ 0, 0: off
  std::shared_ptr<const slate_policy> host{}; ///< required for `user_policy::host`, ignored for others
  slate_caps caps = {};                ///< that MetaSpace will apply: a proposal has what they allow
  std::vector<std::string> situations{}; ///< their words, from number 1 on: what a host's policy is told
  std::uint32_t propensity_draws = 0;  ///< Thompson, sampled_ucb: most redraws that tell how likely a slate was; 0: not told
};

} // namespace ammo
