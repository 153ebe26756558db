#include "bench/papers/pace.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace ammo {

namespace {

double sum(std::span<const double> v) noexcept { return std::accumulate(v.begin(), v.end(), 0.0); }

errc check_values(std::span<const double> values) noexcept {
  for (const double v : values)
    if (!std::isfinite(v))
      return errc::not_finite;
  return std::ranges::any_of(values, [](double v) { return v < 0; }) ? errc::bad_value : errc::ok;
}

result<void> check_market(std::span<const double> values, std::span<const double> budgets) {
  const std::size_t buyers = budgets.size();
  if (buyers == 0 || values.empty() || values.size() % buyers != 0)
    return {errc::wrong_dimension, std::to_string(values.size()) + " values for " + std::to_string(buyers) + " buyers"};
  if (const errc bad = std::max(check_values(values), check_values(budgets)); bad != errc::ok)
    return {bad, "a value or a budget"};
  const std::size_t goods = values.size() / buyers;
  for (std::size_t i = 0; i < buyers; ++i)
    if (!(budgets[i] > 0) || sum(values.subspan(i * goods, goods)) <= 0)
      return {errc::bad_value, "buyer " + std::to_string(i) + " has no budget or wants nothing"};
  for (std::size_t j = 0; j < goods; ++j) {
    double wanted = 0;
    for (std::size_t i = 0; i < buyers; ++i)
      wanted += values[i * goods + j];
    if (wanted <= 0)
      return {errc::bad_value, "nobody wants good " + std::to_string(j)};
  }
  return {};
}

/// The columns' sums: what is paid for each good.
void price_by(std::span<const double> spent, std::span<double> prices) noexcept {
  std::ranges::fill(prices, 0.0);
  for (std::size_t at = 0; at < spent.size(); ++at)
    prices[at % prices.size()] += spent[at];
}

/// The certificate where markets clear and budgets are spent.
double gap_of(std::span<const double> values, std::span<const double> budgets, std::span<const double> prices,
              std::span<const double> spent) noexcept {
  double gap = 0;
  for (std::size_t i = 0, at = 0; i < budgets.size(); ++i) {
    double best = 0, got = 0; // value a unit of money; value
    for (std::size_t j = 0; j < prices.size(); ++j, ++at)
      if (prices[j] > 0) {
        best = std::max(best, values[at] / prices[j]);
        got += values[at] * spent[at] / prices[j];
      } else if (values[at] > 0) {
        return std::numeric_limits<double>::infinity(); // wanted and for nothing
      }
    gap += budgets[i] * std::log(best * budgets[i] / got);
  }
  return gap / sum(budgets);
}

/// Each buyer's next spending: its budget, divided as its value came.
void respond(std::span<const double> values, std::span<const double> budgets, std::span<const double> prices,
             std::span<double> spent) noexcept {
  const std::size_t goods = prices.size();
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const auto row = spent.subspan(i * goods, goods);
    for (std::size_t j = 0; j < goods; ++j)
      row[j] = prices[j] > 0 ? row[j] * values[i * goods + j] / prices[j] : 0;
    const double scale = budgets[i] / sum(row);
    for (double& s : row)
      s *= scale;
  }
}

} // namespace

result<market_equilibrium> fisher_market(std::span<const double> values, std::span<const double> budgets,
                                         double tolerance, std::size_t rounds) {
  if (auto checked = check_market(values, budgets); !checked)
    return checked.error();
  const std::size_t goods = values.size() / budgets.size();
  market_equilibrium m{std::vector<double>(goods), std::vector<double>(values.begin(), values.end()), 0};
  // The first division is by value.
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const std::span row = std::span(m.spent).subspan(i * goods, goods);
    const double scale = budgets[i] / sum(row);
    std::ranges::transform(row, row.begin(), [scale](double v) { return v * scale; });
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    price_by(m.spent, m.prices);
    if (m.gap = std::max(gap_of(values, budgets, m.prices, m.spent), 0.0); m.gap <= tolerance)
      return m;
    respond(values, budgets, m.prices, m.spent);
  }
  return {errc::timed_out, "gap " + std::to_string(m.gap) + " after " + std::to_string(rounds) + " rounds"};
}

double market_gap(std::span<const double> values, std::span<const double> budgets, std::span<const double> prices,
                  std::span<const double> spent) {
  const std::size_t goods = prices.size();
  assert(values.size() == budgets.size() * goods && spent.size() == values.size());
  const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(b); };
  std::vector<double> paid(goods);
  price_by(spent, paid);
  bool holds = std::ranges::equal(paid, prices, near) && std::ranges::none_of(spent, [](double s) { return s < 0; });
  for (std::size_t i = 0; i < budgets.size(); ++i)
    holds = holds && near(sum(spent.subspan(i * goods, goods)), budgets[i]);
  return holds ? gap_of(values, budgets, prices, spent) : std::numeric_limits<double>::infinity();
}

pace::pace(std::vector<double> budgets, double slack)
  : budgets_(std::move(budgets)), multipliers_(budgets_.size(), 1.0), offered_(budgets_.size(), 0.0),
    got_(budgets_.size(), 0.0), spent_(budgets_.size(), 0.0), total_(sum(budgets_)), slack_(slack) {
  assert(slack > 0 && std::ranges::all_of(budgets_, [](double b) { return b > 0 && std::isfinite(b); }));
}

result<std::optional<pace::sale>> pace::arrive(std::span<const double> values) {
  if (values.size() != budgets_.size())
    return {errc::wrong_dimension,
            std::to_string(values.size()) + " values for " + std::to_string(budgets_.size()) + " buyers"};
  if (const errc bad = check_values(values); bad != errc::ok)
    return {bad, "a buyer's value of a slot"};
  ++arrivals_;
  for (std::size_t i = 0; i < values.size(); ++i)
    offered_[i] += values[i];
  reprice();
  std::optional<sale> sold;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (const double bid = multipliers_[i] * values[i]; bid > (sold ? sold->price : 0))
      sold = sale{i, bid};
  if (sold) {
    got_[sold->buyer] += values[sold->buyer];
    spent_[sold->buyer] += sold->price;
  }
  return sold;
}

void pace::reprice() {
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    if (offered_[i] <= 0)
      continue;
    const double mean_offer = offered_[i] / static_cast<double>(arrivals_), mean = mean_value(i);
    const double low = budgets_[i] / mean_offer / (1 + slack_), high = total_ / mean_offer * (1 + slack_);
    multipliers_[i] = mean > 0 ? std::clamp(budgets_[i] / mean, low, high) : high;
  }
}

double pace::mean_value(std::size_t buyer) const noexcept {
  return arrivals_ == 0 ? 0 : got_[buyer] / static_cast<double>(arrivals_);
}

double pace::mean_spent(std::size_t buyer) const noexcept {
  return arrivals_ == 0 ? 0 : spent_[buyer] / static_cast<double>(arrivals_);
}

} // namespace ammo
