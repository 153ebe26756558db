/// How likely all that somebody has learned is, under each prior that they might have begun with.
/// Lives here: linear algebra. May not live here: which prior is chosen.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// A prior of a posterior with an intercept: precisions of the intercept (about `level`) and of each slope, in units of the noise.
struct tried_prior {
  double slope = 1, intercept = 1, level = 0;
};

/// A posterior A, b = Am, taken apart once so that another prior costs O(d): the block of slopes is made tridiagonal by reflections
/// (Householder; Golub, Van Loan, "Matrix Computations", 8.3.1), which a multiple of the identity leaves as they are. O(d³) once.
class prior_evidence {
public:
  /// `a`: d × d, both triangles; `b`: d; `now`: the prior that is in them; `centre`: the slopes' prior mean, d − 1, or none for 0.
  prior_evidence(std::span<const double> a, std::span<const double> b, const tried_prior& now, std::span<const float> centre);

  struct look {
    double explained = 0;  ///< bᵀA⁻¹b
    double log_volume = 0; ///< ½ ln det A
  };
  /// Under another prior; nothing where A isn't definite then.
  [[nodiscard]] std::optional<look> under(const tried_prior& p) const;

private:
  tried_prior now_;
  double corner_, first_; // A and b of the intercept
  std::vector<double> diagonal_, beside_;        // of the slopes' block
  std::vector<double> border_, learned_, centre_; // turned as the block is
};

} // namespace ammo
