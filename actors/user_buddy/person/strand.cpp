#include "actors/user_buddy/person/strand.hpp"

#include "actors/user_buddy/person/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>
#include <utility>

namespace ammo {

namespace {

/// Precision of a line's intercept under its prior, in units of the noise: wide.
constexpr double wide = 1e-3;
/// λ is so many times what the rewards say: somebody has been shown the directions in which q is large, and of the others rewards say
/// nothing. Where q is isotropic that costs a line nothing; a click says too little for it (docs/people.md).
constexpr double unseen(reward_kind kind) noexcept { return kind == reward_kind::two_valued ? 1 : 3; }
/// First observations after which λ is chosen; then at twice as many, and so on.
constexpr double first_retune = 20;

/// What is known of a person's noise counts as so many observations after a change.
constexpr double few = 20;

double logistic(double x) noexcept { return 1 / (1 + std::exp(-x)); }

/// Of ln p at η, where a yes has the probability w · logistic(η): its slope, and its curvature as far as it bends down.
std::pair<double, double> click_derivatives(double eta, bool yes, double w) noexcept {
  const double s = logistic(eta);
  if (yes)
    return {1 - s, s * (1 - s)};
  return {-w * s * (1 - s) / (1 - w * s), w * s * (1 - s) * (1 - s) / (1 - w * s)};
}

/// A linear observation `at` of weight `root`².
struct pseudo {
  double root, at;
};

/// A yes, of probability w · logistic(η), or a no, where η ~ N(m, v): the linear observation with which η has the same mode and
/// the same curvature there.
pseudo pseudo_observation(double m, double v, bool yes, double w) {
  double at = m, slope = 0, curvature = 0;
  const auto look = [&](double eta) { std::tie(slope, curvature) = click_derivatives(eta, yes, w); };
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
  return {std::sqrt(curvature), at + slope / curvature};
}

bool modest(double x) noexcept { return std::abs(x) <= 1e30; }

/// What people's rewards say of a line's intercept.
double level_of(const strand_prior& prior, double sigma, const reward_scale& scale) noexcept {
  return prior.level * sigma - scale.zero;
}

} // namespace

float reward_scale::value(double reward) const noexcept {
  switch (kind) {
  case reward_kind::two_valued: return reward == low ? 0.0f : 1.0f;
  case reward_kind::heavy: return static_cast<float>(std::log1p(std::ldexp(reward, -exponent)));
  case reward_kind::linear: break;
  }
  return static_cast<float>(std::ldexp(reward, -exponent));
}

strand::strand(std::size_t dim, const reward_scale& scale, const strand_prior& prior, bool usual)
  : kind(scale.kind), lambda(unseen(kind) * std::exp(prior.log_lambda)), retune_at(first_retune) {
  switch (kind) {
  case reward_kind::two_valued:
    base_precision = 1 / prior.base_variance;
    base = prior.base;
    break;
  case reward_kind::linear: // a creation at 0 is worth 0, give or take as much as a coordinate of q: until rewards say otherwise
    base_precision = usual ? lambda : wide;
    base = usual ? -scale.zero : 0;
    if (prior.noise_worth > 0) {
      const double sigma = std::exp2(prior.log_noise - scale.exponent);
      observed = prior.noise_worth;
      squares = std::max(observed - 1, 1.0) * sigma * sigma;
      retune_at += observed;
    }
    if (prior.level_variance > 0) {
      base_precision = 1 / prior.level_variance;
      base = level_of(prior, noise(), scale);
    }
    break;
  case reward_kind::heavy: base_precision = wide;
  }
  std::vector<double> diagonal(dim, lambda);
  diagonal[0] = base_precision;
  belief = root_posterior(diagonal);
  belief.begin_at(static_cast<float>(base));
}

void strand::mirror() {
  belief.rescale(-1);
  base = -base;
  for (float& c : centre)
    c = -c;
}

void strand::hear(std::span<const float> liked, int sign) {
  if (liked.empty() && centre.empty())
    return;
  const std::size_t d = dim();
  centre.resize(d - 1);
  const double length = sign * noise() * std::sqrt(static_cast<double>(d - 1) / lambda);
  const double total = squares + belief.explained() - lambda * centre_squares();
  std::vector<double> move(d, 0.0);
  for (std::size_t k = 0; k + 1 < d; ++k) {
    const auto to = static_cast<float>(length * liked[k]);
    move[k + 1] = lambda * (double{to} - centre[k]);
    centre[k] = to;
  }
  belief.shift(move);
  squares = std::max(total + lambda * centre_squares() - belief.explained(), 0.0);
}

double strand::centre_squares() const noexcept {
  return std::inner_product(centre.begin(), centre.end(), centre.begin(), 0.0);
}

strand::look strand::own_level() const {
  std::vector<float> m(dim()), at_zero(dim(), 0.0f);
  belief.mean(m);
  at_zero[0] = 1;
  const double sigma = noise(), width = belief.width(at_zero), all = 1 / (width * width), own = all - base_precision;
  if (!(own > 1e-3 * all) || !(sigma > 0))
    return {};
  return {(m[0] * all - base * base_precision) / (own * sigma), own};
}

std::vector<double> strand::parts(std::span<const double> pull, const observations& o, double usual) const {
  const std::size_t d = dim();
  std::vector<float> theta(d);
  belief.mean(theta);
  std::vector<double> out(o.size());
  for (std::size_t i = 0; i < o.size(); ++i) {
    const float* const x = o.x.data() + i * d;
    const double moves = std::inner_product(pull.begin(), pull.end(), x, 0.0), w = o.looks[i];
    if (kind != reward_kind::two_valued) {
      out[i] = moves * (o.values[i] - w * usual);
      continue;
    }
    const double eta = std::inner_product(theta.begin(), theta.end(), x, 0.0);
    const auto [slope, curvature] = click_derivatives(eta, o.values[i] > 0.5f, w);
    out[i] = moves * (slope + curvature * (eta - usual));
  }
  return out;
}

double strand::part_of_centre(std::span<const double> pull) const noexcept {
  return lambda * std::inner_product(centre.begin(), centre.end(), pull.begin() + 1, 0.0);
}

strand strand::afresh() const {
  strand s(*this);
  std::vector<double> diagonal = prior_diagonal(lambda);
  s.belief = root_posterior(diagonal);
  s.belief.begin_at(static_cast<float>(base));
  s.centre.clear();
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

double strand::told_lambda() const noexcept { return lambda / unseen(kind); }

double strand::noise() const noexcept {
  if (kind == reward_kind::two_valued)
    return 1;
  return std::sqrt(std::max(squares, 0.0) / std::max(observed - 1, 1.0)) + 1e-9;
}

double strand::learn(const observations& o, const reward_scale& scale, const strand_prior& prior) {
  if (!o.preferred.empty())
    learn_preferences(o);
  if (o.size() == 0)
    return 0;
  const double score = kind == reward_kind::two_valued ? learn_clicks(o) : learn_line(o);
  ++rounds;
  observed += static_cast<double>(o.size());
  if (observed >= retune_at) {
    retune(scale, prior);
    retune_at = 2 * observed;
  }
  return score;
}

double strand::learn_line(const observations& o) {
  const std::size_t m = o.size(), d = dim();
  std::vector<float> weighted_x, weighted_y;
  std::span<const float> x(o.x), y(o.values);
  double log_looks = 0;
  if (std::ranges::any_of(o.looks, [](float w) { return w != 1; })) {
    weighted_x = o.x;
    weighted_y = o.values;
    for (std::size_t i = 0; i < m; ++i) {
      const float root = std::sqrt(o.looks[i]);
      for (std::size_t k = 0; k < d; ++k)
        weighted_x[i * d + k] *= root;
      weighted_y[i] /= root;
      log_looks += std::log(root);
    }
    x = weighted_x;
    y = weighted_y;
  }
  const double sigma = std::max(noise(), 1e-12), before = belief.log_volume();
  const double left = belief.absorb(x, y), n = static_cast<double>(m), volume = before - belief.log_volume();
  const double score = volume - left / (2 * sigma * sigma) -
                       n * std::log(sigma * std::sqrt(2 * std::numbers::pi)) - log_looks;
  squares += left;
  if (rounds >= remembered) { // of the round that is forgotten now: what came since may be a change, and no tail
    const auto& old = foreseen[rounds % remembered];
    const double off = static_cast<double>(old.misfit) / (sigma * sigma) - static_cast<double>(old.count);
    wild += (std::min(off * off / (2 * static_cast<double>(old.count)), 1e4) - wild) / std::min(rounds - remembered + 8.0, 256.0);
  }
  foreseen[rounds % remembered] = {static_cast<float>(volume), static_cast<float>(left), static_cast<float>(n)};
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
    const auto [root, at] = pseudo_observation(m, v, yes, w);
    for (std::size_t k = 0; k < d; ++k)
      x[k] = static_cast<float>(root * e[k]);
    const auto y = static_cast<float>(root * at);
    squares += belief.absorb(x, std::span(&y, 1));
  }
  foreseen[rounds % remembered] = {static_cast<float>(score - expected), static_cast<float>(-2 * expected), static_cast<float>(spread)};
  return score;
}

/// Bradley–Terry: P = logistic(x·θ / (temperature · σ)).
void strand::learn_preferences(const observations& o) {
  const std::size_t d = dim();
  std::vector<float> mean(d), x(d);
  const double sigma = std::max(noise(), 1e-6), unit = o.sign / (o.temperature * sigma);
  for (std::size_t i = 0; i < o.preferred.size(); i += d) {
    const std::span<const float> e(o.preferred.data() + i, d);
    belief.mean(mean);
    double m = 0;
    for (std::size_t k = 0; k < d; ++k)
      m += static_cast<double>(mean[k]) * e[k];
    const double width = belief.width(e) * sigma * unit, v = width * width;
    if (!(v > 0) || !std::isfinite(v))
      continue; // the same place
    const auto [root, at] = pseudo_observation(m * unit, v, true, 1);
    for (std::size_t k = 0; k < d; ++k)
      x[k] = static_cast<float>(root * sigma * unit * e[k]);
    const auto y = static_cast<float>(root * sigma * at);
    (void)belief.absorb(x, std::span(&y, 1));
  }
}

strand_state strand::save() const {
  strand_state s{.situation = 0, .belief = belief.save(), .kind = static_cast<std::uint8_t>(kind), .lambda = lambda, .base_precision = base_precision, .base = base, .observed = observed, .squares = squares, .retune_at = retune_at, .wild = wild, .rounds = rounds, .restarts = restarts, .foreseen = {}, .centre = centre};
  for (const foresight& f : foreseen)
    s.foreseen.push_back({f.volume, f.misfit, f.count});
  return s;
}

std::optional<strand> strand::restored(std::size_t dim, const strand_state& s) {
  auto belief = root_posterior::restored(s.belief);
  const auto positive = [](double x) { return x > 0 && modest(x); };
  const auto finite = [](const foresight_state& f) { return std::isfinite(f.volume) && std::isfinite(f.misfit) && std::isfinite(f.count); };
  if (!belief || belief->dim() != dim || s.kind >= reward_kinds || !positive(s.lambda) || !positive(s.base_precision) ||
      !modest(s.base) || !(s.observed >= 0 && modest(s.observed)) || !modest(s.squares) || !positive(s.retune_at) ||
      !(s.wild >= 0 && modest(s.wild)) || s.foreseen.size() != remembered || !std::ranges::all_of(s.foreseen, finite) || (!s.centre.empty() && s.centre.size() + 1 != dim) || !std::ranges::all_of(s.centre, modest))
    return {};
  strand out;
  out.belief = std::move(*belief);
  out.kind = static_cast<reward_kind>(s.kind);
  out.lambda = s.lambda;
  out.base_precision = s.base_precision;
  out.base = s.base;
  out.observed = s.observed;
  out.squares = s.squares;
  out.retune_at = s.retune_at;
  out.wild = s.wild;
  out.centre = s.centre;
  out.rounds = s.rounds;
  out.restarts = s.restarts;
  for (std::size_t i = 0; i < remembered; ++i)
    out.foreseen[i] = {s.foreseen[i].volume, s.foreseen[i].misfit, s.foreseen[i].count};
  return out;
}

void strand::retune(const reward_scale& scale, const strand_prior& prior) {
  const std::size_t d = dim();
  std::vector<double> a, b;
  belief.normal_form(a, b);
  const auto from = prior_diagonal(lambda);
  if (observed > 64 * static_cast<double>(d) && a[d + 1] > 1e6 * lambda)
    return; // the data decide; float32 has nothing left of the prior
  const double centred = centre_squares();
  const double observed_squares = squares + belief.explained() - base_precision * base * base - lambda * centred; // Σ y²
  double best = -INFINITY, best_lambda = lambda, best_precision = base_precision;
  // Of a line, too, whether a creation at 0 is worth about 0, or anything; once it may be anything, it may.
  const bool pooled = kind == reward_kind::linear && prior.level_variance > 0;
  const bool closed = kind == reward_kind::linear && base_precision != wide && !pooled;
  const double level = pooled ? level_of(prior, noise(), scale) : base;
  const prior_evidence evidence_of(a, b, {lambda, base_precision, base}, centre);
  for (int step = -10; step <= 31; ++step) {
    const bool open = step > 10;
    const double tried = lambda / unseen(kind) * std::exp2((open ? step - 21 : step) * 0.5);
    const double precision = pooled ? 1 / prior.level_variance : !closed ? base_precision
                                                               : open    ? wide
                                                                         : tried;
    if (tried < 1e-6 || tried > 1e6 || (open && !closed))
      continue;
    const double total = observed_squares + precision * level * level + tried * centred;
    const auto looked = evidence_of.under({tried, precision, level});
    if (!looked)
      continue;
    double evidence = static_cast<double>(d - 1) / 2 * std::log(tried) + std::log(precision) / 2 - looked->log_volume;
    if (kind == reward_kind::two_valued)
      evidence += looked->explained / 2;
    else
      evidence -= (observed - 1) / 2 * std::log(std::max(total - looked->explained, 1e-12 * total + 1e-300));
    const double away = std::log(tried) - prior.log_lambda;
    evidence -= away * away / (2 * prior.log_lambda_variance);
    if (evidence > best) {
      best = evidence;
      best_lambda = unseen(kind) * tried;
      best_precision = precision;
    }
  }
  double new_base = level, new_precision = best_precision;
  if (kind == reward_kind::two_valued) {
    new_base = prior.base;
    new_precision = 1 / prior.base_variance;
  }
  if (best_lambda == lambda && new_base == base && new_precision == base_precision)
    return;
  std::vector<double> to(d, best_lambda);
  to[0] = new_precision;
  std::vector<double> move(d, 0.0);
  move[0] = new_precision * new_base - base_precision * base;
  for (std::size_t k = 0; k < centre.size(); ++k)
    move[k + 1] = (best_lambda - lambda) * centre[k];
  if (!belief.rebase(1, from, to, move))
    return;
  lambda = best_lambda;
  base = new_base;
  base_precision = new_precision;
  squares = std::max(observed_squares + base_precision * base * base + lambda * centred - belief.explained(), 0.0);
}

} // namespace ammo
