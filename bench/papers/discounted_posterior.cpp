#include "bench/papers/discounted_posterior.hpp"

#include <boost/container/small_vector.hpp>

#include <cassert>
#include <cmath>

namespace ammo {

namespace {

template <class Real>
using column = boost::container::small_vector<Real, 64>;

/// A⁻¹x = R⁻¹R⁻ᵀx, in place.
template <class Real>
void solve(const ridge_posterior<Real>& p, column<Real>& x) {
  p.whiten(std::span<Real>(x.data(), x.size()));
  for (std::uint32_t k = p.dim(); k-- > 0;) {
    const auto row = p.factor_row(k);
    for (std::size_t j = 1; j < row.size(); ++j)
      x[k] -= row[j] * x[k + j];
    x[k] /= row[0];
  }
}

} // namespace

template <class Real>
discounted_posterior<Real>::discounted_posterior(std::uint32_t dim, Real lambda, Real gamma)
  : lambda_(lambda), gamma_(gamma), once_(dim, lambda), twice_(dim, lambda) {
  assert(gamma > 0 && gamma <= 1);
}

template <class Real>
bool discounted_posterior<Real>::observe(std::span<const Real> e, std::span<const Real> rewards) {
  if (!ridge_posterior<Real>::acceptable(e) || !ridge_posterior<Real>::acceptable(rewards))
    return false;
  if (gamma_ < 1) {
    forget(once_, gamma_, lambda_);
    forget(twice_, gamma_ * gamma_, lambda_);
  }
  return once_.observe(e, rewards) && twice_.observe(e, rewards);
}

template <class Real>
void discounted_posterior<Real>::sample(std::span<const Real> z, Real scale, std::span<Real> out) const {
  assert(z.size() == dim() && out.size() == dim());
  column<Real> spread(dim(), Real(0));
  for (std::uint32_t k = 0; k < dim(); ++k) {
    const auto row = twice_.factor_row(k);
    for (std::size_t j = 0; j < row.size(); ++j)
      spread[k + j] += row[j] * z[k];
  }
  solve(once_, spread);
  mean(out);
  for (std::uint32_t k = 0; k < dim(); ++k)
    out[k] += scale * spread[k];
}

template <class Real>
Real discounted_posterior<Real>::width(std::span<const Real> e) const {
  assert(e.size() == dim());
  column<Real> x(e.begin(), e.end());
  solve(once_, x);
  Real norm2 = 0;
  for (std::uint32_t k = 0; k < dim(); ++k) {
    const auto row = twice_.factor_row(k);
    Real dot = 0;
    for (std::size_t j = 0; j < row.size(); ++j)
      dot += row[j] * x[k + j];
    norm2 += dot * dot;
  }
  return std::sqrt(norm2);
}

template class discounted_posterior<float>;
template class discounted_posterior<double>;

} // namespace ammo
