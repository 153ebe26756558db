#include "actors/user_buddy/person/pooled.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ammo {

namespace {

/// Of heavy or rare rewards few carry all of the sum: so many of equal size would say as much.
double worth_of(const pooled_sums& s, std::size_t slot) noexcept {
  const double seen = static_cast<double>(s.seen[slot]), seen2 = static_cast<double>(s.seen2[slot]);
  return seen2 > 0 ? seen * seen / seen2 * pooled_unit : 0;
}

/// Least of that from which on a slot's error can be told.
constexpr double worth_least = 30;
/// Of the first slot, after which slots that don't differ are taken for equal.
constexpr double worth_enough = 600;

} // namespace

look_weights looks_of(const pooled_sums& s) {
  look_weights w;
  w.fill(1);
  if (worth_of(s, 0) < worth_least)
    return w;
  const auto moments = [&](std::size_t k) {
    const double n = static_cast<double>(s.shown[k]), mean = static_cast<double>(s.seen[k]) * pooled_unit / n;
    const double variance = std::max(static_cast<double>(s.seen2[k]) * pooled_unit / n - mean * mean, 0.0);
    return std::pair{mean, variance / n};
  };
  const auto [top, top_error] = moments(0);
  for (std::size_t k = 1; k < most_positions; ++k) {
    w[k] = w[k - 1];
    if (s.shown[k] < 100)
      continue;
    const auto [mean, error] = moments(k);
    const double ratio = mean / top;
    const double deviation = std::sqrt(error / (top * top) + ratio * ratio * top_error / (top * top));
    const bool applies = ratio < 1 - 3 * deviation || w[k - 1] < 1;
    w[k] = applies ? static_cast<float>(std::clamp(ratio, 0.02, double{w[k - 1]})) : w[k - 1];
  }
  return w;
}

bool are_over_people(const pooled_sums& s) noexcept {
  const auto within = [](std::int64_t n, std::int64_t least, std::int64_t most) { return n >= least && n <= most; };
  const auto fraction = [&](std::int64_t sum, std::int64_t square, std::int64_t of, double most) {
    const double bound = static_cast<double>(of) * most / pooled_unit;
    return std::abs(static_cast<double>(sum)) <= bound && square >= 0 && static_cast<double>(square) <= bound * most;
  };
  if (!within(s.people, 0, most_people) || !within(s.second_is_higher, -s.people, s.people) || !within(s.bases, 0, s.people) ||
      !within(s.splits, 0, s.people) || !within(s.joins, 0, s.people) || !within(s.measured, 0, s.people) ||
      !fraction(s.base, s.base2, s.bases, 10) || !fraction(s.log_noise, 0, s.measured, most_log_noise) || s.log_noise2 < 0 ||
      static_cast<double>(s.log_noise2) > static_cast<double>(s.measured) * most_log_noise * most_log_noise / (pooled_unit * pooled_unit) ||
      !fraction(s.level, s.level2, s.measured, most_level) ||
      !fraction(s.level_weight, 0, s.measured, 1) || s.level_weight < 0)
    return false;
  for (std::size_t k = 0; k < reward_kinds; ++k)
    if (!within(s.votes[k], 0, s.people) || !within(s.tuned[k], 0, s.people) || !fraction(s.log_lambda[k], s.log_lambda2[k], s.tuned[k], 12))
      return false;
  for (std::size_t k = 0; k < most_positions; ++k)
    if (s.shown[k] < 0 || s.seen[k] < 0 || s.seen2[k] < 0 || s.shown[k] > 4096 * s.people)
      return false;
  return true;
}

common_belief common_of(const pooled_sums& s, std::uint32_t least) {
  common_belief c;
  for (std::size_t k = 0; k < reward_kinds; ++k) {
    c.priors[k].log_lambda = 0;
    if (s.tuned[k] < least)
      continue;
    const double n = static_cast<double>(s.tuned[k]), mean = static_cast<double>(s.log_lambda[k]) * pooled_unit / n;
    const double between = std::max(static_cast<double>(s.log_lambda2[k]) * pooled_unit / n - mean * mean, 0.0);
    c.priors[k].log_lambda = mean;
    c.priors[k].log_lambda_variance = between + 0.1 + 2 / n;
  }
  auto& clicks = c.priors[static_cast<std::size_t>(reward_kind::two_valued)];
  if (s.bases >= least) {
    const double n = static_cast<double>(s.bases), mean = static_cast<double>(s.base) * pooled_unit / n;
    const double between = std::max(static_cast<double>(s.base2) * pooled_unit / n - mean * mean, 0.0);
    clicks.base = mean;
    clicks.base_variance = between + 0.1 + 1 / n;
  }
  if (s.measured >= least) {
    auto& line = c.priors[static_cast<std::size_t>(reward_kind::linear)];
    const double n = static_cast<double>(s.measured);
    // In integers: another unit of rewards moves log₂ σ by an integer, and nothing else by a bit.
    const std::int64_t twice = 2 * s.log_noise + s.measured, both = 2 * s.measured; // floor(mean + 1/2)
    line.log_noise = static_cast<double>(twice >= 0 ? twice / both : (twice - both + 1) / both) * pooled_unit;
    __extension__ typedef __int128 int128;
    const auto apart = static_cast<double>(int128{s.measured} * s.log_noise2 - int128{s.log_noise} * s.log_noise);
    const double noises = std::max(apart / (n * n) * pooled_unit * pooled_unit, 0.0) + 0.01;
    line.noise_worth = std::clamp(1 / (2 * std::numbers::ln2 * std::numbers::ln2 * noises), 2.0, 20.0);
    // A random-effects mean (DerSimonian, Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 1986): who knows
    // their own level well weighs up to 1, and what their own rewards leave open of it is no difference between people.
    const double weight = static_cast<double>(s.level_weight) * pooled_unit;
    if (weight >= 1) {
      line.level = static_cast<double>(s.level) * pooled_unit / weight;
      const double square = static_cast<double>(s.level2) * pooled_unit / weight - line.level * line.level;
      line.level_variance = std::max(square - (n - weight) / weight, 0.0) + 1 / weight;
    }
  }
  if (s.people < least)
    return c;
  c.looks = looks_of(s);
  c.slots_known = worth_of(s, 0) >= worth_enough;
  c.second_sign = s.second_is_higher < 0 ? -1 : 1;
  c.log_split_odds = std::log((static_cast<double>(s.splits) + 0.5) / (static_cast<double>(s.joins) + 0.5));
  if (const auto most = std::ranges::max_element(s.votes); *most >= least) {
    c.known = true;
    c.kind = static_cast<reward_kind>(most - s.votes.begin());
  }
  return c;
}

} // namespace ammo
