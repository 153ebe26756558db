#include "bench/papers/creator_market.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace ammo {

namespace {

constexpr double least = std::numeric_limits<double>::min(); // as a divisor: 0/0 counts as 0

/// NumPy's order of summation, so that published means come out to the last digit: eight running sums up to 128
/// terms, halves above.
double pairwise_sum(std::span<const double> v) {
  if (v.size() < 8)
    return std::accumulate(v.begin(), v.end(), 0.0);
  if (v.size() > 128) {
    const std::size_t half = v.size() / 2 / 8 * 8;
    return pairwise_sum(v.first(half)) + pairwise_sum(v.subspan(half));
  }
  std::array<double, 8> r;
  std::copy_n(v.begin(), 8, r.begin());
  std::size_t i = 8;
  for (; i + 8 <= v.size(); i += 8)
    for (std::size_t l = 0; l < 8; ++l)
      r[l] += v[i + l];
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < v.size(); ++i)
    sum += v[i];
  return sum;
}

/// One point of the simplex.
void draw_point(word_stream& random, std::span<double> point) {
  std::vector<double> cuts(point.size() - 1);
  for (double& c : cuts)
    c = random.uniform();
  std::ranges::sort(cuts);
  double before = 0;
  for (std::size_t k = 0; k < cuts.size(); ++k) {
    point[k] = cuts[k] - before;
    before = cuts[k];
  }
  point.back() = 1 - before;
}

} // namespace

user_table draw_users(user_kind kind, std::size_t users, std::size_t directions, std::uint32_t seed) {
  assert(directions > 1);
  word_stream random(seed);
  std::vector<double> tilt(directions, 1.0), point(directions);
  if (kind == user_kind::skewed) {
    draw_point(random, tilt);
    std::ranges::sort(tilt);
  }
  user_table table{users, directions, std::vector<double>(users * directions)};
  for (std::size_t u = 0; u < users; ++u) {
    draw_point(random, point);
    double sum = 1;
    if (kind == user_kind::skewed) {
      std::ranges::transform(point, tilt, point.begin(), std::multiplies{});
      sum = pairwise_sum(point);
    }
    for (std::size_t k = 0; k < directions; ++k)
      table.weights[k * users + u] = point[k] / sum;
  }
  return table;
}

creator_market::creator_market(user_table users, serving how) : users_(std::move(users)) {
  if (!how.temperature)
    return;
  pull_.resize(users_.weights.size());
  std::ranges::transform(users_.weights, pull_.begin(), [t = *how.temperature](double c) { return std::exp(c / t); });
}

result<creator_market> creator_market::open(user_table users, serving how) {
  if (users.weights.empty() || users.weights.size() != users.users * users.directions)
    return {errc::wrong_dimension, std::to_string(users.weights.size()) + " weights for " +
                                     std::to_string(users.users) + " users and " + std::to_string(users.directions) +
                                     " directions"};
  if (!std::ranges::all_of(users.weights, [](double c) { return std::isfinite(c); }))
    return {errc::not_finite, "a user's weight"};
  const auto [low, high] = std::ranges::minmax(users.weights);
  if (low < 0)
    return {errc::bad_value, "a user's weight < 0"};
  // Half of the largest exponent leaves room for sums and products.
  if (how.temperature && (!(*how.temperature > 0) || !(high / *how.temperature < 350)))
    return {errc::bad_value, "temperature " + std::to_string(*how.temperature)};
  return creator_market(std::move(users), how);
}

std::span<const double> creator_market::pull(std::size_t direction) const noexcept {
  return pull_.empty() ? users_.column(direction) : std::span(pull_).subspan(direction * users_.users, users_.users);
}

std::vector<double> creator_market::totals(std::span<const std::uint32_t> creators) const {
  assert(creators.size() == users_.directions);
  std::vector<double> sum(users_.users, 0.0);
  for (std::size_t k = 0; k < creators.size(); ++k) {
    if (creators[k] == 0)
      continue;
    const double* w = pull(k).data();
    const double count = creators[k];
    for (std::size_t u = 0; u < sum.size(); ++u)
      sum[u] += count * w[u];
  }
  return sum;
}

double creator_market::earned(std::span<const double> others, std::size_t direction) const noexcept {
  const double *c = users_.column(direction).data(), *w = pull(direction).data(), *t = others.data();
  std::array<double, 8> sum{};
  std::size_t u = 0;
  for (; u + 8 <= others.size(); u += 8)
    for (std::size_t l = 0; l < 8; ++l)
      sum[l] += c[u + l] * w[u + l] / std::max(t[u + l] + w[u + l], least);
  for (; u < others.size(); ++u)
    sum[0] += c[u] * w[u] / std::max(t[u] + w[u], least);
  return std::accumulate(sum.begin(), sum.end(), 0.0);
}

double creator_market::utility(std::span<const std::uint32_t> others, std::size_t direction) const {
  return earned(totals(others), direction);
}

std::uint32_t creator_market::find_best(std::span<const std::uint32_t> creators, std::size_t direction) const {
  std::vector<std::uint32_t> others(creators.begin(), creators.end());
  assert(others[direction] > 0);
  --others[direction];
  const auto sums = totals(others);
  double most = earned(sums, direction);
  auto best = static_cast<std::uint32_t>(direction);
  for (std::size_t k = 0; k < users_.directions; ++k)
    if (k != direction)
      if (const double u = earned(sums, k); u > most) {
        most = u;
        best = static_cast<std::uint32_t>(k);
      }
  return best;
}

std::size_t creator_market::best_response(std::span<const std::uint32_t> creators, std::size_t direction) {
  auto& row = known_[{creators.begin(), creators.end()}];
  row.resize(users_.directions);
  if (!row[direction])
    row[direction] = find_best(creators, direction);
  return *row[direction];
}

double creator_market::nash_conv(std::span<const std::uint32_t> creators) const {
  double sum = 0;
  std::vector<std::uint32_t> others(creators.begin(), creators.end());
  for (std::size_t k = 0; k < others.size(); ++k) {
    if (creators[k] == 0)
      continue;
    --others[k];
    const auto rest = totals(others);
    sum += creators[k] * (earned(rest, find_best(creators, k)) - earned(rest, k));
    ++others[k];
  }
  return sum;
}

std::vector<double> creator_market::exposures(std::span<const std::uint32_t> creators) const {
  const auto sums = totals(creators);
  std::vector<double> out(creators.size());
  for (std::size_t k = 0; k < creators.size(); ++k)
    for (std::size_t u = 0; creators[k] > 0 && u < sums.size(); ++u)
      out[k] += pull(k)[u] / std::max(sums[u], least) / static_cast<double>(sums.size());
  return out;
}

market_outcome creator_market::run(std::size_t creators, word_stream& random, std::size_t limit, const watcher& watch) {
  assert(creators > 0);
  market_outcome out;
  std::vector<std::uint32_t> about(creators), order(creators);
  for (auto& k : about)
    k = random.integer(static_cast<std::uint32_t>(users_.directions - 1));
  out.creators.assign(users_.directions, 0);
  for (const auto k : about)
    ++out.creators[k];
  std::map<std::vector<std::uint32_t>, std::size_t> seen;
  for (std::size_t move = 0; move < limit && !out.settled; ++move) {
    out.iterations = move;
    if (watch)
      watch(out.creators);
    if (const auto [first, fresh] = seen.try_emplace(out.creators, move); !fresh && !out.cycle)
      out.cycle = move - first->second;
    std::iota(order.begin(), order.end(), 0u);
    random.shuffle(std::span(order));
    const auto mover = std::ranges::find_if(
      order, [&](std::uint32_t i) { return best_response(out.creators, about[i]) != about[i]; });
    if (mover == order.end()) {
      out.settled = true;
      continue;
    }
    const auto to = static_cast<std::uint32_t>(best_response(out.creators, about[*mover]));
    --out.creators[about[*mover]];
    ++out.creators[about[*mover] = to];
  }
  if (watch && !out.settled)
    watch(out.creators);
  score(out, about);
  return out;
}

void creator_market::score(market_outcome& out, std::span<const std::uint32_t> about) const {
  std::vector<double> by_user(users_.users), by_creator(about.size(), 0.0), pulls(about.size()), gains(about.size());
  for (std::size_t u = 0; u < users_.users; ++u) {
    std::ranges::transform(about, pulls.begin(), [&](std::uint32_t k) { return pull(k)[u]; });
    const double total = std::max(pairwise_sum(pulls), least);
    for (std::size_t j = 0; j < about.size(); ++j) {
      gains[j] = pulls[j] / total * users_.column(about[j])[u];
      by_creator[j] += gains[j];
    }
    by_user[u] = pairwise_sum(gains);
  }
  out.mean_user_utility = pairwise_sum(by_user) / static_cast<double>(by_user.size());
  out.creator_utility = pairwise_sum(by_creator) / static_cast<double>(by_creator.size());
}

} // namespace ammo
