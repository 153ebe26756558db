/// Learning against an adversary which N of K creations to show: FTRL with the hybrid regulariser. Pure.
#pragma once

#include "actors/base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// The marginals of Follow-the-Regularised-Leader over m-sets,
///   x = argmin_{x ∈ [0,1]^K, Σx = m} Σ x_i·η L_i − √x_i + γ(1 − x_i) log(1 − x_i),
/// with γ = min{1, 1/√log(K/(K − m))} for m > K/2, else 1 (Zimmert, Luo, Wei, arXiv 1901.08779). One multiplier λ of Σx
/// is searched by Newton's steps within a bracket that bisection narrows; each x_i follows from ηL_i + λ by itself.
/// `losses` are the K values L_i, `out` has K places, m < K; `level` is λ: where the search starts, and where it ended.
/// |Σx − m| ≤ 1e-10 m. O(K · iterations), 5 or so from the λ of a round before.
void hybrid_marginals(std::span<const double> losses, double eta, std::size_t m, double& level, std::span<double> out);

/// A set in which i is with probability x_i exactly; its size is Σx (a whole number, up to rounding). The ordered
/// pivotal method (Deville, Tillé, "Unequal probability sampling without replacement through a splitting method",
/// Biometrika 1998): two neighbours at a time put their probabilities together, until one is 0 or 1. O(K), ascending.
[[nodiscard]] std::vector<std::uint32_t> pivotal_sample(std::span<const double> x, splitmix64& g);

/// Algorithm 1 of Zimmert, Luo, Wei for m-sets, η_t = 1/√t: regret O(√(mKT)) whatever losses in [−1, 1] an adversary
/// assigns, and O(log T) when they are stochastic, without knowing which. A round: `begin`, `draw`, then `learn` for
/// what was shown, in any order and as late as it comes, with the marginal of its own round. State: 16 bytes an arm.
class hybrid_ftrl {
public:
  static constexpr std::size_t new_arm = std::numeric_limits<std::size_t>::max();

  explicit hybrid_ftrl(std::size_t arms = 0) : losses_(arms, 0.0), marginals_(arms, 0.0) {}

  /// The learner that had these. Nothing where sizes don't fit, a loss is negative or beyond 1e15, or a
  /// marginal isn't a probability.
  [[nodiscard]] static std::optional<hybrid_ftrl> restored(std::vector<double> losses, std::vector<double> marginals,
                                                           double level, std::uint64_t rounds);

  [[nodiscard]] std::size_t arms() const noexcept { return losses_.size(); }
  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  /// Counts a round of m arms and solves for its marginals; all 1 where there are no more than m arms. `awake`: by arm, may it be
  /// chosen; empty: all may. An arm that may not has probability 0, and is thought to lose in the round what is shown has lost in the
  /// mean of all rounds, so that it doesn't look better for its absence.
  void begin(std::size_t m, std::span<const std::uint8_t> awake = {});
  /// Of the round begun last: probabilities of being shown, which sum to min(m, arms).
  [[nodiscard]] std::span<const double> marginals() const noexcept { return marginals_; }
  [[nodiscard]] std::span<const double> losses() const noexcept { return losses_; } ///< L, by arm
  [[nodiscard]] double level() const noexcept { return level_; }                    ///< λ of the last round
  /// The arms to show, ascending.
  [[nodiscard]] std::vector<std::uint32_t> draw(splitmix64& g) const { return pivotal_sample(marginals_, g); }
  /// An arm that had probability `marginal` > 0 was shown and cost `loss` ∈ [−1, 1]: L += (loss + 1) / marginal.
  void learn(std::size_t arm, double loss, double marginal) noexcept { losses_[arm] += (loss + 1) / marginal; }
  /// Other arms from now on: arm i is what arm `origin[i]` was, or a `new_arm`, which is thought to have lost as much
  /// as what was shown in its absence.
  void renew(std::span<const std::size_t> origin);

private:
  void begin_without_sleepers(std::size_t m, std::span<const std::uint8_t> awake);

  std::vector<double> losses_;    // L: importance-weighted sums
  std::vector<double> marginals_; // x
  double level_ = 0;              // λ
  std::uint64_t rounds_ = 0;
};

} // namespace ammo
