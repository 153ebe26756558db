/// What creators are rewarded for a user's attention, from how well each creation suits the user. Pure.
///
/// Rules by which more merit in a slate earns more (exposure) can leave creators circling: no best response is ever the
/// last. Backward rewards (Yao et al., "Rethinking incentives in recommender systems: are monotone rewards always
/// beneficial?", NeurIPS 2023, arXiv 2306.07893) make the creators' game a potential game, so best responses settle.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ammo {

/// What a Goal Buddy's attention is counted in.
enum class reward_rule : std::uint8_t {
  exposure, ///< impressions: P(e ∈ S)
  backward  ///< `backward_rewards` of each slate, one for each of its slots
};
[[nodiscard]] std::string_view name_of(reward_rule r) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<reward_rule> reward_rule_named(std::string_view name);

/// Exposure of the top `slots`, as a softmax at `temperature` > 0 shares it (M³ with exposure); creations that tie for
/// the last slots share them evenly. Sums to 1. O(n log n).
/// Errors: `not_finite`, `no_slots` where `slots` is 0, `bad_value` for the temperature.
[[nodiscard]] result<std::vector<double>> exposure_rewards(std::span<const double> scores, std::size_t slots,
                                                           double temperature);

/// M_i = Σ_{k ≥ i} f_k (σ_k − σ_{k+1}) for the i-th best of scores σ_1 ≥ … ≥ σ_n ≥ σ_{n+1} = 0; f_1 ≥ f_2 ≥ … ≥ 0 are
/// `weights`, 0 beyond their end (the class BRCM of the paper; its BRCM_opt has K ones for K slots). By creation, as
/// `scores`; equals are rewarded equally. O(n log n).
/// Errors: `not_finite`, `bad_value` for a score or a weight < 0 or weights that rise.
[[nodiscard]] result<std::vector<double>> backward_rewards(std::span<const double> scores,
                                                           std::span<const double> weights);
/// Σ_k f_k σ_k, the potential: what one creation's change does to its own reward it does to this.
/// Errors: as above.
[[nodiscard]] result<double> backward_potential(std::span<const double> scores, std::span<const double> weights);

} // namespace ammo
