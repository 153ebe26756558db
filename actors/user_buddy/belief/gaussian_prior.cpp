#include "actors/user_buddy/belief/gaussian_prior.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {
namespace {

/// A square matrix of doubles, by rows.
class square {
public:
  explicit square(std::size_t d) : d_(d), values_(d * d) {}
  square(std::size_t d, std::span<const double> packed) : square(d) {
    for (std::size_t i = 0, at = 0; i < d; ++i)
      for (std::size_t j = i; j < d; ++j, ++at)
        (*this)(i, j) = (*this)(j, i) = packed[at];
  }
  [[nodiscard]] std::size_t size() const noexcept { return d_; }
  double& operator()(std::size_t i, std::size_t j) noexcept { return values_[i * d_ + j]; }
  double operator()(std::size_t i, std::size_t j) const noexcept { return values_[i * d_ + j]; }

private:
  std::size_t d_;
  std::vector<double> values_;
};

/// L of A = L Lᵀ, in place; false where A isn't positive definite.
bool cholesky(square& a) {
  for (std::size_t j = 0; j < a.size(); ++j) {
    for (std::size_t i = j; i < a.size(); ++i) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k)
        sum -= a(i, k) * a(j, k);
      if (i == j && !(sum > 0 && std::isfinite(sum)))
        return false;
      a(i, j) = i == j ? std::sqrt(sum) : sum / a(j, j);
    }
  }
  return true;
}

/// A⁻¹ of a positive definite A; nothing where it isn't.
std::optional<square> inverse(square a) {
  if (!cholesky(a))
    return {};
  const std::size_t d = a.size();
  square low(d), out(d); // low = L⁻¹
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t i = j; i < d; ++i) {
      double sum = i == j;
      for (std::size_t k = j; k < i; ++k)
        sum -= a(i, k) * low(k, j);
      low(i, j) = sum / a(i, i);
    }
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t i = 0; i <= k; ++i)
      for (std::size_t j = i; j <= k; ++j)
        out(i, j) += low(k, i) * low(k, j);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < i; ++j)
      out(i, j) = out(j, i);
  return out;
}

std::vector<double> times(const square& a, std::span<const double> x) {
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a.size(); ++j)
      out[i] += a(i, j) * x[j];
  return out;
}

/// Adds weight · RᵀR to `a`, and weight · RᵀR m to `b`.
void add_information(const ridge_posterior<float>& p, double weight, square& a, std::span<double> b) {
  std::vector<float> m(p.dim());
  p.mean(m);
  for (std::uint32_t k = 0; k < p.dim(); ++k) {
    const auto row = p.factor_row(k);
    double y = 0;
    for (std::size_t j = 0; j < row.size(); ++j)
      y += double{row[j]} * m[k + j];
    for (std::size_t i = 0; i < row.size(); ++i) {
      b[k + i] += weight * row[i] * y;
      for (std::size_t j = 0; j < row.size(); ++j)
        a(k + i, k + j) += weight * row[i] * row[j];
    }
  }
}

} // namespace

gaussian_prior flat_prior(std::uint32_t dim, double variance) {
  gaussian_prior flat{std::vector<double>(dim), std::vector<double>(triangle(dim))};
  for (std::size_t i = 0, at = 0; i < dim; at += dim - i, ++i)
    flat.covariance[at] = variance;
  return flat;
}

std::optional<ridge_posterior<float>> belief_from(const gaussian_prior& prior, double noise) {
  const std::size_t d = prior.mean.size();
  if (d == 0 || d > max_posterior_dim || prior.covariance.size() != triangle(d))
    return {};
  auto a = inverse(square(d, prior.covariance));
  if (!a || !cholesky(*a)) // R is Lᵀ
    return {};
  std::vector<float> factor, mean(prior.mean.begin(), prior.mean.end());
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t j = k; j < d; ++j)
      factor.push_back(static_cast<float>(noise * (*a)(j, k)));
  if (!ridge_posterior<float>::acceptable(factor) || !ridge_posterior<float>::acceptable(mean))
    return {};
  return ridge_posterior<float>(factor, mean);
}

bool moments_of(const ridge_posterior<float>& now, const ridge_posterior<float>& start, double noise,
                const gaussian_prior& prior, std::span<double> out) {
  const std::size_t d = now.dim();
  assert(start.dim() == d && prior.mean.size() == d && out.size() == moments_size(d));
  auto precision = inverse(square(d, prior.covariance));
  if (!precision)
    return false;
  auto b = times(*precision, prior.mean);
  add_information(now, 1 / (noise * noise), *precision, b);
  add_information(start, -1 / (noise * noise), *precision, b);
  const auto v = inverse(std::move(*precision));
  if (!v)
    return false;
  const auto m = times(*v, b);
  auto to = std::ranges::copy(m, out.begin()).out;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = i; j < d; ++j)
      *to++ = m[i] * m[j] + (*v)(i, j);
  return std::ranges::all_of(out, [](double x) { return std::isfinite(x); });
}

} // namespace ammo
