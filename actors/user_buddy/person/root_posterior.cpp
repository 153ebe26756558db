#include "actors/user_buddy/person/root_posterior.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {

namespace {

/// A pivot stays a normal number, also when squared.
constexpr double smallest_pivot = 1e-9;

/// Floats aligned for the kernels: on the stack where they are few.
template <std::size_t Few>
class aligned_floats {
public:
  explicit aligned_floats(std::size_t n) : far_(n > Few ? n + kernels::padding : 0), at_(far_.empty() ? near_ : far_.data()) {
    while (reinterpret_cast<std::uintptr_t>(at_) % 64 != 0)
      ++at_;
  }
  aligned_floats(const aligned_floats&) = delete;
  aligned_floats& operator=(const aligned_floats&) = delete;
  [[nodiscard]] float* data() noexcept { return at_; }

private:
  alignas(64) float near_[Few];
  std::vector<float> far_;
  float* at_;
};

} // namespace

bool cholesky(std::span<double> a, std::size_t d) noexcept {
  for (std::size_t j = 0; j < d; ++j) {
    double pivot = a[j * d + j];
    for (std::size_t k = 0; k < j; ++k)
      pivot -= a[j * d + k] * a[j * d + k];
    if (!(pivot > smallest_pivot * smallest_pivot))
      return false;
    pivot = std::sqrt(pivot);
    a[j * d + j] = pivot;
    for (std::size_t i = j + 1; i < d; ++i) {
      double sum = a[i * d + j];
      for (std::size_t k = 0; k < j; ++k)
        sum -= a[i * d + k] * a[j * d + k];
      a[i * d + j] = sum / pivot;
    }
  }
  return true;
}

root_posterior::root_posterior(std::span<const double> prior)
  : dim_(static_cast<std::uint32_t>(prior.size())), state_(kernels::state_size(prior.size()), 0.0f) {
  for (std::uint32_t k = 0; k < dim_; ++k)
    row(k)[k] = static_cast<float>(std::max(std::sqrt(prior[k]), smallest_pivot));
}

double root_posterior::absorb(std::span<const float> x, std::span<const float> y) {
  assert(x.size() == y.size() * dim_);
  const std::size_t stride = kernels::sweep_stride(dim_);
  aligned_floats<kernels::sweep_rows * kernels::sweep_stride(64)> work(kernels::sweep_rows * stride);
  float* const rows = work.data();
  double residual2 = 0;
  for (std::size_t done = 0; done < y.size();) {
    const std::size_t some = std::min<std::size_t>(kernels::sweep_rows, y.size() - done);
    for (std::size_t i = 0; i < some; ++i, ++done) {
      float* const end = std::copy_n(x.data() + done * dim_, dim_, rows + i * stride + kernels::padding - 1);
      *end = y[done];
      std::fill(end + 1, rows + (i + 1) * stride, 0.0f);
    }
    kernels::sweep(state_.data(), dim_, rows, static_cast<std::uint32_t>(some), sweeps_++);
    for (std::size_t i = 0; i < some; ++i) {
      const double left = rows[i * stride + kernels::padding - 1 + dim_];
      residual2 += left * left;
    }
  }
  return residual2;
}

double root_posterior::log_volume() const noexcept {
  double sum = 0, product = 1;
  for (std::uint32_t k = 0; k < dim_; ++k) {
    product *= row(k)[k];
    if (k % 8 == 7 || k + 1 == dim_) {
      sum += std::log(std::abs(product));
      product = 1;
    }
  }
  return sum;
}

double root_posterior::explained() const noexcept {
  double sum = 0;
  for (std::uint32_t k = 0; k < dim_; ++k)
    sum += static_cast<double>(row(k)[dim_]) * row(k)[dim_];
  return sum;
}

void root_posterior::mean(std::span<float> out) const { sample({}, 0, out); }

void root_posterior::sample(std::span<const float> z, float scale, std::span<float> out) const {
  assert(out.size() == dim_ && (z.empty() || z.size() == dim_));
  aligned_floats<256> work(2 * kernels::padded(dim_));
  float* const b = work.data();
  float* const x = b + kernels::padded(dim_);
  for (std::uint32_t k = 0; k < dim_; ++k)
    b[k] = row(k)[dim_] + (z.empty() ? 0.0f : scale * z[k]);
  kernels::back_substitute(state_.data(), dim_, b, x);
  std::copy_n(x, dim_, out.data());
}

float root_posterior::width(std::span<const float> x) const {
  assert(x.size() == dim_);
  aligned_floats<128> work(kernels::padded(dim_));
  float* const w = work.data();
  std::fill(std::copy(x.begin(), x.end(), w), w + kernels::padded(dim_), 0.0f);
  return std::sqrt(kernels::forward_norm2(state_.data(), dim_, w));
}

std::vector<double> root_posterior::pull(std::span<const float> x) const {
  assert(x.size() == dim_);
  std::vector<double> out(x.begin(), x.end());
  for (std::uint32_t k = 0; k < dim_; ++k) { // Rᵀ w = x, by rows of R
    out[k] /= row(k)[k];
    for (std::uint32_t j = k + 1; j < dim_; ++j)
      out[j] -= out[k] * row(k)[j];
  }
  for (std::uint32_t k = dim_; k-- > 0;) { // R u = w
    for (std::uint32_t j = k + 1; j < dim_; ++j)
      out[k] -= out[j] * row(k)[j];
    out[k] /= row(k)[k];
  }
  return out;
}

void root_posterior::confidence(std::span<const float> e, std::uint32_t first, std::span<float, side_by_side> means,
                                std::span<float, side_by_side> widths, bool leads) const {
  const std::size_t width = e.size() / side_by_side;
  assert(e.size() == width * side_by_side && first + width <= dim_ && first >= (leads ? 1 : 0));
  aligned_floats<64 * side_by_side> work(dim_ * side_by_side);
  kernels::confidence(state_.data(), dim_, e.data(), first, width, leads, work.data(), means.data(), widths.data());
  std::ranges::transform(widths, widths.begin(), [](float norm2) { return std::sqrt(norm2); });
}

void root_posterior::normal_form(std::vector<double>& a, std::vector<double>& b) const {
  const std::size_t d = dim_;
  a.assign(d * d, 0);
  b.assign(d, 0);
  for (std::uint32_t k = 0; k < d; ++k) {
    const float* const r = row(k);
    for (std::size_t i = k; i < d; ++i) {
      b[i] += static_cast<double>(r[i]) * r[d];
      for (std::size_t j = k; j <= i; ++j)
        a[i * d + j] += static_cast<double>(r[i]) * r[j];
    }
  }
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = i + 1; j < d; ++j)
      a[i * d + j] = a[j * d + i];
}

bool root_posterior::rebase(double weight, std::span<const double> from, std::span<const double> to,
                            std::span<const double> move) {
  const std::size_t d = dim_;
  std::vector<double> a, b;
  normal_form(a, b);
  for (double& v : a)
    v *= weight;
  for (std::size_t k = 0; k < d; ++k)
    a[k * d + k] += to[k] - weight * from[k];
  if (!cholesky(a, d))
    return false;
  for (std::size_t k = 0; k < d; ++k) {
    double sum = weight * b[k] + (move.empty() ? 0.0 : move[k]);
    for (std::size_t j = 0; j < k; ++j)
      sum -= a[k * d + j] * b[j];
    b[k] = sum / a[k * d + k];
  }
  for (std::uint32_t k = 0; k < d; ++k) {
    for (std::size_t j = k; j < d; ++j)
      row(k)[j] = static_cast<float>(a[j * d + k]);
    row(k)[d] = static_cast<float>(b[k]);
  }
  return true;
}

void root_posterior::shift(std::span<const double> move) {
  assert(move.size() == dim_);
  std::vector<double> left(move.begin(), move.end());
  for (std::uint32_t k = 0; k < dim_; ++k) { // Rᵀ x = move, by rows of R
    const double x = left[k] / row(k)[k];
    for (std::uint32_t j = k + 1; j < dim_; ++j)
      left[j] -= x * row(k)[j];
    row(k)[dim_] += static_cast<float>(x);
  }
}

void root_posterior::rescale(float factor) noexcept {
  for (std::uint32_t k = 0; k < dim_; ++k)
    row(k)[dim_] *= factor;
}

posterior_state root_posterior::save() const {
  const std::size_t size = std::size_t{dim_} * (dim_ + 1) / 2 + dim_; // beyond it is what vectors may read
  return {dim_, sweeps_, {{state_.begin(), state_.begin() + static_cast<std::ptrdiff_t>(size)}}};
}

std::optional<root_posterior> root_posterior::restored(const posterior_state& s) {
  const auto modest = [](float x) { return std::abs(x) <= 1e15f; };
  if (s.dim < 1 || s.dim > most_coordinates || s.triangle.values.size() != std::size_t{s.dim} * (s.dim + 1) / 2 + s.dim ||
      !std::ranges::all_of(s.triangle.values, modest))
    return {};
  root_posterior p;
  p.dim_ = s.dim;
  p.sweeps_ = s.sweeps;
  p.state_.assign(kernels::state_size(s.dim), 0.0f);
  std::ranges::copy(s.triangle.values, p.state_.begin());
  for (std::uint32_t k = 0; k < p.dim_; ++k)
    if (!(std::abs(p.row(k)[k]) > 0))
      return {};
  std::vector<float> m(p.dim_), drawn(p.dim_, 1.0f);
  p.mean(m);
  p.sample(drawn, 1.0f, drawn);
  if (!std::ranges::all_of(m, modest) || !std::ranges::all_of(drawn, modest) ||
      !modest(p.width(std::vector<float>(p.dim_, 1.0f))))
    return {};
  return p;
}

} // namespace ammo
