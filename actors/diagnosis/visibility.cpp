#include "actors/diagnosis/visibility.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace ammo {

namespace {

double sum(std::span<const double> v) noexcept { return std::accumulate(v.begin(), v.end(), 0.0); }

} // namespace

double gini(std::span<const double> shares) {
  std::vector<double> sorted(shares.begin(), shares.end());
  std::ranges::sort(sorted);
  const double whole = sum(sorted), n = static_cast<double>(sorted.size());
  if (!(whole > 0))
    return 0;
  double weighted = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * sorted[i];
  return weighted / (n * whole);
}

double top_share(std::span<const double> shares, double fraction) {
  assert(fraction > 0 && fraction <= 1);
  const double whole = sum(shares);
  if (!(whole > 0))
    return 0;
  std::vector<double> sorted(shares.begin(), shares.end());
  std::ranges::sort(sorted, std::greater{});
  const double count = std::ceil(fraction * static_cast<double>(sorted.size()) - 1e-9); // 0.1 of 10 is 1
  return sum(std::span(sorted).first(static_cast<std::size_t>(std::max(count, 1.0)))) / whole;
}

welfare welfare_of(std::span<const double> utilities) {
  if (utilities.empty())
    return {};
  const auto [least, most] = std::ranges::minmax(utilities);
  const double total = sum(utilities);
  return {total, total / static_cast<double>(utilities.size()), least, most};
}

void user_utilities(std::span<const double> exposure, std::span<const double> values, std::span<double> utilities) {
  assert(!utilities.empty() && exposure.size() == values.size() && exposure.size() % utilities.size() == 0);
  const std::size_t creators = exposure.size() / utilities.size();
  for (std::size_t u = 0; u < utilities.size(); ++u) {
    const auto p = exposure.subspan(u * creators, creators), v = values.subspan(u * creators, creators);
    utilities[u] = std::inner_product(p.begin(), p.end(), v.begin(), 0.0);
  }
}

void creator_utilities(std::span<const double> exposure, std::span<const double> costs, double lambda,
                       std::span<double> utilities) {
  const std::size_t creators = utilities.size();
  assert(creators > 0 && costs.size() == creators && exposure.size() % creators == 0 && !exposure.empty());
  const double users = static_cast<double>(exposure.size() / creators);
  std::ranges::fill(utilities, 0.0);
  for (std::size_t at = 0; at < exposure.size(); ++at)
    utilities[at % creators] += exposure[at] / users;
  for (std::size_t j = 0; j < creators; ++j)
    utilities[j] -= lambda * costs[j];
}

} // namespace ammo
