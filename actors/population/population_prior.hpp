/// What people in general are like, learned by empirical Bayes from sums over many of them.
/// Lives here: the M-step. May not live here: one person's numbers, actors.
#pragma once

#include "actors/base/result.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// How far a prior is drawn towards the flat one where few have been heard.
struct prior_strength {
  double variance = 0;   ///< of a coordinate under the flat prior; > 0
  double mean = 1;       ///< people that the flat prior's mean 0 counts as; ≥ 0
  double covariance = 0; ///< people that the flat prior's covariance counts as; 0: as many as there are coordinates
};

struct population_prior_state;

/// EM for q_j ~ N(μ, Σ), r = e·q_j + noise, in one factor (empirical Bayes for a random-effects model: Laird, Ware,
/// "Random-effects models for longitudinal data", Biometrics 1982). A pass is an E-step of n people under the current
/// prior, of which only the sums of `moments_of` are known, and an M-step
///   μ = s₁ n / (n + κ),   Σ = (n (s₂ − s₁μᵀ − μs₁ᵀ + μμᵀ) + κμμᵀ + ν v I) / (n + ν),
/// the mode under μ | Σ ~ N(0, Σ/κ) and an inverse-Wishart prior of Σ with scale ν v I. So Σ keeps its definiteness,
/// and with nobody heard it is flat. s₁ and s₂ are the means of E[q] and E[q qᵀ]. Where a pass hears a part of all
/// people only, they are averaged over passes (online EM: Cappé, Moulines, arXiv 0712.4273): weight of the t-th pass
/// max(share heard, (t + 1)^−0.6).
class population_prior {
public:
  /// Starts from the flat prior. `dim` ≥ 1, strength in its ranges (asserted).
  population_prior(std::uint32_t dim, const prior_strength& strength);

  [[nodiscard]] const gaussian_prior& current() const noexcept { return current_; }
  [[nodiscard]] std::uint64_t passes() const noexcept { return passes_; }
  /// A pass's sums over `people` of `of_all` (1 ≤ people ≤ of_all, asserted), taken under `current()`. O(d²).
  /// False, and everything as before, where a sum isn't finite or is no sum of moments.
  [[nodiscard]] bool learn(std::span<const double> sums, std::uint64_t people, std::uint64_t of_all);

  [[nodiscard]] population_prior_state save() const;
  /// The same prior again. Errors: `bad_state`, also for a covariance that isn't positive definite.
  [[nodiscard]] static result<population_prior> restore(std::uint32_t dim, const prior_strength& strength,
                                                        const population_prior_state& state);

private:
  prior_strength strength_;
  gaussian_prior current_;
  std::vector<double> moments_; // s₁, s₂
  std::uint64_t passes_ = 0;
};

} // namespace ammo
