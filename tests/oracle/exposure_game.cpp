/// What is proved of exposure games (Hron et al., arXiv 2206.13102), checked on random populations.
#include "bench/papers/exposure_game.hpp"

#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace ammo;

namespace {

std::vector<double> draw(std::size_t n, std::uint64_t seed, double low) {
  splitmix64 g(seed);
  std::vector<double> v(n);
  for (double& x : v)
    x = low + (1 - low) * uniform01(g);
  return v;
}

double norm(std::span<const double> v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); }

std::vector<double> together(std::span<const double> a, std::span<const double> b) {
  std::vector<double> both(a.begin(), a.end());
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

} // namespace

TEST_CASE("the gradient is the published formula: finite differences agree", "[oracle][exposure_game]") {
  for (const double temperature : {0.05, 0.5, 10.0}) {
    const auto game = exposure_game::open(draw(40 * 4, 1, -1), 4, temperature).value();
    auto thetas = draw(3 * 4, 2, -1); // norms other than 1 on purpose
    for (std::size_t i = 0; i < 3; ++i) {
      const auto g = game.gradient(thetas, i);
      for (std::size_t k = 0; k < 4; ++k) {
        const double h = 1e-6, at = thetas[i * 4 + k];
        thetas[i * 4 + k] = at + h;
        const double above = game.utility(thetas, i);
        thetas[i * 4 + k] = at - h;
        const double below = game.utility(thetas, i);
        thetas[i * 4 + k] = at;
        CHECK(g[k] == Approx((above - below) / (2 * h)).epsilon(1e-5).margin(1e-8));
      }
    }
  }
}

TEST_CASE("exposures sum to 1", "[oracle][exposure_game]") {
  const auto game = exposure_game::open(draw(30 * 5, 3, -1), 5, 0.1).value();
  const auto thetas = draw(6 * 5, 4, -1);
  double sum = 0;
  for (std::size_t i = 0; i < 6; ++i)
    sum += game.utility(thetas, i);
  CHECK(sum == Approx(1).epsilon(1e-12));
}

TEST_CASE("at a high temperature all producers collapse to E[c]/‖E[c]‖", "[oracle][exposure_game]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto game = exposure_game::open(draw(50 * 6, seed, -0.3), 6, 100).value();
    const auto mean = game.mean_direction();
    auto thetas = draw(5 * 6, seed + 100, -1);
    game.climb(thetas);
    for (std::size_t at = 0; at < thetas.size(); ++at)
      CHECK(std::abs(thetas[at] - mean[at % 6]) <= 1e-9);
  }
}

TEST_CASE("at a low temperature they don't: there is room for specialists", "[oracle][exposure_game]") {
  const auto game = exposure_game::open(draw(50 * 6, 1, -1), 6, 0.01).value();
  const auto mean = game.mean_direction();
  auto thetas = draw(5 * 6, 101, -1);
  game.climb(thetas, 1, 500);
  double farthest = 0;
  for (std::size_t at = 0; at < thetas.size(); ++at)
    farthest = std::max(farthest, std::abs(thetas[at] - mean[at % 6]));
  CHECK(farthest > 0.1);
}

TEST_CASE("two producers, non-negative users: both at the mean direction, and nowhere else", "[oracle][exposure_game]") {
  const auto game = exposure_game::open(draw(60 * 4, 7, 0), 4, 1).value();
  const auto mean = game.mean_direction();
  const auto at_mean = together(mean, mean);
  CHECK(norm(game.gradient(at_mean, 0)) <= 1e-15);
  CHECK(norm(game.gradient(at_mean, 1)) <= 1e-15);
  CHECK(game.utility(at_mean, 0) == Approx(0.5));

  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto elsewhere = draw(4, seed, -1);
    CHECK(game.utility(together(elsewhere, mean), 0) <= 0.5); // no deviation improves on the mean
    CHECK(norm(game.gradient(together(elsewhere, elsewhere), 0)) > 1e-6); // and elsewhere one does
  }
}

TEST_CASE("a population that can't be is refused by name", "[oracle][exposure_game]") {
  CHECK(exposure_game::open({}, 2, 1).code() == errc::wrong_dimension);
  CHECK(exposure_game::open({1, 2, 3}, 2, 1).code() == errc::wrong_dimension);
  CHECK(exposure_game::open({1, std::nan("")}, 2, 1).code() == errc::not_finite);
  CHECK(exposure_game::open({1, 2}, 2, 0).code() == errc::bad_value);
}
