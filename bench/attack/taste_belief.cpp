#include "bench/attack/taste_belief.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double doubt = 1e-5;    ///< variance of the error of a comparison
constexpr double no_surprise = 4; ///< standard deviations from which a comparison says nothing
constexpr double far_out = -8;    ///< and from which a tail is known by its series

/// φ(z)/Φ(z).
double hazard(double z) noexcept {
  return z < far_out ? -z - 1 / z : normal_density(z) / normal_cdf(z);
}

} // namespace

double normal_density(double z) noexcept { return std::exp(-z * z / 2) / std::sqrt(2 * M_PI); }

double normal_cdf(double z) noexcept { return 0.5 * std::erfc(-z * M_SQRT1_2); }

taste_belief::taste_belief(std::span<const vec> samples, double wider, double anywhere) {
  const std::size_t width = samples.front().size();
  const double share = 1 / static_cast<double>(samples.size());
  mean_.assign(width, 0);
  covariance_.assign(width * width, 0);
  for (const vec& s : samples)
    ball::add(mean_, s, share);
  for (const vec& s : samples) {
    vec off = s;
    ball::add(off, mean_, -1);
    for (std::size_t k = 0; k < width; ++k)
      ball::add(std::span(covariance_).subspan(k * width, width), off, wider * share * double{off[k]});
  }
  for (std::size_t k = 0; k < width; ++k)
    covariance_[k * width + k] += static_cast<float>(anywhere);
}

taste_belief::vec taste_belief::spread(std::span<const float> x) const {
  const std::size_t width = mean_.size();
  vec out(width);
  for (std::size_t k = 0; k < width; ++k)
    out[k] = ball::quick_dot(std::span(covariance_).subspan(k * width, width), x);
  return out;
}

double taste_belief::variance(std::span<const float> x) const {
  return std::max(exact, double{ball::quick_dot(spread(x), x)});
}

void taste_belief::becomes(std::span<const float> x, std::span<const float> spread, double mean, double variance) {
  const double before = double{ball::quick_dot(spread, x)};
  if (!(before > exact))
    return; // it is known
  const double narrower = (before - std::max(exact, variance)) / before / before;
  ball::add(mean_, spread, (mean - ball::dot(mean_, x)) / before);
  const std::size_t width = mean_.size();
  for (std::size_t k = 0; k < width && narrower != 0; ++k)
    ball::add(std::span(covariance_).subspan(k * width, width), spread, -narrower * double{spread[k]});
}

void taste_belief::compare(std::span<const float> x, double least, bool above, factor& said) {
  const auto s = spread(x);
  const double now = double{ball::quick_dot(s, x)};
  const double precision = 1 / now - double{said.precision}; // without this comparison
  if (!(now > exact) || !(precision * now > 1e-3))
    return;
  const double sign = above ? 1 : -1, variance = 1 / precision;
  const double mean = variance * (ball::dot(mean_, x) / now - double{said.weighted});
  const double deviation = std::sqrt(variance + doubt), z = sign * (mean - least) / deviation;
  double left_mean = mean, left = variance;
  if (z < no_surprise) {
    const double h = hazard(z);
    left_mean += sign * variance * h / deviation;
    left -= variance * variance * h * (h + z) / (variance + doubt);
    left = std::max({left, exact, 1e-3 * variance});
  }
  said = {static_cast<float>(1 / left - precision), static_cast<float>(left_mean / left - mean * precision)};
  becomes(x, s, left_mean, left);
}

taste_belief::vec taste_belief::draw(splitmix64& g) const {
  const std::size_t width = mean_.size();
  vec root = covariance_, noise(width), out = mean_; // of Cholesky, row by row; what is known has none
  standard_normal(g, noise);
  const auto row = [&](std::size_t k) { return std::span(root).subspan(k * width, width); };
  for (std::size_t k = 0; k < width; ++k) {
    const auto r = row(k);
    for (std::size_t j = 0; j < k; ++j)
      r[j] = row(j)[j] > 1e-5f ? (r[j] - ball::quick_dot(r.first(j), row(j).first(j))) / row(j)[j] : 0;
    r[k] = std::sqrt(std::max(0.0f, r[k] - ball::quick_dot(r.first(k), r.first(k))));
    out[k] += ball::quick_dot(r.first(k + 1), std::span(noise).first(k + 1));
  }
  return out;
}

} // namespace ammo
