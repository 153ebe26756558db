/// A belief about a q that drifts: what was seen long ago counts less. Pure, like all of this room's models.
#pragma once

#include "actors/user_buddy/belief/forget.hpp"

namespace ammo {

/// Discounted ridge regression (D-LinUCB: Russac, Vernade, Cappé, arXiv 1909.09146, algorithm 1): after t rounds
/// V = Σ_s γ^(t−s) e eᵀ + λI and Ṽ = Σ_s γ^(2(t−s)) e eᵀ + λI, where the prior isn't discounted;
/// q̂ = V⁻¹ Σ_s γ^(t−s) r e, with covariance σ² V⁻¹ṼV⁻¹. Both are kept as factors. It forgets at one pace, within
/// 1 / (1 − γ) rounds, whether anything has changed or not: `drifting_posterior` regrets less where changes are abrupt.
template <class Real>
class discounted_posterior {
public:
  /// `dim` and `lambda` as of `ridge_posterior`; 0 < `gamma` ≤ 1 (asserted).
  discounted_posterior(std::uint32_t dim, Real lambda, Real gamma);

  [[nodiscard]] std::uint32_t dim() const noexcept { return once_.dim(); }
  /// One round: discounts the past, then learns as `ridge_posterior::observe`. O((m + d) d²).
  [[nodiscard]] bool observe(std::span<const Real> e, std::span<const Real> rewards);
  /// q̂, to `out` (dim reals). O(d²).
  void mean(std::span<Real> out) const noexcept { once_.mean(out); }
  /// q̂ + scale·V⁻¹R̃ᵀz, where Ṽ = R̃ᵀR̃: a draw from N(q̂, scale² V⁻¹ṼV⁻¹) when z is standard normal (D-LinTS: Kim,
  /// Tewari, arXiv 1912.05695). `z` may be `out`. O(d²).
  void sample(std::span<const Real> z, Real scale, std::span<Real> out) const;
  /// sqrt(eᵀ V⁻¹ṼV⁻¹ e), in units of σ. O(d²).
  [[nodiscard]] Real width(std::span<const Real> e) const;

private:
  Real lambda_, gamma_;
  ridge_posterior<Real> once_, twice_; // V with γ, Ṽ with γ²
};

extern template class discounted_posterior<float>;
extern template class discounted_posterior<double>;

} // namespace ammo
