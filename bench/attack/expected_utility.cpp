#include "bench/attack/expected_utility.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr int most_steps = 40;
constexpr double first_step = 0.3, last_step = 1e-4; ///< times the gradient
constexpr double gain = 1e-7;                        ///< what counts as one
constexpr double certain = 6;                        ///< standard deviations

} // namespace

double expected_utility::value(std::span<const float> x, std::span<float> slope) const {
  const double lambda = view_.config.lambda;
  double sum = -lambda * view_.error_of(x);
  if (!slope.empty()) {
    ball::add(slope, view_.grounded, lambda);
    ball::add(slope, x, -lambda);
  }
  for (const likely_taste& p : people_) {
    const auto spread = p.q->spread(x);
    const double variance = std::max(1e-6, double{ball::quick_dot(spread, x)}), deviation = std::sqrt(variance);
    const double gap = ball::dot(p.q->mean(), x) - p.least, z = gap / deviation, chance = normal_cdf(z);
    sum += p.share * chance * (1 + 4 * interest_ * (1 - chance));
    if (slope.empty() || std::abs(z) > certain)
      continue;
    const double rise = p.share * normal_density(z) * (1 + 4 * interest_ * (1 - 2 * chance)) / deviation;
    ball::add(slope, p.q->mean(), rise);
    ball::add(slope, spread, -rise * gap / variance);
  }
  return sum;
}

std::vector<float> expected_utility::climbed(std::vector<float> x) const {
  std::vector<float> slope(x.size()), next(x.size());
  double here = value(x, slope), step = first_step;
  for (int i = 0; i < most_steps && step > last_step; ++i) {
    auto to = ball::along(x, slope, step, view_.config.norm_cap);
    std::ranges::fill(next, 0.0f);
    const double there = value(to, next);
    if (!(there > here)) {
      step *= 0.4;
      continue;
    }
    const bool arrived = there - here < gain;
    here = there;
    x = std::move(to);
    slope.swap(next);
    step *= 1.5;
    if (arrived)
      break;
  }
  return x;
}

} // namespace ammo
