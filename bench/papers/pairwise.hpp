/// Choices between two: the maximum-likelihood Bradley–Terry model of a list of comparisons, and the update of one
/// person's Gaussian belief by a choice. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// One item was preferred to another; both are indices.
struct pair_outcome {
  std::uint32_t winner = 0;
  std::uint32_t loser = 0;
};

/// Maximum-likelihood strengths θ, P(i beats j) = 1 / (1 + exp(θ_j − θ_i)) (Bradley and Terry 1952), with mean 0.
/// Newton's method; each step's system, the Laplacian of a graph of comparisons, is solved by conjugate gradients, so
/// that a step costs O(comparisons) an iteration and no matrix is kept. Gradient at the end: below 1e-12 times the
/// number of comparisons.
/// Errors: `bad_value` for no item, an item compared with itself or beyond `items`, and where the likelihood has no
/// maximum: some items never lost to any of the others (Ford 1957); the detail names an item of each kind.
[[nodiscard]] result<std::vector<double>> bradley_terry(std::size_t items, std::span<const pair_outcome> outcomes);

/// What a yes or no says of t = x·q, as one observation r = t + noise of variance σ²: `weight`·x is observed with value
/// `value`.
struct linearised {
  double weight = 0;
  double value = 0;
};

/// For "yes" with probability 1 / (1 + exp(−t)), where t ~ N(mean, (noise · width)²) was believed: the observation
/// after which the belief's mean is the exact mode (Laplace's approximation along x; Spiegelhalter, Lauritzen 1990).
[[nodiscard]] linearised linearise_yes(double mean, double width, double noise) noexcept;

/// The belief learns that its person preferred `winner` to `loser` (coordinates of both), which has probability
/// 1 / (1 + exp(−(e_w − e_l)·q)); or, with an empty `loser`, that they said yes to `winner`; a "no" is a yes to −e.
/// `noise`: the σ of the posterior's other observations. O(d²). Returns false, the belief as it was, where a value isn't finite or is too large.
template <class Real>
[[nodiscard]] bool observe_choice(ridge_posterior<Real>& belief, double noise, std::span<const Real> winner,
                                  std::span<const Real> loser = {});

extern template bool observe_choice(ridge_posterior<float>&, double, std::span<const float>, std::span<const float>);
extern template bool observe_choice(ridge_posterior<double>&, double, std::span<const double>, std::span<const double>);

} // namespace ammo
