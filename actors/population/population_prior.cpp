#include "actors/population/population_prior.hpp"

#include "actors/base/saved.hpp"
#include "actors/protocol/state/population_state.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {

population_prior::population_prior(std::uint32_t dim, const prior_strength& strength)
  : strength_(strength), current_(flat_prior(dim, strength.variance)), moments_(moments_size(dim)) {
  assert(dim >= 1 && strength.variance > 0 && strength.mean >= 0 && strength.covariance >= 0);
  if (strength_.covariance == 0)
    strength_.covariance = dim;
}

bool population_prior::learn(std::span<const double> sums, std::uint64_t people, std::uint64_t of_all) {
  const std::size_t d = current_.mean.size();
  assert(sums.size() == moments_size(d) && people >= 1 && people <= of_all);
  const double n = static_cast<double>(people), share = n / static_cast<double>(of_all);
  const double weight = passes_ == 0 ? 1 : std::max(share, std::pow(static_cast<double>(passes_ + 1), -0.6));
  auto moments = moments_;
  for (std::size_t i = 0; i < sums.size(); ++i)
    moments[i] += weight * (sums[i] / n - moments[i]);
  if (!std::ranges::all_of(moments, [](double x) { return std::isfinite(x); }))
    return false;
  const double heard = std::min(static_cast<double>(of_all), n / weight);
  const double kappa = strength_.mean, nu = strength_.covariance;
  gaussian_prior next = current_;
  for (std::size_t i = 0; i < d; ++i)
    next.mean[i] = moments[i] * heard / (heard + kappa);
  for (std::size_t i = 0, at = 0; i < d; ++i)
    for (std::size_t j = i; j < d; ++j, ++at) {
      const double mm = next.mean[i] * next.mean[j];
      const double scatter = moments[d + at] - moments[i] * next.mean[j] - next.mean[i] * moments[j] + mm;
      next.covariance[at] = (heard * scatter + kappa * mm + (i == j ? nu * strength_.variance : 0)) / (heard + nu);
    }
  if (!belief_from(next, 1))
    return false;
  moments_ = std::move(moments);
  current_ = std::move(next);
  ++passes_;
  return true;
}

population_prior_state population_prior::save() const { return {current_, moments_, passes_}; }

result<population_prior> population_prior::restore(std::uint32_t dim, const prior_strength& strength,
                                                   const population_prior_state& s) {
  if (s.current.mean.size() != dim || s.moments.size() != moments_size(dim) || !belief_from(s.current, 1))
    return bad_state("what people are believed to be like");
  population_prior out(dim, strength);
  out.current_ = s.current;
  out.moments_ = s.moments;
  out.passes_ = s.passes;
  return out;
}

} // namespace ammo
