#include "bench/papers/pairwise.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

namespace ammo {

namespace {

using vec = std::vector<double>;

/// Moves v to where its mean is 0.
void centre(vec& v) noexcept {
  const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  for (double& x : v)
    x -= mean;
}

double dot(const vec& a, const vec& b) noexcept { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// 1 / (1 + exp(−t)), without overflow.
double logistic(double t) noexcept {
  const double small = std::exp(-std::abs(t));
  return t >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/// ln(1 / (1 + exp(−t))), without overflow.
double log_logistic(double t) noexcept { return std::min(t, 0.0) - std::log1p(std::exp(-std::abs(t))); }

/// An item that can't be reached from item 0 along "beat" (or, `backward`, along "lost to"), or `items`.
std::size_t unreached(std::size_t items, std::span<const pair_outcome> all, bool backward) {
  std::vector<std::vector<std::uint32_t>> next(items);
  for (const pair_outcome& c : all)
    next[backward ? c.loser : c.winner].push_back(backward ? c.winner : c.loser);
  std::vector<char> seen(items, 0);
  std::vector<std::uint32_t> open{0};
  seen[0] = 1;
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const std::uint32_t to : next[at])
      if (!std::exchange(seen[to], 1))
        open.push_back(to);
  }
  return static_cast<std::size_t>(std::ranges::find(seen, 0) - seen.begin());
}

double log_likelihood(const vec& theta, std::span<const pair_outcome> all) noexcept {
  double sum = 0;
  for (const pair_outcome& c : all)
    sum += log_logistic(theta[c.winner] - theta[c.loser]);
  return sum;
}

/// The log-likelihood's gradient, and each pair_outcome's weight p(1 − p) in the Hessian.
vec gradient_of(const vec& theta, std::span<const pair_outcome> all, vec& weights) {
  vec gradient(theta.size(), 0.0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double p = logistic(theta[all[i].winner] - theta[all[i].loser]);
    weights[i] = p * (1 - p);
    gradient[all[i].winner] += 1 - p;
    gradient[all[i].loser] -= 1 - p;
  }
  return gradient;
}

/// The Newton step: H x = gradient, H = Σ w (u_winner − u_loser)(u_winner − u_loser)ᵀ, by conjugate gradients. H is
/// definite on vectors that sum to 0, where all of this lives.
vec newton_step(const vec& gradient, std::span<const pair_outcome> all, const vec& weights) {
  vec x(gradient.size(), 0.0), r = gradient, p = r, hp(r.size());
  double rr = dot(r, r);
  const double enough = rr * 1e-24;
  for (std::size_t i = 0; i < 4 * x.size() && rr > enough; ++i) {
    std::ranges::fill(hp, 0.0);
    for (std::size_t k = 0; k < all.size(); ++k) {
      const double flow = weights[k] * (p[all[k].winner] - p[all[k].loser]);
      hp[all[k].winner] += flow;
      hp[all[k].loser] -= flow;
    }
    const double php = dot(p, hp);
    if (php <= 0)
      break;
    const double step = rr / php;
    for (std::size_t j = 0; j < x.size(); ++j) {
      x[j] += step * p[j];
      r[j] -= step * hp[j];
    }
    centre(r); // rounding alone leads off that subspace, and nothing leads back
    const double before = std::exchange(rr, dot(r, r));
    for (std::size_t j = 0; j < x.size(); ++j)
      p[j] = r[j] + rr / before * p[j];
  }
  return x;
}

failure no_maximum(std::size_t item, std::string_view why) {
  return {errc::bad_value, "no maximum of the likelihood: item " + std::to_string(item) + std::string(why)};
}

} // namespace

result<std::vector<double>> bradley_terry(std::size_t items, std::span<const pair_outcome> comparisons) {
  if (items == 0)
    return {errc::bad_value, "no items to compare"};
  for (const auto [winner, loser] : comparisons)
    if (winner == loser || winner >= items || loser >= items)
      return {errc::bad_value, "pair_outcome of " + std::to_string(winner) + " with " + std::to_string(loser) + " of " +
                                 std::to_string(items) + " items"};
  if (const std::size_t item = unreached(items, comparisons, false); item < items)
    return no_maximum(item, " never lost to item 0, nor to one that did so, and so on");
  if (const std::size_t item = unreached(items, comparisons, true); item < items)
    return no_maximum(item, " never beat item 0, nor one that did so, and so on");

  vec theta(items, 0.0), weights(comparisons.size());
  double now = log_likelihood(theta, comparisons);
  const double enough = 1e-12 * static_cast<double>(comparisons.size());
  for (int round = 0; round < 200; ++round) {
    const vec gradient = gradient_of(theta, comparisons, weights);
    if (std::ranges::all_of(gradient, [=](double g) { return std::abs(g) <= enough; }))
      break;
    const vec step = newton_step(gradient, comparisons, weights);
    // Half as far until it helps (Armijo); concave, so that the full step helps near the maximum, up to rounding.
    const double slope = dot(gradient, step), rounding = 1e-14 * std::abs(now);
    for (double length = 1; length > 1e-12; length /= 2) {
      vec tried = theta;
      for (std::size_t i = 0; i < items; ++i)
        tried[i] += length * step[i];
      if (const double then = log_likelihood(tried, comparisons); then >= now + 1e-4 * length * slope - rounding) {
        theta = std::move(tried);
        now = then;
        break;
      }
    }
  }
  centre(theta);
  return theta;
}

linearised linearise_yes(double mean, double width, double noise) noexcept {
  assert(width >= 0 && noise > 0);
  const double variance = noise * width * noise * width;
  // The mode solves t = mean + variance · (1 − p(t)): increasing minus decreasing, between mean and mean + variance.
  double low = mean, high = mean + variance, t = mean;
  for (int i = 0; i < 100; ++i) {
    const double p = logistic(t), excess = t - mean - variance * (1 - p);
    (excess > 0 ? high : low) = t;
    const double next = t - excess / (1 + variance * p * (1 - p));
    const double then = next > low && next < high ? next : (low + high) / 2;
    if (std::abs(then - t) <= 1e-15 * (1 + std::abs(t)))
      break;
    t = then;
  }
  const double p = logistic(t), weight = noise * std::sqrt(p * (1 - p));
  return {weight, weight * t + (weight > 0 ? noise * (1 - p) / std::sqrt(p * (1 - p)) : 0)};
}

template <class Real>
bool observe_choice(ridge_posterior<Real>& belief, double noise, std::span<const Real> winner,
                    std::span<const Real> loser) {
  assert(winner.size() == belief.dim() && (loser.empty() || loser.size() == winner.size()));
  std::vector<Real> x(winner.begin(), winner.end()), m(winner.size());
  for (std::size_t k = 0; k < loser.size(); ++k)
    x[k] -= loser[k];
  if (!ridge_posterior<Real>::acceptable(x))
    return false;
  belief.mean(m);
  const double mean = std::inner_product(x.begin(), x.end(), m.begin(), 0.0);
  const auto [weight, value] = linearise_yes(mean, static_cast<double>(belief.width(x)), noise);
  for (Real& k : x)
    k *= static_cast<Real>(weight);
  const Real reward = static_cast<Real>(value);
  return belief.observe(x, {&reward, 1});
}

template bool observe_choice(ridge_posterior<float>&, double, std::span<const float>, std::span<const float>);
template bool observe_choice(ridge_posterior<double>&, double, std::span<const double>, std::span<const double>);

} // namespace ammo
