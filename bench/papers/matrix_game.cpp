#include "bench/papers/matrix_game.hpp"

#include "actors/base/random.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>

namespace ammo {

double matrix_game::value(std::span<const double> x, std::span<const double> y) const {
  const auto paid = by_row(y);
  assert(x.size() == rows);
  return std::inner_product(paid.begin(), paid.end(), x.begin(), 0.0);
}

std::vector<double> matrix_game::by_row(std::span<const double> y) const {
  assert(y.size() == columns && payments.size() == rows * columns);
  std::vector<double> paid(rows, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    paid[i] = std::inner_product(y.begin(), y.end(), payments.begin() + static_cast<std::ptrdiff_t>(i * columns), 0.0);
  return paid;
}

std::vector<double> matrix_game::by_column(std::span<const double> x) const {
  assert(x.size() == rows && payments.size() == rows * columns);
  std::vector<double> earned(columns, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      earned[j] += x[i] * payments[i * columns + j];
  return earned;
}

double matrix_game::steepness() const {
  constexpr int most_rounds = 200;
  constexpr double settled = 1e-6;
  const auto centre = [](std::vector<double>& v) {
    const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
    for (double& x : v)
      x -= mean;
  };
  const auto norm_of = [](const std::vector<double>& v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); };
  splitmix64 g{1};
  std::vector<double> y(columns);
  for (double& v : y)
    v = uniform01(g);
  double before = 0;
  for (int i = 0; i < most_rounds; ++i) {
    centre(y);
    const double size = norm_of(y);
    if (!(size > 0))
      return before;
    for (double& v : y)
      v /= size;
    auto x = by_row(y);
    centre(x);
    const double now = norm_of(x);
    y = by_column(x);
    if (std::abs(now - before) <= settled * now)
      return now;
    before = now;
  }
  return before;
}

double matrix_game::gap(std::span<const double> x, std::span<const double> y) const {
  return std::ranges::max(by_column(x)) - std::ranges::min(by_row(y));
}

self_play::self_play(matrix_game game, learning_rule rule, double step)
  : game_(std::move(game)), row_(rule, game_.rows, step), column_(rule, game_.columns, step) {}

result<self_play> self_play::start(matrix_game game, learning_rule rule, double step) {
  if (game.payments.empty() || game.payments.size() != game.rows * game.columns)
    return {errc::wrong_dimension, std::to_string(game.payments.size()) + " payments for " + std::to_string(game.rows) +
                                     " rows and " + std::to_string(game.columns) + " columns"};
  if (!std::ranges::all_of(game.payments, [](double p) { return std::isfinite(p); }))
    return {errc::not_finite, "a payment"};
  if (!(step >= 0) || !std::isfinite(step))
    return {errc::bad_value, "a learner's step"};
  if (step == 0) {
    step = chosen_step(game, rule);
  } else if (rule == learning_rule::optimistic_gradient) {
    if (const double steepness = game.steepness(); step * steepness > most)
      return {errc::bad_value, "a step of " + std::to_string(step) + ": the optimistic gradient converges here up to " +
                                 std::to_string(most / steepness)};
  }
  return self_play(std::move(game), rule, step);
}

double self_play::chosen_step(const matrix_game& game, learning_rule rule) {
  double steepness = 0;
  if (rule == learning_rule::optimistic_gradient)
    steepness = game.steepness() / usual;
  else if (rule == learning_rule::optimistic_hedge)
    for (double p : game.payments)
      steepness = std::max(steepness, 4 * std::abs(p));
  return steepness > 0 ? 1 / steepness : 1;
}

void self_play::step(std::size_t rounds) {
  for (std::size_t t = 0; t < rounds; ++t) {
    auto row_gains = game_.by_row(column_.strategy());
    const auto column_gains = game_.by_column(row_.strategy());
    for (double& g : row_gains)
      g = -g;
    row_.learn(row_gains);
    column_.learn(column_gains);
  }
}

matrix_solution self_play::last() const {
  const auto x = row_.strategy(), y = column_.strategy();
  return {{x.begin(), x.end()}, {y.begin(), y.end()}, game_.gap(x, y)};
}

matrix_solution self_play::average() const {
  matrix_solution s{row_.average(), column_.average(), 0};
  s.gap = game_.gap(s.x, s.y);
  return s;
}

} // namespace ammo
