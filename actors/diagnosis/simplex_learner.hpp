/// Learners of a mixed strategy: each plays a point of the simplex, then hears what every action would have gained.
/// Pure; what they face (another learner, a population of themselves, a market) is the caller's.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// How a mixed strategy learns from the gains g_t of all actions.
enum class learning_rule {
  regret_matching_plus, ///< RM+: play the positive part of the sum of regrets (Tammelin 2014)
  predictive_matching,  ///< PRM+: the same, guessing that the last gains come again (Farina, Kroer, Sandholm 2021)
  optimistic_gradient,  ///< two projected steps, one ahead (Popov 1980); last iterates converge (Wei et al. 2021)
  optimistic_hedge      ///< exponential weights, the last gains counted twice (Syrgkanis et al. 2015)
};

/// The nearest point of the simplex, in place (Held, Wolfe, Crowder 1974). Not empty, finite. O(n log n).
void project_to_simplex(std::span<double> v);

/// One player's mixed strategy over a fixed number of actions.
class simplex_learner {
public:
  /// Starts uniform. `actions` > 0 (asserted); `step`: η of the optimistic rules (> 0), unused by regret matching.
  simplex_learner(learning_rule rule, std::size_t actions, double step = 0.1);

  /// What it plays now; sums to 1.
  [[nodiscard]] std::span<const double> strategy() const noexcept { return played_; }
  /// The mean of all strategies that it has learned from, the t-th weighing t; the strategy before any.
  [[nodiscard]] std::vector<double> average() const;
  /// How many rounds it has learned from.
  [[nodiscard]] std::size_t rounds() const noexcept { return rounds_; }

  /// Learns from what each action would have gained against the others' play (finite; size as actions, asserted).
  /// O(actions), O(actions log actions) for `optimistic_gradient`.
  void learn(std::span<const double> gains);

private:
  void match(std::span<const double> gains);
  void descend(std::span<const double> gains);
  void reweigh(std::span<const double> gains);

  learning_rule rule_;
  double step_;
  std::vector<double> played_, sum_; // sum_: of strategies, linearly weighted
  std::vector<double> state_;        // regrets, the base point, or the sum of step × gains
  std::size_t rounds_ = 0;
};

} // namespace ammo
