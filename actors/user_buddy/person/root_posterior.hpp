/// A Gaussian over a few coordinates as a square-root information filter that can be re-based: its prior and the weight of
/// what was learned can change later. Pure: values in, values out.
#pragma once

#include "actors/protocol/state/person_state.hpp"
#include "actors/user_buddy/belief/posterior_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// θ ~ N(m, σ² A⁻¹), A = RᵀR = diag(prior) + Σ x xᵀ, R m = y. The same packed triangle and kernels as `ridge_posterior`; in
/// addition it returns residuals, and `rebase` changes the prior or tempers what was learned. σ is the caller's.
/// State: d(d+1)/2 + d floats and two counters.
class root_posterior {
public:
  static constexpr std::size_t side_by_side = kernels::padding;
  static constexpr std::uint32_t most_coordinates = 4097; ///< those of the widest factor, and the intercept

  root_posterior() = default;
  /// N(0, σ² / prior) for each coordinate; 1 ≤ prior.size() ≤ most_coordinates, each > 0.
  explicit root_posterior(std::span<const double> prior);

  [[nodiscard]] std::uint32_t dim() const noexcept { return dim_; }
  /// Learns x·θ = y + noise for each row of `x` (row-major, y.size() × dim). Returns |r'|², by which the sum of squared
  /// residuals min Σ (y − x·θ)² + θᵀ diag(prior) θ has grown. O(m d²).
  double absorb(std::span<const float> x, std::span<const float> y);
  /// ½ ln det A.
  [[nodiscard]] double log_volume() const noexcept;
  /// |y|² = mᵀAm.
  [[nodiscard]] double explained() const noexcept;
  void mean(std::span<float> out) const;
  /// m + scale·R⁻¹z. `z` may be `out`.
  void sample(std::span<const float> z, float scale, std::span<float> out) const;
  /// sqrt(xᵀA⁻¹x).
  [[nodiscard]] float width(std::span<const float> x) const;
  /// A⁻¹x: x·m = pull·b, so it says how far each part of b moves x·m. O(d²).
  [[nodiscard]] std::vector<double> pull(std::span<const float> x) const;
  /// As of `ridge_posterior`: x·m and widths of `side_by_side` vectors whose first coordinate is `first`. With `leads` (first ≥ 1)
  /// coordinate 0 of each is 1.
  void confidence(std::span<const float> e, std::uint32_t first, std::span<float, side_by_side> means,
                  std::span<float, side_by_side> widths, bool leads = false) const;
  /// Of one that has learned nothing: its mean along coordinate 0.
  void begin_at(float mean) noexcept { row(0)[dim_] = row(0)[0] * mean; }
  /// A ← weight · (A − diag(from)) + diag(to), b ← weight · b + move (d numbers, or none), where b = Am: another prior, and
  /// what was learned counts `weight` times. False, and nothing changes, where A would not be definite. O(d³): for rare
  /// moments.
  bool rebase(double weight, std::span<const double> from, std::span<const double> to, std::span<const double> move = {});
  /// b ← b + move, d numbers. O(d²).
  void shift(std::span<const double> move);
  /// Values y are worth `factor` times as much: exact where it is a power of two.
  void rescale(float factor) noexcept;
  /// A (d × d, row-major, both triangles) and b = Am, in double.
  void normal_form(std::vector<double>& a, std::vector<double>& b) const;

  [[nodiscard]] posterior_state save() const;
  /// Nothing where the numbers are no posterior.
  [[nodiscard]] static std::optional<root_posterior> restored(const posterior_state& s);

  friend bool operator==(const root_posterior&, const root_posterior&) = default;

private:
  [[nodiscard]] const float* row(std::uint32_t k) const noexcept { return state_.data() + kernels::row_base(dim_, k); }
  [[nodiscard]] float* row(std::uint32_t k) noexcept { return state_.data() + kernels::row_base(dim_, k); }

  std::uint32_t dim_ = 0, sweeps_ = 0;
  std::vector<float> state_;
};

/// L (lower, row-major, in place of A's lower triangle) of A = LLᵀ. False where A isn't definite.
bool cholesky(std::span<double> a, std::size_t d) noexcept;

} // namespace ammo
