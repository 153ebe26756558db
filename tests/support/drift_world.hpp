/// The drift setting of Russac, Vernade, Cappé (arXiv 1909.09146, §5; YRussac/WeightedLinearBandits), one slot, and the
/// learners that are compared in it. A run follows from its seed alone; all learners meet the same arms and noise.
#pragma once

#include "actors/base/gaussian.hpp"
#include "bench/papers/discounted_posterior.hpp"
#include "actors/user_buddy/belief/drifting_posterior.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace drift {

using point = std::array<double, 2>;
using round_arms = std::array<point, 50>;

inline constexpr std::uint64_t horizon = 6000;
inline constexpr double sigma = 1, lambda = 0.1, delta = 0.01, gamma = 0.9941173985691094;

enum class world : std::uint8_t { changing, still };

[[nodiscard]] constexpr bool changes_before(std::uint64_t t) noexcept { return t == 1001 || t == 2001 || t == 3001; }

/// q in round t; the first round is 1.
[[nodiscard]] constexpr point preference(world w, std::uint64_t t) noexcept {
  if (w == world::still || t <= 1000)
    return {1, 0};
  return t <= 2000 ? point{-1, 0} : t <= 3000 ? point{0, 1} : point{0, -1};
}

[[nodiscard]] constexpr double dot(const point& a, const point& b) noexcept { return a[0] * b[0] + a[1] * b[1]; }

/// Uniform on [−1, 1]², scaled into the unit ball where longer.
[[nodiscard]] inline round_arms arms_of(std::uint64_t seed, std::uint64_t t) {
  auto g = ammo::generator(seed, ammo::stream::data, 0, t);
  round_arms arms;
  for (point& e : arms) {
    e = {2 * ammo::uniform01(g) - 1, 2 * ammo::uniform01(g) - 1};
    if (const double norm = std::sqrt(dot(e, e)); norm > 1)
      e = {e[0] / norm, e[1] / norm};
  }
  return arms;
}

[[nodiscard]] std::size_t best_of(const round_arms& arms, auto&& score) {
  std::size_t best = 0;
  double most = score(arms[0]);
  for (std::size_t i = 1; i < arms.size(); ++i)
    if (const double s = score(arms[i]); s > most) {
      most = s;
      best = i;
    }
  return best;
}

/// β after n rounds (theorem 1 of the paper, with L = S = 1); γ = 1: LinUCB's.
[[nodiscard]] inline double radius(std::uint64_t n, double discount) {
  const double rounds = static_cast<double>(n);
  const double weight = discount < 1 ? (1 - std::pow(discount, 2 * rounds)) / (1 - discount * discount) : rounds;
  return std::sqrt(lambda) + sigma * std::sqrt(2 * std::log(1 / delta) + 2 * std::log(1 + weight / (2 * lambda)));
}

/// Optimism: the arm with the largest m·e + β·width(e).
template <class Posterior>
[[nodiscard]] std::size_t optimistic(const Posterior& p, const round_arms& arms, double beta) {
  point m;
  p.mean(m);
  return best_of(arms, [&](const point& e) { return dot(m, e) + beta * p.width(e); });
}

/// Thompson sampling: the best arm under a q drawn from the posterior.
template <class Posterior>
[[nodiscard]] std::size_t sampled(const Posterior& p, const round_arms& arms, std::uint64_t seed, std::uint64_t t) {
  auto g = ammo::generator(seed, ammo::stream::policy, 0, t);
  std::array<float, 2> z;
  ammo::standard_normal(g, z);
  point q{z[0], z[1]};
  p.sample(q, sigma, q);
  return best_of(arms, [&](const point& e) { return dot(q, e); });
}

enum class choice : std::uint8_t { optimism, thompson };

/// A posterior and how it chooses. An oracle starts anew at each change, as only a simulation can.
template <class Posterior>
struct learner {
  Posterior fresh;
  choice by = choice::thompson;
  double discount = 1; ///< of the radius
  bool oracle = false;
};

struct outcome {
  double regret = 0;
  std::uint64_t restarts = 0; ///< that a `drifting_posterior` made
};

/// Cumulative regret at the horizon.
template <class Posterior>
[[nodiscard]] outcome play(const learner<Posterior>& l, world w, std::uint64_t seed) {
  outcome out;
  Posterior p = l.fresh;
  std::uint64_t learned = 0;
  for (std::uint64_t t = 1; t <= horizon; ++t, ++learned) {
    if (l.oracle && changes_before(t)) {
      p = l.fresh;
      learned = 0;
    }
    const round_arms arms = arms_of(seed, t);
    const std::size_t chosen = l.by == choice::thompson ? sampled(p, arms, seed, t)
                                                        : optimistic(p, arms, radius(learned, l.discount));
    const auto value = [q = preference(w, t)](const point& e) { return dot(q, e); };
    out.regret += value(arms[best_of(arms, value)]) - value(arms[chosen]);
    auto g = ammo::generator(seed, ammo::stream::noise, 0, t);
    float noise = 0;
    ammo::standard_normal(g, {&noise, 1});
    const double reward = value(arms[chosen]) + sigma * double{noise};
    if (!p.observe(arms[chosen], {&reward, 1}))
      return {NAN, 0};
  }
  if constexpr (requires { p.restarts(); })
    out.restarts = p.restarts();
  return out;
}

using ridge = ammo::ridge_posterior<double>;
using discounted = ammo::discounted_posterior<double>;
using drifting = ammo::drifting_posterior<double>;

inline const learner<ridge> lin_ucb{ridge(2, lambda), choice::optimism};
inline const learner<ridge> oracle_lin_ucb{ridge(2, lambda), choice::optimism, 1, true};
inline const learner<discounted> d_lin_ucb{discounted(2, lambda, gamma), choice::optimism, gamma};
inline const learner<discounted> d_lin_ts{discounted(2, lambda, gamma)};
inline const learner<ridge> thompson{ridge(2, lambda)};
inline const learner<ridge> oracle_thompson{ridge(2, lambda), choice::thompson, 1, true};
inline const learner<drifting> restarting_thompson{drifting(2, lambda, {})};

/// Mean of independent samples with its standard error.
struct estimate {
  double mean = 0, error = 0;
};

[[nodiscard]] inline estimate estimate_of(const std::vector<double>& x) {
  const double n = static_cast<double>(x.size());
  double sum = 0, squares = 0;
  for (double v : x)
    sum += v;
  for (double v : x)
    squares += (v - sum / n) * (v - sum / n);
  return {sum / n, std::sqrt(squares / (n * (n - 1)))};
}

/// Of seeds 1 … `runs`.
template <class Posterior>
[[nodiscard]] std::vector<double> regrets(const learner<Posterior>& l, world w, std::uint64_t runs) {
  std::vector<double> out;
  for (std::uint64_t seed = 1; seed <= runs; ++seed)
    out.push_back(play(l, w, seed).regret);
  return out;
}

} // namespace drift
