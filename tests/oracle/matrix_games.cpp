/// Zero-sum games whose equilibria are published, solved by self-play.
#include "bench/papers/matrix_game.hpp"

#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>

using namespace ammo;

namespace {

/// google-deepmind/open_spiel's biased rock-paper-scissors, there as gains of the row player.
matrix_game biased_rps() { return {3, 3, {0, .25, -.5, -.25, 0, .05, .5, -.05, 0}}; }
/// Cai et al., arXiv 2311.00676: where regret matching's last iterate does not converge.
matrix_game restless() { return {3, 3, {3, 0, -3, 0, 3, -4, 0, 0, 1}}; }

/// Colonel Blotto: `soldiers` on three fields, and what the row player pays is how many more fields the column player wins.
matrix_game blotto(int soldiers) {
  std::vector<std::array<int, 3>> ways;
  for (int a = 0; a <= soldiers; ++a)
    for (int b = 0; a + b <= soldiers; ++b)
      ways.push_back({a, b, soldiers - a - b});
  matrix_game g{ways.size(), ways.size(), {}};
  for (const auto& x : ways)
    for (const auto& y : ways) {
      int more = 0;
      for (std::size_t i = 0; i < 3; ++i)
        more += (y[i] > x[i]) - (y[i] < x[i]);
      g.payments.push_back(more);
    }
  return g;
}

/// Payments uniform in [−1, 1].
matrix_game random_game(std::size_t n, std::uint64_t seed) {
  splitmix64 g{seed};
  matrix_game out{n, n, {}};
  for (std::size_t i = 0; i < n * n; ++i)
    out.payments.push_back(2 * uniform01(g) - 1);
  return out;
}

constexpr auto rules = {learning_rule::regret_matching_plus, learning_rule::predictive_matching,
                        learning_rule::optimistic_gradient, learning_rule::optimistic_hedge};

self_play play(matrix_game game, learning_rule rule, std::size_t rounds, double step = 0) {
  auto players = self_play::start(std::move(game), rule, step).value();
  players.step(rounds);
  return players;
}

void check_near(std::span<const double> got, std::array<double, 3> expected, double tolerance) {
  for (std::size_t i = 0; i < 3; ++i) {
    INFO("action " << i << ": " << got[i]);
    CHECK(std::abs(got[i] - expected[i]) <= tolerance);
  }
}

} // namespace

TEST_CASE("biased rock-paper-scissors: every rule's average comes to (1, 10, 5)/16", "[oracle][matrix_games]") {
  for (const auto rule : rules) {
    INFO("rule " << static_cast<int>(rule));
    const double step = rule == learning_rule::optimistic_hedge ? 1 : 0.1; // gains here are small
    const auto s = play(biased_rps(), rule, 100'000, step).average();
    check_near(s.x, {1 / 16., 10 / 16., 5 / 16.}, 2e-3);
    check_near(s.y, {1 / 16., 10 / 16., 5 / 16.}, 2e-3);
    CHECK(std::abs(biased_rps().value(s.x, s.y)) <= 1e-3);
    CHECK(s.gap <= 1e-3);
  }
}

TEST_CASE("uniform play of biased rock-paper-scissors has NashConv 1/6", "[oracle][matrix_games]") {
  const std::array<double, 3> uniform{1 / 3., 1 / 3., 1 / 3.};
  CHECK(biased_rps().gap(uniform, uniform) == Approx(1 / 6.).epsilon(1e-14));
}

TEST_CASE("the published 3 × 3 game: value 1/4, and its equilibrium certifies itself", "[oracle][matrix_games]") {
  const std::array<double, 3> x{1 / 12., 1 / 12., 10 / 12.}, y{4 / 12., 5 / 12., 3 / 12.};
  CHECK(restless().value(x, y) == Approx(0.25).epsilon(1e-14));
  CHECK(std::abs(restless().gap(x, y)) <= 1e-14);
}

TEST_CASE("optimistic gradient: last-iterate gap ≤ 1e-9 by step 1,000", "[oracle][matrix_games]") {
  const auto players = play(restless(), learning_rule::optimistic_gradient, 1000, 0.1);
  const auto last = players.last();
  INFO("gap " << last.gap);
  CHECK(last.gap <= 1e-9);
  check_near(last.x, {1 / 12., 1 / 12., 10 / 12.}, 1e-9);
  check_near(last.y, {4 / 12., 5 / 12., 3 / 12.}, 1e-9);
  CHECK(restless().value(last.x, last.y) == Approx(0.25).epsilon(1e-9));
}

TEST_CASE("the optimistic gradient takes its step from the matrix, and its last iterates converge", "[oracle][matrix_games]") {
  const auto blottos = play(blotto(10), learning_rule::optimistic_gradient, 20'000);
  CHECK(blottos.last().gap <= 1e-3); // payments up to 3; at a step of 0.1 it was 1.6
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    INFO("seed " << seed);
    CHECK(play(random_game(60, seed), learning_rule::optimistic_gradient, 5'000).last().gap <= 2e-3); // at 0.1 up to 1.35
  }
}

TEST_CASE("a step at which the optimistic gradient may not converge is refused by name", "[oracle][matrix_games]") {
  const auto game = blotto(10);
  CHECK(game.steepness() == Approx(19.98).epsilon(1e-3));
  const auto refused = self_play::start(game, learning_rule::optimistic_gradient, 0.1);
  REQUIRE(refused.code() == errc::bad_value);
  CHECK(refused.error().detail.find("0.025") != std::string::npos);
  CHECK(self_play::start(game, learning_rule::optimistic_gradient, 0.025));
  CHECK(self_play::start(game, learning_rule::predictive_matching, 0.1)); // it has no step
}

TEST_CASE("regret matching's averages converge there, its last iterates don't", "[oracle][matrix_games]") {
  for (const auto rule : {learning_rule::regret_matching_plus, learning_rule::predictive_matching}) {
    INFO("rule " << static_cast<int>(rule));
    auto players = play(restless(), rule, 20'000);
    CHECK(players.average().gap <= 1e-2);
    double worst = 0;
    for (int i = 0; i < 1000; ++i) {
      players.step();
      worst = std::max(worst, players.last().gap);
    }
    INFO("worst gap of 1,000 last iterates: " << worst);
    CHECK(worst > 0.1);
  }
}

TEST_CASE("a game that isn't one is refused by name", "[oracle][matrix_games]") {
  const auto start = [](matrix_game g, double step = 0.1) {
    return self_play::start(std::move(g), learning_rule::optimistic_hedge, step).code();
  };
  CHECK(start({}) == errc::wrong_dimension);
  CHECK(start({2, 2, {1, 2, 3}}) == errc::wrong_dimension);
  CHECK(start({1, 1, {std::nan("")}}) == errc::not_finite);
  CHECK(start({1, 1, {std::numeric_limits<double>::infinity()}}) == errc::not_finite);
  CHECK(start({1, 1, {1}}, -1) == errc::bad_value);
  CHECK(start({1, 1, {1}}) == errc::ok);
}

TEST_CASE("the nearest point of the simplex", "[oracle][matrix_games]") {
  std::array<double, 3> inside{.2, .3, .5}, far{10, 0, -3}, even{5, 5, 0};
  project_to_simplex(inside);
  project_to_simplex(far);
  project_to_simplex(even);
  check_near(inside, {.2, .3, .5}, 1e-15);
  check_near(far, {1, 0, 0}, 1e-15);
  check_near(even, {.5, .5, 0}, 1e-15);
}
