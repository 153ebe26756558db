/// The Fisher market of published prices: four buyers, five goods of unit supply; exactly, and by slots one by one.
#include "bench/papers/pace.hpp"

#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>

using namespace ammo;

namespace {

constexpr std::size_t buyers = 4, goods = 5;
constexpr std::array<double, buyers * goods> values{1, 3, 5, 1, 2, 2, 5, 6, 2, 6, 6, 3, 5, 1, 4, 3, 3, 4, 2, 6};
constexpr std::array<double, buyers> budgets{20, 23, 54, 12};
constexpr std::array<double, goods> published{33.254237, 18.474576, 27.711864, 7.389831, 22.169492};

} // namespace

TEST_CASE("the market's prices are the published ones, and certify themselves", "[oracle][fisher_market]") {
  const auto m = fisher_market(values, budgets).value();
  INFO("gap " << m.gap);
  for (std::size_t j = 0; j < goods; ++j) {
    INFO("good " << j << " at " << m.prices[j]);
    CHECK(std::abs(m.prices[j] - published[j]) < 1e-6);
  }
  for (std::size_t i = 0; i < buyers; ++i) {
    double spent = 0;
    for (std::size_t j = 0; j < goods; ++j)
      spent += m.spent[i * goods + j];
    CHECK(spent == Approx(budgets[i]).epsilon(1e-12));
  }
  CHECK(m.gap <= 1e-13);
  CHECK(std::abs(market_gap(values, budgets, m.prices, m.spent)) <= 1e-12);
}

TEST_CASE("the certificate refuses prices that are not an equilibrium's", "[oracle][fisher_market]") {
  auto m = fisher_market(values, budgets).value();
  const auto equal = [](std::span<const double> b) {
    std::vector<double> spent;
    for (double budget : b)
      spent.insert(spent.end(), goods, budget / goods);
    return spent;
  };
  CHECK(market_gap(values, budgets, std::vector<double>(goods, 109.0 / goods), equal(budgets)) > 0.01);
  m.prices[0] *= 1.001;
  CHECK(std::isinf(market_gap(values, budgets, m.prices, m.spent)));
}

TEST_CASE("random markets reach equilibrium: nobody prefers what another's money bought", "[oracle][fisher_market]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    splitmix64 g(seed);
    const std::size_t n = 2 + seed % 5, k = 2 + seed % 7;
    std::vector<double> v(n * k), b(n);
    for (double& x : v)
      x = uniform01(g) < 0.2 ? 0.01 : 0.01 + uniform01(g);
    for (double& x : b)
      x = 1 + 9 * uniform01(g);
    const auto m = fisher_market(v, b, 1e-9).value();
    const auto worth = [&](std::size_t to, std::size_t of) {
      double sum = 0;
      for (std::size_t j = 0; j < k; ++j)
        sum += v[to * k + j] * m.spent[of * k + j] / m.prices[j];
      return sum;
    };
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t other = 0; other < n; ++other)
        CHECK(worth(i, i) / b[i] >= worth(i, other) / b[other] * (1 - 1e-6));
  }
}

TEST_CASE("what is no market is refused by name", "[oracle][fisher_market]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto code = [](std::vector<double> v, std::vector<double> b) { return fisher_market(v, b).code(); };
  CHECK(code({}, {}) == errc::wrong_dimension);
  CHECK(code({1, 2, 3}, {1, 1}) == errc::wrong_dimension);
  CHECK(code({1, nan}, {1, 1}) == errc::not_finite);
  CHECK(code({1, -1}, {1, 1}) == errc::bad_value);
  CHECK(code({1, 1}, {1, 0}) == errc::bad_value);
  CHECK(code({1, 0}, {1, 1}) == errc::bad_value);
  CHECK(code({1, 0, 1, 0}, {1, 1}) == errc::bad_value);
  CHECK(fisher_market(values, budgets, 0.0, 3).code() == errc::timed_out);
}

TEST_CASE("slot by slot, PACE comes to the same prices, values and budgets", "[oracle][fisher_market]") {
  pace market({20.0 / goods, 23.0 / goods, 54.0 / goods, 12.0 / goods});
  const auto m = fisher_market(values, budgets).value();
  splitmix64 g(4);
  std::array<double, goods> paid{}, sold{};
  for (int t = 0; t < 400'000; ++t) {
    const auto j = static_cast<std::size_t>(uniform01(g) * goods);
    std::array<double, buyers> v{};
    for (std::size_t i = 0; i < buyers; ++i)
      v[i] = values[i * goods + j];
    const auto sale = market.arrive(v).value();
    REQUIRE(sale);
    paid[j] += sale->price;
    ++sold[j];
  }
  for (std::size_t j = 0; j < goods; ++j)
    CHECK(paid[j] / sold[j] == Approx(published[j]).epsilon(0.01));
  for (std::size_t i = 0; i < buyers; ++i) {
    double value = 0;
    for (std::size_t j = 0; j < goods; ++j)
      value += values[i * goods + j] * m.spent[i * goods + j] / m.prices[j] / goods;
    CHECK(market.mean_value(i) == Approx(value).epsilon(0.01));
    CHECK(market.mean_spent(i) == Approx(budgets[i] / goods).epsilon(0.01));
  }
}

TEST_CASE("PACE refuses bad values and stays as it was; what nobody wants isn't sold", "[oracle][fisher_market]") {
  pace market({1, 2});
  CHECK(market.arrive(std::array{1.0}).code() == errc::wrong_dimension);
  CHECK(market.arrive(std::array{1.0, -1.0}).code() == errc::bad_value);
  CHECK(market.arrive(std::array{1.0, std::numeric_limits<double>::infinity()}).code() == errc::not_finite);
  CHECK(market.arrivals() == 0);
  CHECK_FALSE(market.arrive(std::array{0.0, 0.0}).value());
  CHECK(market.arrive(std::array{1.0, 0.0}).value()->buyer == 0);
}
