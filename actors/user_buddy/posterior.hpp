/// What a User Buddy believes about q: Bayesian ridge regression as a square-root information filter.
/// Pure: values in, values out. No CAF, no randomness of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ammo {

/// Gaussian belief about q ∈ R^d after linear observations r = e·q + noise of variance σ²:
/// q ~ N(m, σ² A⁻¹), A = λI + Σ e eᵀ, m = A⁻¹ Σ r e (ridge regression, λ = σ² / prior variance).
/// Kept as the upper triangular factor R of A = RᵀR, packed by rows, and y = R⁻ᵀ Σ r e, so that R m = y. A slate of m
/// observations is one Householder sweep over [R y; e r] (QR updating: Golub & Van Loan, Matrix Computations 4th ed., §6.5),
/// which is backward stable in float32. State: d(d+1)/2 + d reals in one allocation.
template <class Real>
class ridge_posterior {
public:
  /// `dim` ≥ 1, `lambda` > 0 (both asserted).
  ridge_posterior(std::uint32_t dim, Real lambda);
  ridge_posterior(ridge_posterior&&) noexcept = default;
  ridge_posterior& operator=(ridge_posterior&&) noexcept = default;
  ridge_posterior(const ridge_posterior& other);

  [[nodiscard]] std::uint32_t dim() const noexcept { return dim_; }
  /// Learns `rewards.size()` observations at once; `e` is row-major, rewards.size() × dim, and is overwritten.
  /// O(m d²). Returns false and leaves the state as it was when a value isn't finite or R would lose its rank.
  [[nodiscard]] bool observe(std::span<Real> e, std::span<Real> rewards) noexcept;
  /// Multiplies the weight of all past observations, and of the prior, by `gamma` ∈ (0, 1]: drift.
  void discount(Real gamma) noexcept;
  /// m, to `out` (dim reals). O(d²).
  void mean(std::span<Real> out) const noexcept;
  /// m + scale·R⁻¹z: a draw from N(m, scale² A⁻¹) when z is standard normal. `z` may be `out`. O(d²).
  void sample(std::span<const Real> z, Real scale, std::span<Real> out) const noexcept;
  /// sqrt(xᵀ A⁻¹ x): half-width of a confidence ellipsoid along x, in units of σ. O(d²).
  [[nodiscard]] Real width(std::span<const Real> x) const;

private:
  std::uint32_t dim_;
  std::unique_ptr<Real[]> state_; // R by rows, then y
};

extern template class ridge_posterior<float>;
extern template class ridge_posterior<double>;

} // namespace ammo
