#include "actors/slots/reward_rule.hpp"

#include "actors/base/named.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace ammo {

namespace {

constexpr std::array<std::string_view, 2> names{"exposure", "backward"};

bool finite(std::span<const double> v) noexcept {
  return std::ranges::all_of(v, [](double x) { return std::isfinite(x); });
}

/// Positions of scores, the best first.
std::vector<std::size_t> ranking(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return scores[i]; });
  return order;
}

result<void> check_backward(std::span<const double> scores, std::span<const double> weights) {
  if (!finite(scores) || !finite(weights))
    return {errc::not_finite, "a score or a weight of a rank"};
  const auto negative = [](double x) { return x < 0; };
  if (std::ranges::any_of(scores, negative) || std::ranges::any_of(weights, negative))
    return {errc::bad_value, "a score or a weight of a rank < 0"};
  if (!std::ranges::is_sorted(weights, std::greater{}))
    return {errc::bad_value, "a lower rank weighs more"};
  return {};
}

} // namespace

std::string_view name_of(reward_rule r) noexcept { return name_in(names, r); }

result<reward_rule> reward_rule_named(std::string_view name) { return named_in<reward_rule>(names, "reward rule", name); }

result<std::vector<double>> exposure_rewards(std::span<const double> scores, std::size_t slots, double temperature) {
  if (!finite(scores))
    return {errc::not_finite, "a score"};
  if (slots == 0)
    return errc::no_slots;
  if (!(temperature > 0) || !std::isfinite(temperature))
    return {errc::bad_value, "a temperature of exposure"};
  std::vector<double> rewards(scores.size(), 0.0);
  if (scores.empty())
    return rewards;
  const auto order = ranking(scores);
  const double best = scores[order.front()], last = scores[order[std::min(slots, order.size()) - 1]];
  const auto above = static_cast<std::size_t>(std::ranges::count_if(scores, [&](double s) { return s > last; }));
  const auto tied = static_cast<double>(std::ranges::count(scores, last));
  const double part = std::min(1.0, static_cast<double>(slots - above) / tied); // of a slot, for each that ties
  double total = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] >= last)
      total += rewards[i] = std::exp((scores[i] - best) / temperature) * (scores[i] > last ? 1 : part);
  for (double& r : rewards)
    r /= total;
  return rewards;
}

result<std::vector<double>> backward_rewards(std::span<const double> scores, std::span<const double> weights) {
  if (auto checked = check_backward(scores, weights); !checked)
    return checked.error();
  const auto order = ranking(scores);
  std::vector<double> rewards(scores.size(), 0.0);
  double sum = 0, below = 0;
  for (std::size_t k = order.size(); k-- > 0;) {
    const double score = scores[order[k]];
    if (k < weights.size())
      sum += weights[k] * (score - below);
    rewards[order[k]] = sum;
    below = score;
  }
  return rewards;
}

result<double> backward_potential(std::span<const double> scores, std::span<const double> weights) {
  if (auto checked = check_backward(scores, weights); !checked)
    return checked.error();
  const auto order = ranking(scores);
  double sum = 0;
  for (std::size_t k = 0; k < std::min(order.size(), weights.size()); ++k)
    sum += weights[k] * scores[order[k]];
  return sum;
}

} // namespace ammo
