/// α-Rank (Omidshafiei et al., "α-Rank: multi-agent evaluation by evolution", Scientific Reports 2019, arXiv
/// 1903.01373): how often evolution under selection and rare mutation would be found at each strategy. Pure.
#pragma once

#include "actors/diagnosis/normal_form.hpp"
#include "actors/base/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// How strongly evolution selects.
struct alpha_rank_options {
  double alpha = 100;          ///< intensity of selection, ≥ 0
  std::size_t population = 50; ///< individuals of a population, > 1
  /// Single population: who meets an individual. False: anyone of the population (Traulsen, Nowak, Pacheco 2006); true:
  /// its current opponent alone.
  bool local_selection = false;
};

/// One population that plays a symmetric game of two: the stationary distribution over `strategies`. `payoffs`:
/// strategies × strategies, what the row gains against the column. O(strategies² × population + strategies³).
/// Errors: `wrong_dimension`, `not_finite`, `bad_value` for options out of range.
[[nodiscard]] result<std::vector<double>> alpha_rank(std::size_t strategies, std::span<const double> payoffs,
                                                     alpha_rank_options options = {});
/// A population for each player: the stationary distribution over all profiles of the game, by their number.
/// O(profiles³). Errors: `overloaded` above 4,096 profiles, `bad_value` for options out of range.
[[nodiscard]] result<std::vector<double>> alpha_rank(const normal_form& game, alpha_rank_options options = {});

/// The stationary distribution of an irreducible Markov chain (states × states, rows sum to 1; the diagonal isn't
/// read), by the elimination of Grassmann, Taksar and Heyman (1985), which subtracts nothing. O(states³).
[[nodiscard]] std::vector<double> stationary_distribution(std::vector<double> chain, std::size_t states);

} // namespace ammo
