#include "actors/slots/slot_price.hpp"

#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace ammo;

namespace {

struct offer {
  double value = 0;
  std::int64_t cost = 0;
};

std::vector<offer> offers_of(std::size_t rounds, std::uint64_t seed) {
  splitmix64 g(seed);
  std::vector<offer> all(rounds);
  for (offer& o : all)
    o = {uniform01(g), 1 + static_cast<std::int64_t>(1'000 * uniform01(g))};
  return all;
}

/// The most value that a budget could have bought, had all offers been known; parts may be bought.
double hindsight(std::vector<offer> all, double budget) {
  std::ranges::sort(all, [](const offer& a, const offer& b) {
    return a.value * static_cast<double>(b.cost) > b.value * static_cast<double>(a.cost);
  });
  double value = 0;
  for (const offer& o : all) {
    const double part = std::min(1.0, budget / static_cast<double>(o.cost));
    value += part * o.value;
    budget -= part * static_cast<double>(o.cost);
  }
  return value;
}

} // namespace

TEST_CASE("whatever is offered, no more than the budget is spent, and the price follows the spending", "[slot_price]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    splitmix64 g(seed);
    const std::uint64_t rounds = 1 + static_cast<std::uint64_t>(300 * uniform01(g));
    const auto budget = static_cast<std::int64_t>(1e5 * uniform01(g));
    slot_price p({budget, rounds, uniform01(g), 1e-6});
    const double rate = static_cast<double>(budget) / static_cast<double>(rounds);
    std::int64_t paid = 0;
    for (std::uint64_t t = 0; t < 2 * rounds; ++t) {
      const double before = p.price();
      const auto cost = static_cast<std::int64_t>(3 * rate * uniform01(g));
      const bool bought = p.round(uniform01(g), cost);
      paid += bought ? cost : 0;
      const double spent = bought ? static_cast<double>(cost) : 0;
      if (budget > 0) {
        CHECK((spent > rate) == (p.price() > before));
        CHECK((spent < rate) == (p.price() < before));
      }
    }
    CHECK(paid == p.spent_micros());
    CHECK(paid <= budget);
    CHECK(p.left_micros() == budget - paid);
    CHECK(p.price() > 0);
  }
}

TEST_CASE("the pace makes nearly the most of a budget, and it lasts to the end", "[slot_price]") {
  const std::size_t rounds = 20'000;
  const double share = GENERATE(0.05, 0.3); // of what all offers cost
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto all = offers_of(rounds, seed);
    const auto budget = static_cast<std::int64_t>(share * 500 * rounds);
    // A first price that is ten times too low.
    slot_price p({budget, rounds, 0, 1e-4});
    double value = 0;
    std::int64_t at_half = 0;
    for (std::size_t t = 0; t < rounds; ++t) {
      value += p.round(all[t].value, all[t].cost) ? all[t].value : 0;
      if (t + 1 == rounds / 2)
        at_half = p.spent_micros();
    }
    CHECK(value > 0.95 * hindsight(all, static_cast<double>(budget)));
    CHECK(static_cast<double>(at_half) == Approx(0.5 * static_cast<double>(budget)).epsilon(0.1));
    CHECK(static_cast<double>(p.spent_micros()) > 0.97 * static_cast<double>(budget));
  }
}

TEST_CASE("a price is what a slot must be worth, and it falls while nothing is bought", "[slot_price]") {
  slot_price p({1'000, 10, 0.5, 0.01});
  CHECK(p.asks(50) == Approx(0.5));
  CHECK_FALSE(p.round(0.49, 50));
  CHECK(p.round(0.5, 50));
  const double before = p.price();
  p.pass();
  CHECK(p.price() == Approx(before * std::exp(-0.5)));
}

TEST_CASE("no offer at all, no budget, no end: the price stays a number", "[slot_price]") {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  slot_price p({100, 10, 0, 1e-3});
  for (double value : {inf, -inf, nan})
    CHECK_FALSE(p.round(value, 1));
  CHECK_FALSE(p.round(1, -5));
  CHECK_FALSE(p.round(1e300, most));
  CHECK(p.spent_micros() == 0);
  for (int i = 0; i < 100'000; ++i)
    p.pass();
  CHECK(p.price() > 0);

  slot_price poor({0, 10, 0, 1});
  CHECK_FALSE(poor.round(1, 1));
  CHECK(poor.price() == 1);

  slot_price rich({most, 1, 100, 1e-30});
  CHECK(rich.round(1, most));
  CHECK_FALSE(rich.round(1, 1));
  CHECK(std::isfinite(rich.price()));
}
