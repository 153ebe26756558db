#include "runtime/report/report_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>

namespace ammo {
namespace {

/// With a dot, whatever the locale of the host.
std::string printed(double number, int decimals) {
  std::array<char, 400> buffer; // the largest double has 309 digits
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, decimals).ptr;
  return {buffer.data(), end};
}

void group_thousands(std::string& digits) {
  auto whole = std::min(digits.find('.'), digits.size());
  for (auto i = whole; i > 3; i -= 3)
    digits.insert(i - 3, ",");
}

} // namespace

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  group_thousands(text);
  return text;
}

std::string fixed(double number, int decimals) {
  if (!std::isfinite(number))
    return "–";
  auto text = printed(std::abs(number), decimals);
  bool zero = text.find_first_not_of("0.") == text.npos;
  group_thousands(text);
  return number < 0 && !zero ? "−" + text : text;
}

std::string percent(double share) {
  double value = 100 * share;
  int decimals = std::abs(value) < 1 && value != 0 ? 2 : std::abs(value) < 100 ? 1
                                                                               : 0;
  return fixed(value, decimals) + " %";
}

std::string bytes(std::uint64_t number) {
  constexpr std::array units_of_size{"B", "KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(number);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < units_of_size.size(); ++unit)
    value /= 1000;
  return fixed(value, unit > 0 && value < 10 ? 1 : 0) + ' ' + units_of_size[unit];
}

std::string units(std::int64_t micros) { return fixed(static_cast<double>(micros) / 1e6, 2); }

std::string counted(std::uint64_t number, const std::string& one, const std::string& many) {
  return grouped(number) + ' ' + (number == 1 ? one : many);
}

std::vector<double> resampled(const std::vector<double>& curve, std::size_t points) {
  points = std::min(points, curve.size());
  std::vector<double> out(points);
  for (std::size_t i = 0; i < points; ++i) {
    auto from = curve.begin() + static_cast<std::ptrdiff_t>(i * curve.size() / points);
    auto to = curve.begin() + static_cast<std::ptrdiff_t>((i + 1) * curve.size() / points);
    out[i] = std::accumulate(from, to, 0.0) / static_cast<double>(to - from);
  }
  return out;
}

std::vector<double> cumulated(const std::vector<double>& curve) {
  std::vector<double> out(curve.size());
  std::partial_sum(curve.begin(), curve.end(), out.begin());
  return out;
}

std::string best_of(const evolved_buddies& e) {
  std::string out;
  for (std::size_t k = 0; k < std::min(e.best_values.size(), e.hyper_parameters.size()); ++k)
    out += (k == 0 ? "" : ", ") + e.hyper_parameters[k] + ' ' + fixed(e.best_values[k], 2);
  return out.empty() ? "none judged yet" : out;
}

std::string kinds_of(const found_rewards& f) {
  std::string out;
  for (const auto& [kind, share] : {std::pair{"linear", f.linear}, std::pair{"two-valued", f.two_valued}, std::pair{"heavy", f.heavy}})
    if (share > 0)
      out += (out.empty() ? "" : ", ") + std::string(kind) + " of " + (share < 1 ? percent(share) : "all");
  return out;
}

std::string text_of(const found_rewards& f) {
  auto out = kinds_of(f) + "; offset " + fixed(f.offset, 2) + ", noise " + fixed(f.noise, 2) + "; " + fixed(f.restarts, 2) + " changes of taste a person";
  if (!f.looks.empty()) {
    out += "; slots looked at:";
    for (const double look : f.looks)
      out += ' ' + percent(look);
  }
  return f.apart > 0 ? out + "; tastes differ by situation: " + percent(f.apart) : out;
}

std::vector<const played_policy*> games_of(const report& r) {
  std::vector<const played_policy*> games{&r.main};
  for (const auto& b : r.baselines)
    games.push_back(&b);
  return games;
}

std::optional<double> slate_regret_of(const report& r, const std::string& policy) {
  for (const auto* game : games_of(r))
    if (game->policy == policy)
      return game->slate;
  return std::nullopt;
}

std::optional<double> hit_rate_of(const played_policy& game) {
  if (game.hit_slates == 0)
    return std::nullopt;
  return static_cast<double>(game.hits) / static_cast<double>(game.hit_slates);
}

std::vector<double> market_curve(const played_policy& game, double market_shape::*what) {
  std::vector<double> out;
  for (const auto& m : game.market)
    out.push_back(m.*what);
  return out;
}

std::vector<std::size_t> most_visited(const diagnosis& d, std::size_t n) {
  std::vector<std::size_t> order(d.alpha_rank.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t k) { return d.alpha_rank[k]; });
  order.resize(std::min(n, order.size()));
  std::erase_if(order, [&](std::size_t k) { return d.alpha_rank[k] < 0.01; });
  return order;
}

std::string text_of(const diagnosis& d, const diagnosis::profile& p) {
  const auto& goals = d.goal_policies;
  return d.user_policies[p.user] + " against " + goals[p.first] + (p.first == p.second ? "" : " and " + goals[p.second]);
}

std::string text_of_answers(const diagnosis& d) {
  std::string out;
  for (const auto& p : d.answers)
    out += (out.empty() ? "" : " → ") + text_of(d, p);
  return (d.settled ? "settle at " : "go round ") + out;
}

} // namespace ammo
