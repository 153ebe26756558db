/// Creating at a cost (Jagadeesan, Garg, Steinhardt, "Supply-side equilibria in recommender systems", arXiv
/// 2206.13489; here one kind of user): creators choose a quality, the best wins the prize, all pay for their quality.
/// The symmetric equilibrium is mixed; it is learned by self-play against one's own mixture. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// P creators, prize M, cost λ q^β of quality q.
struct quality_contest {
  std::size_t creators = 2; ///< P > 1
  double prize = 1;         ///< M > 0
  double cost = 1;          ///< λ > 0
  double exponent = 1;      ///< β > 0

  [[nodiscard]] double cost_of(double quality) const noexcept;
};

/// A distribution over qualities.
struct quality_mixture {
  std::vector<double> qualities;     ///< ascending
  std::vector<double> probabilities; ///< sum to 1

  /// The chance of a quality ≤ q.
  [[nodiscard]] double cdf(double quality) const noexcept;
};

/// What each quality earns against P − 1 others who all play the mixture: M · the chance to win, ties drawn by lot,
/// − its cost. The chance comes from the mixture's own distribution function, (F(q)^P − F(q−)^P) / (P · F{q}).
/// O(qualities).
[[nodiscard]] std::vector<double> contest_gains(const quality_contest& contest, const quality_mixture& mixture);
/// What all creators together spend, in expectation.
[[nodiscard]] double expected_cost(const quality_contest& contest, const quality_mixture& mixture) noexcept;

/// Symmetric self-play by optimistic Hedge on a grid: `grid` + 1 qualities from 0 to that whose cost is the prize,
/// denser near 0, where many would crowd; each round learns from `contest_gains` of what is played, and the rounds'
/// average (the later weigh more) is the answer. O(grid) a round.
/// Errors: `bad_value` for a contest or a size out of range.
[[nodiscard]] result<quality_mixture> learn_qualities(const quality_contest& contest, std::size_t grid = 200,
                                                      std::size_t rounds = 20'000);

/// The equilibrium in closed form, F(q) = min(1, (λ q^β / M)^{1/(P−1)}): the reference, not used in learning.
[[nodiscard]] double equilibrium_cdf(const quality_contest& contest, double quality) noexcept;
/// The Kolmogorov–Smirnov distance of a mixture from that: the largest difference of the distribution functions, on
/// both sides of every step.
[[nodiscard]] double distance_from_equilibrium(const quality_contest& contest, const quality_mixture& mixture) noexcept;

} // namespace ammo
