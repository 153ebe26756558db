#include "bench/papers/quality_contest.hpp"

#include "actors/diagnosis/simplex_learner.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {

double quality_contest::cost_of(double quality) const noexcept { return cost * std::pow(quality, exponent); }

double quality_mixture::cdf(double quality) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < qualities.size() && qualities[i] <= quality; ++i)
    sum += probabilities[i];
  return sum;
}

std::vector<double> contest_gains(const quality_contest& contest, const quality_mixture& mixture) {
  const auto p = static_cast<double>(contest.creators);
  std::vector<double> gains(mixture.qualities.size());
  double below = 0;
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const double here = mixture.probabilities[i], upto = below + here;
    // Where next to nobody is, the quotient is 0/0 in floating point; its limit is below^(P−1).
    const double wins = here > 1e-9 ? (std::pow(upto, p) - std::pow(below, p)) / (p * here)
                                    : std::pow(below + here / 2, p - 1);
    gains[i] = contest.prize * wins - contest.cost_of(mixture.qualities[i]);
    below = upto;
  }
  return gains;
}

double expected_cost(const quality_contest& contest, const quality_mixture& mixture) noexcept {
  double each = 0;
  for (std::size_t i = 0; i < mixture.qualities.size(); ++i)
    each += mixture.probabilities[i] * contest.cost_of(mixture.qualities[i]);
  return static_cast<double>(contest.creators) * each;
}

result<quality_mixture> learn_qualities(const quality_contest& contest, std::size_t grid, std::size_t rounds) {
  const auto positive = [](double x) { return x > 0 && std::isfinite(x); };
  if (contest.creators < 2 || !positive(contest.prize) || !positive(contest.cost) || !positive(contest.exponent))
    return {errc::bad_value, "a contest needs two creators, a prize, a cost and its exponent, each > 0"};
  if (grid == 0 || rounds == 0)
    return {errc::bad_value, "a contest's grid and rounds"};
  quality_mixture m;
  for (std::size_t i = 0; i <= grid; ++i) {
    const double share = std::pow(static_cast<double>(i) / static_cast<double>(grid), 4); // of the prize
    m.qualities.push_back(std::pow(share * contest.prize / contest.cost, 1 / contest.exponent));
  }
  simplex_learner learner(learning_rule::optimistic_hedge, grid + 1, 0.5 / contest.prize);
  for (std::size_t round = 0; round < rounds; ++round) {
    m.probabilities.assign(learner.strategy().begin(), learner.strategy().end());
    learner.learn(contest_gains(contest, m));
  }
  m.probabilities = learner.average();
  return m;
}

double equilibrium_cdf(const quality_contest& contest, double quality) noexcept {
  if (quality <= 0)
    return 0;
  const auto others = static_cast<double>(contest.creators - 1);
  return std::min(1.0, std::pow(contest.cost_of(quality) / contest.prize, 1 / others));
}

double distance_from_equilibrium(const quality_contest& contest, const quality_mixture& mixture) noexcept {
  double farthest = 0, below = 0;
  for (std::size_t i = 0; i < mixture.qualities.size(); ++i) {
    const double expected = equilibrium_cdf(contest, mixture.qualities[i]), upto = below + mixture.probabilities[i];
    farthest = std::max({farthest, std::abs(below - expected), std::abs(upto - expected)});
    below = upto;
  }
  return farthest;
}

} // namespace ammo
