/// How rewards come about from u = e·q, as a User Buddy believes it, and what a round of them tells. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace ammo {

/// What a User Buddy takes rewards for.
enum class user_belief_model : std::uint8_t {
  linear,   ///< r = u + noise: ridge regression, exact
  logistic, ///< r ∈ [0, 1] (others are cut off): P(1) = 1 / (1 + exp(−(u − threshold) / temperature))
  choice,   ///< one of the slate or none: softmax of u / temperature, with the threshold for none; the chosen has r > ½
};
[[nodiscard]] std::string_view name_of(user_belief_model m) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_belief_model> user_belief_model_named(std::string_view name);

/// Of the logistic and choice models, in units of u.
struct response_scale {
  double threshold = 0.3;   ///< at which a person is indifferent
  double temperature = 0.1; ///< > 0
};

/// One round's observations of one factor.
struct round_of_responses {
  std::span<const float> e;       ///< k × dim, row-major
  std::span<const float> rewards; ///< k
  double elsewhere = 0; ///< choice: Σ exp(u / temperature) over the slate's creations of other factors, at their mean
};

/// Learns a round of logistic or choice responses (`model` isn't linear). The Laplace approximation: the likelihood gets its
/// quadratic expansion at the mode of the new posterior, found in the k dimensions of the slate (damped Newton on u = u₀ +
/// V a, a = ∇ℓ(u), with V = σ²EA⁻¹Eᵀ), and that expansion is k pseudo-observations of the ridge posterior, whose
/// noise σ is `noise`. Within one round it is exact but for being Gaussian; over rounds it is assumed density filtering.
/// O(k d² + k³). False, and the posterior as before, where `ridge_posterior::observe` is false.
[[nodiscard]] bool learn_responses(user_belief_model model, const response_scale& scale, double noise,
                                   const round_of_responses& round, ridge_posterior<float>& posterior);

} // namespace ammo
