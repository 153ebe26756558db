/// Exposure games (Hron, Krauth, Jordan, Kilbertus, Dean, "Modeling content creator incentives on algorithm-curated
/// platforms", arXiv 2206.13102): creators on the unit sphere compete for exposure that a softmax hands out. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// A population of users and the temperature at which their attention is shared.
class exposure_game {
public:
  /// `users`: users × dimension. Errors: `wrong_dimension`, `not_finite`, `bad_value` for a temperature that isn't > 0
  /// and finite.
  static result<exposure_game> open(std::vector<double> users, std::size_t dimension, double temperature);

  [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
  /// E[c] / ‖E[c]‖, whither everyone goes when the temperature is high; E[c] where that is 0.
  [[nodiscard]] std::vector<double> mean_direction() const;

  /// u_i = E_c[p_i], p_i ∝ exp(⟨c, s_i⟩ / τ), s_i = θ_i / ‖θ_i‖. `thetas`: creators × dimension, none of them 0
  /// (asserted). O(users × creators × dimension), also below.
  [[nodiscard]] double utility(std::span<const double> thetas, std::size_t creator) const;
  /// ∂u_i / ∂θ_i = (1 / (τ ‖θ_i‖)) (I − s_i s_iᵀ) E_c[p_i (1 − p_i) c].
  [[nodiscard]] std::vector<double> gradient(std::span<const double> thetas, std::size_t creator) const;
  /// All creators climb at once and stay on the sphere: s_i moves by `step` · creators · τ · gradient (so scaled, it
  /// is of the order of E[c] whatever the temperature), until every such move is shorter than `tolerance`, or for
  /// `rounds`. Returns the rounds made; `thetas` end with norm 1.
  std::size_t climb(std::vector<double>& thetas, double step = 1, std::size_t rounds = 10'000,
                    double tolerance = 1e-12) const;

private:
  exposure_game(std::vector<double> users, std::size_t dimension, double temperature);
  template <class Visit>
  void each_user(std::span<const double> thetas, std::size_t creator, Visit visit) const;

  std::vector<double> users_;
  std::size_t dimension_;
  double temperature_;
};

} // namespace ammo
