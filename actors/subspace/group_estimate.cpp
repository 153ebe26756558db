#include "actors/subspace/group_estimate.hpp"

#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ammo {
namespace {

/// Those of which an estimate is made: at most `most` of them, the ones that were seen most, ascending by id.
std::vector<exposure> counted(const catalogue_version& live, std::span<const exposure> seen, std::size_t most) {
  std::vector<exposure> out;
  std::ranges::copy_if(seen, std::back_inserter(out),
                       [&](const exposure& x) { return x.impressions > 0 && live.find(x.creation); });
  if (out.size() > most) {
    std::ranges::stable_sort(out, std::ranges::greater{}, &exposure::impressions);
    out.resize(most);
    std::ranges::sort(out, {}, &exposure::creation);
  }
  return out;
}

/// R of RᵀR = A + κI, by rows, in the upper half; false where A isn't definite.
bool factorise(std::vector<double>& a, std::size_t d, double kappa) {
  for (std::size_t k = 0; k < d; ++k) {
    double* const row = a.data() + k * d;
    row[k] += kappa;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = k; j < d; ++j)
        row[j] -= a[i * d + k] * a[i * d + j];
    if (!(row[k] > 0 && std::isfinite(row[k])))
      return false;
    const double pivot = std::sqrt(row[k]);
    std::for_each(row + k, row + d, [pivot](double& x) { x /= pivot; });
  }
  return true;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// x = R⁻¹R⁻ᵀ b.
std::vector<double> solution(const std::vector<double>& r, std::vector<double> b) {
  const std::size_t d = b.size();
  for (std::size_t k = 0; k < d; ++k) {
    b[k] /= r[k * d + k];
    for (std::size_t j = k + 1; j < d; ++j)
      b[j] -= r[k * d + j] * b[k];
  }
  for (std::size_t k = d; k-- > 0;) {
    for (std::size_t j = k + 1; j < d; ++j)
      b[k] -= r[k * d + j] * b[j];
    b[k] /= r[k * d + k];
  }
  return b;
}

/// tr (RᵀR)⁻¹ = |R⁻ᵀ|².
double inverse_trace(const std::vector<double>& r, std::size_t d) {
  double trace = 0;
  std::vector<double> x(d);
  for (std::size_t i = 0; i < d; ++i) {
    std::ranges::fill(x, 0.0);
    x[i] = 1;
    for (std::size_t k = i; k < d; ++k) {
      x[k] /= r[k * d + k];
      for (std::size_t j = k + 1; j < d; ++j)
        x[j] -= r[k * d + j] * x[k];
      trace += x[k] * x[k];
    }
  }
  return trace;
}

} // namespace

void group_estimate::learn(const catalogue_version& live, std::span<const exposure> seen) {
  const std::size_t d = width_;
  if (d > widest)
    return;
  const auto rows = counted(live, seen, std::max<std::size_t>(most_products / (d * d), 1));
  if (rows.empty())
    return;
  told_.reset();
  double votes = 0;
  for (const exposure& x : rows)
    votes += static_cast<double>(x.impressions);
  const double forgetting = memory / (memory + votes);
  ee_.resize(d * d);
  ye_.resize(d);
  e_.resize(d);
  for (auto* sums : {&ee_, &ye_, &e_})
    std::ranges::for_each(*sums, [forgetting](double& x) { x *= forgetting; });
  for (double* sum : {&n_, &y_, &yy_, &rows_})
    *sum *= forgetting;
  std::vector<float> e(d);
  for (const exposure& x : rows) {
    live.embedding(row_of(x.creation), e);
    const double n = static_cast<double>(x.impressions), engagement = sum_of(x.engagement).value();
    n_ += n;
    y_ += engagement;
    yy_ += engagement * engagement / n;
    ++rows_;
    for (std::size_t k = 0; k < d; ++k) {
      e_[k] += n * e[k];
      ye_[k] += engagement * e[k];
      for (std::size_t j = k; j < d; ++j)
        ee_[k * d + j] += n * e[k] * e[j];
    }
  }
}

shared_consensus group_estimate::told() const {
  if (!told_)
    told_ = solved();
  return *told_;
}

shared_consensus group_estimate::solved() const {
  const std::size_t d = width_;
  if (!(n_ >= least_votes))
    return {};
  auto r = ee_, b = ye_; // about their means, which is what an intercept does
  for (std::size_t k = 0; k < d; ++k) {
    b[k] -= e_[k] * y_ / n_;
    for (std::size_t j = k; j < d; ++j)
      r[k * d + j] -= e_[k] * e_[j] / n_;
  }
  const double kappa = static_cast<double>(d) / 8; // a vote's variance of 1/8 against |q̄| ≈ 1
  const double power = yy_ - y_ * y_ / n_;
  if (!(power > 0) || !factorise(r, d, kappa))
    return {};
  const auto q = solution(r, b);
  const double parameters = 1 + static_cast<double>(d) - kappa * inverse_trace(r, d); // those that κ leaves free
  // Σ n (ȳ − a − q̄·e)² = power − 2 q̄·b + q̄ᵀA q̄, where A q̄ = b − κ q̄.
  const double left = power - dot(q, b) - kappa * dot(q, q);
  consensus c{.mean = {std::vector<float>(q.begin(), q.end())}};
  if (rows_ > parameters)
    c.agreement = std::clamp(1 - left / power * (rows_ - 1) / (rows_ - parameters), 0.0, 1.0);
  if (!std::ranges::all_of(c.mean.values, [](float x) { return std::isfinite(x); }) || !std::isfinite(c.agreement))
    return {};
  return {std::make_shared<const consensus>(std::move(c))};
}

} // namespace ammo
