/// Creators' best-response dynamics to the published digits (arXiv 2401.16641; krishnacharya/recsys_eq).
#include "bench/papers/creator_market.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

using namespace ammo;

namespace {

using counts = std::vector<std::uint32_t>;

constexpr std::array<std::size_t, 12> sizes{2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

creator_market open(user_kind kind, std::size_t directions, std::uint32_t seed, serving how = {}) {
  return creator_market::open(draw_users(kind, 10'000, directions, seed), how).value();
}

void check_row(const market_outcome& o, std::size_t iterations, double mean_user_utility, const counts& creators) {
  CHECK(o.settled);
  CHECK(o.iterations == iterations);
  CHECK(o.mean_user_utility == mean_user_utility); // to the last bit
  CHECK(o.creators == creators);
}

} // namespace

TEST_CASE("words become numbers as NumPy's RandomState makes them", "[oracle][creator_market]") {
  word_stream a(42);
  CHECK(a.uniform() == 0.3745401188473625);
  CHECK(a.uniform() == 0.9507143064099162);
  word_stream b(0);
  for (const std::uint32_t expected : {5, 0, 3, 3, 7, 9, 3, 5, 2, 4})
    CHECK(b.integer(9) == expected);
  word_stream c(0);
  std::array<int, 10> order;
  std::iota(order.begin(), order.end(), 0);
  c.shuffle(std::span<int>(order));
  CHECK(order == std::array{2, 8, 4, 9, 1, 6, 7, 3, 0, 5});
}

TEST_CASE("the four published rows, to all digits", "[oracle][creator_market]") {
  word_stream table(505); // one for all rows, d outside
  std::array<std::array<market_outcome, sizes.size()>, 2> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto market = open(user_kind::uniform, 5 + 5 * i, 13);
    for (std::size_t j = 0; j < sizes.size(); ++j)
      rows[i][j] = market.run(sizes[j], table);
  }
  check_row(rows[0][0], 1, 0.26830390122675196, {1, 0, 0, 0, 1});
  check_row(rows[0][1], 3, 0.3329396008800684, {1, 1, 1, 1, 1});
  check_row(rows[0][11], 11, 0.3329112823439728, {20, 20, 20, 19, 21});
  check_row(rows[1][11], 15, 0.180978828623729, {11, 10, 10, 9, 9, 11, 9, 8, 10, 13});
}

// csv_results/…_40runs_…_seed17.csv: forty runs from random starts each, of which all came to this equilibrium.
TEST_CASE("the equilibria published for d = 5 and seed 17, whatever the start", "[oracle][creator_market]") {
  struct row {
    user_kind kind;
    serving how;
    std::size_t creators;
    counts equilibrium;
  };
  const std::vector<row> published{
    {user_kind::uniform, {}, 30, {5, 6, 6, 6, 7}},       {user_kind::uniform, {}, 100, {19, 20, 19, 20, 22}},
    {user_kind::uniform, {1.0}, 30, {4, 7, 4, 6, 9}},    {user_kind::uniform, {1.0}, 100, {15, 22, 15, 18, 30}},
    {user_kind::skewed, {}, 10, {0, 0, 0, 1, 9}},        {user_kind::skewed, {}, 70, {0, 0, 0, 10, 60}},
    {user_kind::skewed, {}, 100, {0, 0, 0, 14, 86}},
  };
  for (const auto& r : published) {
    auto market = open(r.kind, 5, 17, r.how);
    for (std::uint32_t start = 1; start <= 3; ++start) {
      word_stream random(start);
      const auto o = market.run(r.creators, random);
      INFO(r.creators << " creators, start " << start);
      CHECK(o.settled);
      CHECK(!o.cycle);
      CHECK(o.creators == r.equilibrium);
    }
  }
}

TEST_CASE("where dynamics settle nobody gains by moving", "[oracle][creator_market]") {
  for (const serving how : {serving{}, serving{1.0}, serving{0.1}}) {
    auto market = creator_market::open(draw_users(user_kind::skewed, 500, 6, 3), how).value();
    word_stream random(9);
    const auto o = market.run(17, random);
    REQUIRE(o.settled);
    for (std::size_t k = 0; k < 6; ++k) {
      if (o.creators[k] == 0)
        continue;
      auto others = o.creators;
      --others[k];
      for (std::size_t to = 0; to < 6; ++to)
        CHECK(market.utility(others, to) <= market.utility(others, k));
    }
    // What creators earn is what users get.
    CHECK(o.creator_utility * 17 == Approx(o.mean_user_utility * 500).epsilon(1e-12));
  }
}

TEST_CASE("five creators at temperature 0.01 never settle, and the cycle is seen", "[oracle][creator_market]") {
  auto market = open(user_kind::uniform, 10, 13, {0.01});
  word_stream random(505);
  const auto o = market.run(5, random);
  CHECK(!o.settled);
  CHECK(o.iterations == 499);
  REQUIRE(o.cycle);
  CHECK(*o.cycle > 0);
}

TEST_CASE("users no server can work with are refused by name", "[oracle][creator_market]") {
  const auto open_with = [](user_table t, serving how = {}) { return creator_market::open(std::move(t), how).code(); };
  CHECK(open_with({}) == errc::wrong_dimension);
  CHECK(open_with({2, 2, {1, 0, 0}}) == errc::wrong_dimension);
  CHECK(open_with({1, 2, {1, std::nan("")}}) == errc::not_finite);
  CHECK(open_with({1, 2, {1, -0.1}}) == errc::bad_value);
  for (const double bad : {0.0, -1.0, 1e-6, std::nan("")})
    CHECK(open_with({1, 2, {.5, .5}}, {bad}) == errc::bad_value);
  CHECK(open_with({1, 2, {.5, .5}}, {std::numeric_limits<double>::infinity()}) == errc::ok); // all alike
}

TEST_CASE("a user whom nobody is about is served by nobody", "[oracle][creator_market]") {
  auto market = creator_market::open({1, 2, {1, 0}}, {}).value();
  CHECK(market.utility(counts{0, 1}, 1) == 0);
  CHECK(market.utility(counts{0, 1}, 0) == 1);
  CHECK(market.best_response(counts{0, 2}, 1) == 0);
}

TEST_CASE("on the way, NashConv says who would move; at the end nobody would", "[oracle][creator_market]") {
  auto market = creator_market::open(draw_users(user_kind::skewed, 500, 6, 3), {}).value();
  word_stream random(4);
  std::vector<std::vector<std::uint32_t>> way;
  const auto o = market.run(9, random, 500, [&](std::span<const std::uint32_t> creators) { way.emplace_back(creators.begin(), creators.end()); });
  REQUIRE(o.settled);
  REQUIRE(way.size() == o.iterations + 1);
  CHECK(way.back() == o.creators);
  for (const auto& creators : way) {
    const bool settled = creators == o.creators;
    CHECK((market.nash_conv(creators) > 0) == !settled);
    const auto exposure = market.exposures(creators);
    double all = 0;
    for (std::size_t k = 0; k < creators.size(); ++k) {
      CHECK((exposure[k] > 0) == (creators[k] > 0));
      all += creators[k] * exposure[k];
    }
    CHECK(all == Approx(1));
  }
}
