/// What is believed of a preference: a Gaussian, and how exact scores and comparisons narrow it. Pure.
#pragma once

#include "actors/base/random.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// A Gaussian over vectors q of one width, with all of its covariance: 4·width² bytes, and each call is O(width²) unless it
/// says otherwise.
class taste_belief {
public:
  /// What a comparison says of x·q: a precision, and that times a mean.
  struct factor {
    float precision = 0, weighted = 0;
  };
  using vec = std::vector<float>;
  static constexpr double exact = 1e-7; ///< variance of a score that is known: there is none below

  taste_belief() = default;
  /// The mean of some samples, and `wider` times their covariance; `anywhere` is added to the variance of each coordinate.
  taste_belief(std::span<const vec> samples, double wider, double anywhere);

  [[nodiscard]] bool empty() const noexcept { return mean_.empty(); }
  [[nodiscard]] const vec& mean() const noexcept { return mean_; }
  /// Covariance of q with x·q.
  [[nodiscard]] vec spread(std::span<const float> x) const;
  [[nodiscard]] double variance(std::span<const float> x) const;
  /// x·q has this mean and variance. `spread`: of x.
  void becomes(std::span<const float> x, std::span<const float> spread, double mean, double variance);
  /// x·q is above `least`, or below it: the moments of what is left. `said` is what this comparison said last, which is
  /// taken back first, so that it may be made again after others (expectation propagation: Minka, UAI 2001, with the
  /// moments of a probit).
  void compare(std::span<const float> x, double least, bool above, factor& said);
  /// O(width³).
  [[nodiscard]] vec draw(splitmix64& g) const;

private:
  vec mean_, covariance_; ///< row by row
};

/// A standard normal: its density at z, and how likely it is below.
[[nodiscard]] double normal_density(double z) noexcept;
[[nodiscard]] double normal_cdf(double z) noexcept;

} // namespace ammo
