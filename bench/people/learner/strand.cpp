#include "bench/people/learner/strand.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ammo {

namespace {

/// Precision of a line's intercept under its prior, in units of the noise: wide.
constexpr double wide = 1e-3;
/// First observations after which λ is chosen; then at twice as many, and so on.
constexpr double first_retune = 10;

/// What is known of a person's noise counts as so many observations after a change.
constexpr double few = 20;

double logistic(double x) noexcept { return 1 / (1 + std::exp(-x)); }

} // namespace

float reward_scale::value(double reward) const noexcept {
  switch (kind) {
    case reward_kind::two_valued: return reward == low ? 0.0f : 1.0f;
    case reward_kind::heavy: return static_cast<float>(std::log1p(std::ldexp(reward, -exponent)));
    case reward_kind::linear: break;
  }
  return static_cast<float>(std::ldexp(reward, -exponent));
}

strand::strand(std::size_t dim, reward_kind k, const strand_prior& prior)
  : kind(k), lambda(std::exp(prior.log_lambda)), base_precision(k == reward_kind::two_valued ? 1 / prior.base_variance : wide),
    base(k == reward_kind::two_valued ? prior.base : 0), retune_at(first_retune) {
  std::vector<double> diagonal(dim, lambda);
  diagonal[0] = base_precision;
  belief = root_posterior(diagonal);
  if (base != 0)
    belief.rebase(1, diagonal, diagonal, base_precision * base);
}

void strand::mirror() {
  belief.rescale(-1);
  base = -base;
}

strand strand::afresh() const {
  strand s(*this);
  std::vector<double> diagonal = prior_diagonal(lambda);
  s.belief = root_posterior(diagonal);
  if (base != 0)
    s.belief.rebase(1, diagonal, diagonal, base_precision * base);
  s.rounds = 0;
  s.observed = few;
  s.squares = few * noise() * noise();
  s.retune_at = 2 * few;
  return s;
}

std::vector<double> strand::prior_diagonal(double slope_precision) const {
  std::vector<double> d(dim(), slope_precision);
  d[0] = base_precision;
  return d;
}

double strand::noise() const noexcept {
  if (kind == reward_kind::two_valued)
    return 1;
  return std::sqrt(std::max(squares, 0.0) / std::max(observed - 1, 1.0)) + 1e-9;
}

double strand::learn(const observations& o, const strand_prior& prior) {
  const double score = kind == reward_kind::two_valued ? learn_clicks(o) : learn_line(o);
  ++rounds;
  observed += static_cast<double>(o.size());
  if (observed >= retune_at) {
    retune(prior);
    retune_at = 2 * observed;
  }
  return score;
}

double strand::learn_line(const observations& o) {
  const std::size_t m = o.size(), d = dim();
  std::vector<float> x(o.x), y(o.values);
  double log_looks = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const float root = std::sqrt(o.looks[i]);
    if (root == 1)
      continue;
    for (std::size_t k = 0; k < d; ++k)
      x[i * d + k] *= root;
    y[i] /= root;
    log_looks += std::log(root);
  }
  const double sigma = std::max(noise(), 1e-12), before = belief.log_volume();
  const double left = belief.absorb(x, y), n = static_cast<double>(m);
  const double score = before - belief.log_volume() - left / (2 * sigma * sigma) -
                       n * std::log(sigma * std::sqrt(2 * std::numbers::pi)) - log_looks;
  squares += left;
  if (rounds >= remembered) { // of the round that is forgotten now: what came since may be a change, and no tail
    const auto& old = foreseen[rounds % remembered];
    const double off = static_cast<double>(old.misfit) / (sigma * sigma) - static_cast<double>(old.count);
    wild += (std::min(off * off / (2 * static_cast<double>(old.count)), 1e4) - wild) / std::min(rounds - remembered + 8.0, 256.0);
  }
  foreseen[rounds % remembered] = {static_cast<float>(before - belief.log_volume()), static_cast<float>(left), static_cast<float>(n)};
  return score;
}

double strand::learn_clicks(const observations& o) {
  const std::size_t d = dim();
  std::vector<float> mean(d), x(d);
  double score = 0, expected = 0, spread = 0;
  for (std::size_t i = 0; i < o.size(); ++i) {
    const std::span<const float> e(o.x.data() + i * d, d);
    belief.mean(mean);
    double m = 0;
    for (std::size_t k = 0; k < d; ++k)
      m += static_cast<double>(mean[k]) * e[k];
    const double w = o.looks[i], width = belief.width(e), v = width * width;
    const bool yes = o.values[i] > 0.5f;
    const double p = w * logistic(m / std::sqrt(1 + v * std::numbers::pi / 8)); // averaged over what is believed
    const double log_yes = std::log(std::max(p, 1e-12)), log_no = std::log1p(-std::min(p, 1 - 1e-12));
    score += yes ? log_yes : log_no;
    expected += p * log_yes + (1 - p) * log_no;
    spread += p * (1 - p) * (log_yes - log_no) * (log_yes - log_no);
    // The mode along x, and a pseudo-observation that has it for its posterior's mean.
    double at = m, slope = 0, curvature = 0;
    const auto look = [&](double eta) {
      const double s = logistic(eta);
      if (yes) {
        slope = 1 - s;
        curvature = s * (1 - s);
      } else {
        slope = -w * s * (1 - s) / (1 - w * s);
        curvature = w * s * (1 - s) * (1 - s) / (1 - w * s);
      }
    };
    double low = m - 40, high = m + 40;
    for (int step = 0; step < 30; ++step) {
      look(at);
      const double gradient = slope - (at - m) / v;
      (gradient > 0 ? low : high) = at;
      double next = at + gradient / (curvature + 1 / v);
      if (!(next > low && next < high))
        next = (low + high) / 2;
      if (std::abs(next - at) < 1e-7 * (1 + std::abs(at)))
        break;
      at = next;
    }
    look(at);
    curvature = std::max(curvature, 1e-9);
    const double root = std::sqrt(curvature);
    for (std::size_t k = 0; k < d; ++k)
      x[k] = static_cast<float>(root * e[k]);
    const auto y = static_cast<float>(root * (at + slope / curvature));
    squares += belief.absorb(x, std::span(&y, 1));
  }
  foreseen[rounds % remembered] = {static_cast<float>(score - expected), static_cast<float>(-2 * expected), static_cast<float>(spread)};
  return score;
}

void strand::retune(const strand_prior& prior) {
  const std::size_t d = dim();
  std::vector<double> a, b, l;
  belief.normal_form(a, b);
  const auto from = prior_diagonal(lambda);
  if (observed > 64 * static_cast<double>(d) && a[d + 1] > 1e6 * lambda)
    return; // the data decide; float32 has nothing left of the prior
  const double total = squares + belief.explained(); // Σ y² and the prior's share of the intercept
  double best = -INFINITY, best_lambda = lambda;
  for (int step = -10; step <= 10; ++step) {
    const double tried = lambda * std::exp2(step * 0.5);
    if (tried < 1e-6 || tried > 1e6)
      continue;
    l = a;
    for (std::size_t k = 1; k < d; ++k)
      l[k * d + k] += tried - lambda;
    if (!cholesky(l, d))
      continue;
    double explained = 0, volume = 0;
    std::vector<double> y(b);
    for (std::size_t k = 0; k < d; ++k) {
      for (std::size_t j = 0; j < k; ++j)
        y[k] -= l[k * d + j] * y[j];
      y[k] /= l[k * d + k];
      explained += y[k] * y[k];
      volume += std::log(l[k * d + k]);
    }
    double evidence = static_cast<double>(d - 1) / 2 * std::log(tried) - volume;
    if (kind == reward_kind::two_valued)
      evidence += explained / 2;
    else
      evidence -= (observed - 1) / 2 * std::log(std::max(total - explained, 1e-12 * total + 1e-300));
    const double away = std::log(tried) - prior.log_lambda;
    evidence -= away * away / (2 * prior.log_lambda_variance);
    if (evidence > best) {
      best = evidence;
      best_lambda = tried;
    }
  }
  double new_base = base, new_precision = base_precision;
  if (kind == reward_kind::two_valued) {
    new_base = prior.base;
    new_precision = 1 / prior.base_variance;
  }
  if (best_lambda == lambda && new_base == base && new_precision == base_precision)
    return;
  std::vector<double> to(d, best_lambda);
  to[0] = new_precision;
  if (!belief.rebase(1, from, to, new_precision * new_base - base_precision * base))
    return;
  lambda = best_lambda;
  base = new_base;
  base_precision = new_precision;
  squares = std::max(total - belief.explained(), 0.0);
}

} // namespace ammo
