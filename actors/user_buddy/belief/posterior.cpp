#include "actors/user_buddy/belief/posterior.hpp"

#include "actors/user_buddy/belief/posterior_kernels.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace ammo {

namespace {

/// Reals of the observations that one sweep works on: 8 rows up to 512 coordinates, fewer beyond.
constexpr std::size_t sweep_capacity = kernels::sweep_rows * kernels::sweep_stride(512);
static_assert(sweep_capacity >= kernels::sweep_stride(max_posterior_dim));

/// Below this a pivot is no longer discounted: its square must stay a normal number.
template <class Real>
constexpr Real smallest_pivot = Real(1e-6);

} // namespace

template <class Real>
ridge_posterior<Real>::ridge_posterior(std::uint32_t dim, Real lambda)
  : dim_(dim), state_(std::make_unique<Real[]>(kernels::state_size(dim))) {
  assert(dim >= 1 && dim <= max_posterior_dim && lambda > 0);
  for (std::size_t k = 0; k < dim_; ++k)
    state_[kernels::row_base(dim_, k) + k] = std::max(std::sqrt(lambda), smallest_pivot<Real>);
}

template <class Real>
ridge_posterior<Real>::ridge_posterior(std::span<const Real> factor, std::span<const Real> mean)
  : ridge_posterior(static_cast<std::uint32_t>(mean.size()), Real(1)) {
  assert(factor.size() == std::size_t{dim_} * (dim_ + 1) / 2);
  for (std::size_t k = 0; k < dim_; ++k) {
    const auto row = factor.first(dim_ - k);
    Real* const to = state_.get() + kernels::row_base(dim_, k) + k;
    std::copy(row.begin(), row.end(), to);
    to[0] = std::max(to[0], smallest_pivot<Real>);
    to[row.size()] = std::inner_product(to, to + row.size(), mean.begin() + static_cast<std::ptrdiff_t>(k), Real(0));
    factor = factor.subspan(row.size());
  }
}

template <class Real>
ridge_posterior<Real>::ridge_posterior(const ridge_posterior& other)
  : dim_(other.dim_), sweeps_(other.sweeps_),
    state_(std::make_unique_for_overwrite<Real[]>(kernels::state_size(other.dim_))) {
  std::copy_n(other.state_.get(), kernels::state_size(dim_), state_.get());
}

template <class Real>
std::span<const Real> ridge_posterior<Real>::triangle() const noexcept {
  return {state_.get(), std::size_t{dim_} * (dim_ + 1) / 2 + dim_};
}

template <class Real>
std::optional<ridge_posterior<Real>> ridge_posterior<Real>::restored(std::uint32_t dim, std::uint32_t sweeps,
                                                                     std::span<const Real> triangle) {
  if (dim < 1 || dim > max_posterior_dim || triangle.size() != std::size_t{dim} * (dim + 1) / 2 + dim ||
      !std::ranges::all_of(triangle, [](Real x) { return std::isfinite(x); }))
    return {};
  ridge_posterior p(dim, Real(1));
  p.sweeps_ = sweeps;
  std::ranges::copy(triangle, p.state_.get());
  for (std::size_t k = 0; k < dim; ++k)
    if (!(p.state_[kernels::row_base(dim, k) + k] > 0))
      return {};
  // Pivots and what stands beside them may each be fine, and their quotients not.
  const auto modest = [](Real x) { return std::abs(x) <= Real(1e15); };
  std::vector<Real> m(dim), drawn(dim, Real(1));
  p.mean(m);
  p.sample(drawn, Real(1), drawn);
  if (!std::ranges::all_of(m, modest) || !std::ranges::all_of(drawn, modest) ||
      !modest(p.width(std::vector<Real>(dim, Real(1)))))
    return {};
  return p;
}

template <class Real>
bool ridge_posterior<Real>::acceptable(std::span<const Real> values) noexcept {
  Real largest = 0;
  bool numbers = true;
  for (Real v : values) {
    largest = std::max(largest, std::abs(v));
    numbers &= v == v;
  }
  return numbers && largest <= largest_value;
}

template <class Real>
bool ridge_posterior<Real>::observe(std::span<const Real> e, std::span<const Real> rewards) noexcept {
  assert(e.size() == rewards.size() * dim_);
  if (!acceptable(e) || !acceptable(rewards))
    return false;
  absorb(e, rewards);
  return true;
}

template <class Real>
std::optional<double> ridge_posterior<Real>::observe_weighed(std::span<const Real> e, std::span<const Real> rewards,
                                                             double noise) noexcept {
  assert(e.size() == rewards.size() * dim_ && noise > 0);
  if (!acceptable(e) || !acceptable(rewards))
    return {};
  const double before = log_volume(), residual2 = absorb(e, rewards);
  return before - log_volume() - residual2 / (2 * noise * noise) -
         static_cast<double>(rewards.size()) * std::log(noise * std::sqrt(2 * std::numbers::pi));
}

template <class Real>
double ridge_posterior<Real>::log_volume() const noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < dim_; ++k)
    sum += std::log(static_cast<double>(state_[kernels::row_base(dim_, k) + k]));
  return sum;
}

template <class Real>
double ridge_posterior<Real>::absorb(std::span<const Real> e, std::span<const Real> rewards) noexcept {
  const std::size_t stride = kernels::sweep_stride(dim_);
  const std::size_t most = std::min<std::size_t>(kernels::sweep_rows, sweep_capacity / stride);
  alignas(64) Real x[sweep_capacity];
  double residual2 = 0;
  for (std::size_t done = 0; done < rewards.size();) {
    const std::size_t rows = std::min(most, rewards.size() - done);
    for (std::size_t i = 0; i < rows; ++i, ++done) {
      Real* const end = std::copy_n(e.data() + done * dim_, dim_, x + i * stride + kernels::padding - 1);
      *end = rewards[done];
      std::fill(end + 1, x + (i + 1) * stride, Real(0));
    }
    kernels::sweep(state_.get(), dim_, x, static_cast<std::uint32_t>(rows), sweeps_++);
    for (std::size_t i = 0; i < rows; ++i) {
      const double left = x[i * stride + kernels::padding - 1 + dim_];
      residual2 += left * left;
    }
  }
  return residual2;
}

template <class Real>
void ridge_posterior<Real>::discount(Real gamma) noexcept {
  assert(gamma > 0 && gamma <= 1);
  const Real root = std::sqrt(gamma);
  for (std::size_t k = 0; k < dim_; ++k) {
    Real* const row = state_.get() + kernels::row_base(dim_, k);
    if (row[k] * root >= smallest_pivot<Real>)
      std::for_each(row + k, row + dim_ + 1, [root](Real& r) { r *= root; });
  }
}

template <class Real>
bool ridge_posterior<Real>::shift_prior(std::span<const Real> change) noexcept {
  assert(change.size() == dim_);
  if (!acceptable(change))
    return false;
  alignas(64) Real x[max_posterior_dim];
  std::ranges::copy(change, x);
  whiten(std::span(x, dim_));
  for (std::size_t k = 0; k < dim_; ++k)
    state_[kernels::row_base(dim_, k) + dim_] += x[k];
  return true;
}

template <class Real>
void ridge_posterior<Real>::mean(std::span<Real> out) const noexcept {
  assert(out.size() == dim_);
  solve({}, 0, out);
}

template <class Real>
void ridge_posterior<Real>::sample(std::span<const Real> z, Real scale, std::span<Real> out) const noexcept {
  assert(z.size() == dim_ && out.size() == dim_);
  solve(z, scale, out);
}

template <class Real>
void ridge_posterior<Real>::solve(std::span<const Real> z, Real scale, std::span<Real> out) const noexcept {
  alignas(64) Real b[max_posterior_dim], x[kernels::padded(max_posterior_dim)];
  for (std::size_t k = 0; k < dim_; ++k)
    b[k] = state_[kernels::row_base(dim_, k) + dim_];
  for (std::size_t k = 0; k < z.size(); ++k)
    b[k] += scale * z[k];
  kernels::back_substitute(state_.get(), dim_, b, x);
  std::copy_n(x, dim_, out.data());
}

template <class Real>
Real ridge_posterior<Real>::width(std::span<const Real> e) const noexcept {
  assert(e.size() == dim_);
  alignas(64) Real x[kernels::padded(max_posterior_dim)];
  std::fill(std::copy(e.begin(), e.end(), x), x + kernels::padded(dim_), Real(0));
  return std::sqrt(kernels::forward_norm2(state_.get(), dim_, x));
}

template <class Real>
std::span<const Real> ridge_posterior<Real>::factor_row(std::uint32_t k) const noexcept {
  assert(k < dim_);
  return {state_.get() + kernels::row_base(dim_, k) + k, dim_ - k};
}

template <class Real>
void ridge_posterior<Real>::confidence(std::span<const Real> e, std::uint32_t first,
                                       std::span<Real, side_by_side> means,
                                       std::span<Real, side_by_side> widths) const {
  static_assert(side_by_side == kernels::padding);
  const std::size_t width = e.size() / side_by_side;
  assert(e.size() == width * side_by_side && first + width <= dim_);
  constexpr std::size_t few = 64;
  alignas(64) Real near[few * side_by_side];
  struct alignas(64) lane_row { Real values[side_by_side]; };
  const auto far = dim_ > few ? std::make_unique_for_overwrite<lane_row[]>(dim_) : nullptr;
  Real* const w = far ? far[0].values : near;
  kernels::confidence(state_.get(), dim_, e.data(), first, width, false, w, means.data(), widths.data());
  std::ranges::transform(widths, widths.begin(), [](Real norm2) { return std::sqrt(norm2); });
}

template class ridge_posterior<float>;
template class ridge_posterior<double>;

} // namespace ammo
