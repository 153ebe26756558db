/// Zero-sum games of two: a matrix of what the row player pays the column player, solved by self-play. Pure.
#pragma once

#include "actors/diagnosis/simplex_learner.hpp"
#include "actors/base/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// A game in which the row player pays the column player `payments[row · columns + column]`: row minimises.
struct matrix_game {
  std::size_t rows = 0, columns = 0;
  std::vector<double> payments; ///< rows × columns

  /// xᵀA y. Sizes as the game's (asserted), here and below.
  [[nodiscard]] double value(std::span<const double> x, std::span<const double> y) const;
  /// A y: what each row pays against y.
  [[nodiscard]] std::vector<double> by_row(std::span<const double> y) const;
  /// Aᵀx: what each column earns against x.
  [[nodiscard]] std::vector<double> by_column(std::span<const double> x) const;
  /// The largest singular value L of A less the means of its rows and of its columns: how fast one player's gains change with
  /// the other's strategy. The means change no comparison of two strategies. By power iteration from a fixed start, to about 1 %.
  [[nodiscard]] double steepness() const;
  /// max Aᵀx − min A y ≥ 0: both players' regret together (NashConv), 0 only in equilibrium.
  [[nodiscard]] double gap(std::span<const double> x, std::span<const double> y) const;
};

/// Both players' strategies, and how far from equilibrium they are.
struct matrix_solution {
  std::vector<double> x, y;
  double gap = 0;
};

/// Two learners of one rule who play each other, both moving at once.
///
/// Steps that converge, for L = `steepness()` and A = the largest |payment|:
///   - `optimistic_gradient`: the last iterates converge for a step < 1/(2L) (Popov's method). A larger one is refused. At 0.1,
///     Blotto with 10 soldiers (L = 20) keeps a gap of 1.6 for good.
///   - `optimistic_hedge`: the averages converge for a step ≤ 1/(4A) (Syrgkanis et al. 2015). A larger one isn't refused.
///   - regret matching, plain and predictive, has no step: its averages converge in each game.
class self_play {
public:
  /// step · L of `optimistic_gradient`: the largest that is taken, and the one that is chosen by default.
  static constexpr double most = 0.5, usual = 0.4;
  /// `step`: of the optimistic rules; 0: `chosen_step`. Errors: `wrong_dimension` where payments aren't rows × columns or are
  /// none, `not_finite`, `bad_value` for a step that is negative, isn't finite, or is too large for `optimistic_gradient`: the
  /// message names the largest.
  static result<self_play> start(matrix_game game, learning_rule rule, double step = 0);
  /// 0.4/L for the optimistic gradient, 1/(4A) for Hedge.
  [[nodiscard]] static double chosen_step(const matrix_game& game, learning_rule rule);

  void step(std::size_t rounds = 1); ///< O(rows × columns) a round
  [[nodiscard]] matrix_solution last() const;
  [[nodiscard]] matrix_solution average() const; ///< the t-th round weighs t
  [[nodiscard]] const matrix_game& game() const noexcept { return game_; }

private:
  self_play(matrix_game game, learning_rule rule, double step);

  matrix_game game_;
  simplex_learner row_, column_;
};

} // namespace ammo
