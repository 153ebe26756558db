#include "actors/diagnosis/alpha_rank.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>

namespace ammo {

namespace {

// A mutant that never wins would take the chain apart; that it wins this rarely changes no figure.
constexpr double least_chance = 1e-100;
constexpr std::size_t most_profiles = 4096;

bool in_range(const alpha_rank_options& o) noexcept {
  return std::isfinite(o.alpha) && o.alpha >= 0 && o.population > 1;
}

/// The chance that one mutant takes over a population of m where it has the advantage u over a resident in each step:
/// (1 − e^−u) / (1 − e^−mu).
double takes_over(double u, double m) {
  if (std::abs(u) < 1e-14)
    return 1 / m;
  return u > 0 ? std::expm1(-u) / std::expm1(-m * u) : std::exp((m - 1) * u) * std::expm1(u) / std::expm1(m * u);
}

/// The same in a well-mixed population, where the advantage depends on how many mutants there are:
/// 1 / (1 + Σ_l Π_{k≤l} e^(−α(f_mutant − f_resident))), summed in logarithms.
double takes_over_mixed(std::size_t strategies, std::span<const double> payoffs, std::size_t mutant,
                        std::size_t resident, const alpha_rank_options& o) {
  const auto gain = [&](std::size_t a, std::size_t b) { return payoffs[a * strategies + b]; };
  const auto m = static_cast<double>(o.population);
  double exponent = 0, top = 0, sum = 1; // sum of exp(exponent − top)
  for (std::size_t l = 1; l < o.population; ++l) {
    const auto k = static_cast<double>(l); // mutants
    const double f = ((k - 1) * gain(mutant, mutant) + (m - k) * gain(mutant, resident)) / (m - 1);
    const double g = ((m - k - 1) * gain(resident, resident) + k * gain(resident, mutant)) / (m - 1);
    exponent -= o.alpha * (f - g);
    if (exponent > top) {
      sum = sum * std::exp(top - exponent) + 1;
      top = exponent;
    } else {
      sum += std::exp(exponent - top);
    }
  }
  return std::exp(-top) / sum;
}

} // namespace

std::vector<double> stationary_distribution(std::vector<double> chain, std::size_t states) {
  assert(states > 0 && chain.size() == states * states);
  const auto at = [&](std::size_t i, std::size_t j) -> double& { return chain[i * states + j]; };
  for (std::size_t k = states; k-- > 1;) {
    double leaves = 0; // k for a state below
    for (std::size_t j = 0; j < k; ++j)
      leaves += at(k, j);
    for (std::size_t i = 0; i < k; ++i)
      at(i, k) /= leaves;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j)
        at(i, j) += at(i, k) * at(k, j);
  }
  std::vector<double> pi(states, 0.0);
  pi[0] = 1;
  for (std::size_t k = 1; k < states; ++k) {
    for (std::size_t i = 0; i < k; ++i)
      pi[k] += pi[i] * at(i, k);
    const double total = std::accumulate(pi.begin(), pi.begin() + static_cast<std::ptrdiff_t>(k) + 1, 0.0);
    for (double& p : pi)
      p /= total;
  }
  return pi;
}

result<std::vector<double>> alpha_rank(std::size_t strategies, std::span<const double> payoffs,
                                       alpha_rank_options options) {
  if (strategies == 0 || payoffs.size() != strategies * strategies)
    return {errc::wrong_dimension, std::to_string(payoffs.size()) + " payoffs of " + std::to_string(strategies) +
                                     " strategies"};
  if (!std::ranges::all_of(payoffs, [](double p) { return std::isfinite(p); }))
    return {errc::not_finite, "a payoff"};
  if (!in_range(options))
    return {errc::bad_value, "selection of α-Rank"};
  std::vector<double> chain(payoffs.size(), 0.0);
  for (std::size_t s = 0; s < strategies; ++s)
    for (std::size_t r = 0; r < strategies; ++r)
      if (r != s) {
        const double u = options.alpha * (payoffs[r * strategies + s] - payoffs[s * strategies + r]);
        const double chance = options.local_selection ? takes_over(u, static_cast<double>(options.population))
                                                      : takes_over_mixed(strategies, payoffs, r, s, options);
        chain[s * strategies + r] = std::max(chance, least_chance) / static_cast<double>(strategies - 1);
      }
  return stationary_distribution(std::move(chain), strategies);
}

result<std::vector<double>> alpha_rank(const normal_form& game, alpha_rank_options options) {
  if (!in_range(options))
    return {errc::bad_value, "selection of α-Rank"};
  const std::size_t n = game.profiles();
  if (n > most_profiles)
    return {errc::overloaded, std::to_string(n) + " profiles"};
  std::size_t ways = 0; // to mutate
  for (const std::size_t a : game.actions())
    ways += a - 1;
  std::vector<double> chain(n * n, 0.0);
  for (std::size_t from = 0; from < n; ++from)
    for (std::size_t p = 0; p < game.players(); ++p) {
      auto profile = game.profile(from);
      const std::size_t own = profile[p];
      for (profile[p] = 0; profile[p] < game.actions()[p]; ++profile[p])
        if (profile[p] != own) {
          const std::size_t to = game.number(profile);
          const double u = options.alpha * (game.payoff(p, to) - game.payoff(p, from));
          const double chance = takes_over(u, static_cast<double>(options.population));
          chain[from * n + to] = std::max(chance, least_chance) / static_cast<double>(ways);
        }
    }
  return stationary_distribution(std::move(chain), n);
}

} // namespace ammo
