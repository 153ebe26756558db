/// Pairwise choices: maximum-likelihood Bradley–Terry as lucasmaystre/choix (MIT) has it, and a belief that learns.
#include "bench/papers/pairwise.hpp"

#include "actors/base/gaussian.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

using namespace ammo;

namespace {

double logistic(double t) { return 1 / (1 + std::exp(-t)); }

std::vector<double> difference(std::size_t items, const pair_outcome& c) {
  std::vector<double> x(items, 0.0);
  x[c.winner] = 1;
  x[c.loser] = -1;
  return x;
}

/// Comparisons of random pairs under planted strengths.
std::vector<pair_outcome> compared(std::span<const double> theta, std::size_t count, splitmix64& g) {
  std::vector<pair_outcome> all;
  while (all.size() < count) {
    const auto any = [&] { return static_cast<std::uint32_t>(uniform01(g) * static_cast<double>(theta.size())); };
    const auto a = any(), b = any();
    if (a != b)
      all.push_back(uniform01(g) < logistic(theta[a] - theta[b]) ? pair_outcome{a, b} : pair_outcome{b, a});
  }
  return all;
}

} // namespace

TEST_CASE("Bradley-Terry's maximum is choix's", "[oracle][bradley_terry]") {
  const auto theta = bradley_terry(3, std::array<pair_outcome, 4>{{{0, 1}, {0, 1}, {1, 2}, {2, 0}}}).value();
  CHECK(std::abs(theta[0] - 0.419617624) < 1e-8);
  CHECK(std::abs(theta[1] + 0.419617624) < 1e-8);
  CHECK(std::abs(theta[2]) < 1e-8);
}

TEST_CASE("two items: the maximum is the log of the odds", "[oracle][bradley_terry]") {
  std::vector<pair_outcome> all(97, {0, 1});
  all.insert(all.end(), 3, {1, 0});
  const auto theta = bradley_terry(2, all).value();
  CHECK(theta[0] - theta[1] == Approx(std::log(97.0 / 3)).epsilon(1e-9));
  CHECK(bradley_terry(1, {}).value() == std::vector<double>{0});
}

TEST_CASE("at the maximum each item won as often as it was expected to", "[oracle][bradley_terry]") {
  const std::size_t items = GENERATE(5u, 60u, 300u);
  splitmix64 g(items);
  std::vector<double> planted(items);
  for (double& t : planted)
    t = 6 * uniform01(g) - 3;
  const auto all = compared(planted, items * 150, g);
  const auto theta = bradley_terry(items, all).value();
  std::vector<double> balance(items, 0.0);
  for (const pair_outcome& c : all) {
    const double surprise = 1 - logistic(theta[c.winner] - theta[c.loser]);
    balance[c.winner] += surprise;
    balance[c.loser] -= surprise;
  }
  for (double b : balance)
    CHECK(std::abs(b) < 1e-6);
  CHECK(std::accumulate(theta.begin(), theta.end(), 0.0) == Approx(0).margin(1e-9));
}

TEST_CASE("where no maximum exists, the refusal says which item is why", "[oracle][bradley_terry]") {
  const auto refused = [](std::size_t items, std::vector<pair_outcome> all, const char* why) {
    const auto r = bradley_terry(items, all);
    CHECK(r.code() == errc::bad_value);
    CHECK(r.error().detail.find(why) != std::string::npos);
  };
  refused(0, {}, "no items");
  refused(2, {{0, 0}}, "of 0 with 0");
  refused(2, {{0, 2}}, "of 0 with 2");
  refused(3, {{0, 1}, {1, 0}}, "item 2");
  refused(3, {{0, 1}, {1, 0}, {2, 0}}, "item 2 never lost");
  refused(3, {{0, 1}, {1, 0}, {0, 2}}, "item 2 never beat");
}

TEST_CASE("after one choice the belief's mean is the exact mode", "[oracle][bradley_terry]") {
  const double noise = GENERATE(0.3, 1.0, 2.5), variance = GENERATE(0.01, 1.0, 400.0);
  ridge_posterior<double> belief(3, noise * noise / variance);
  REQUIRE(belief.observe(std::array{0.5, -1.0, 0.25}, std::array{0.7}));
  std::array<double, 3> before{}, after{};
  belief.mean(before);
  // The prior's precision, A / σ².
  const std::array e{0.5, -1.0, 0.25}, winner{1.0, 0.2, 0.0}, loser{0.1, 0.9, -0.4};
  REQUIRE(observe_choice<double>(belief, noise, winner, loser));
  belief.mean(after);
  std::array<double, 3> x{}, moved{};
  double t = 0, along = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    x[k] = winner[k] - loser[k];
    moved[k] = after[k] - before[k];
    t += x[k] * after[k];
    along += e[k] * moved[k];
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double pull = (moved[k] * noise * noise / variance + along * e[k]) / (noise * noise);
    CHECK(pull == Approx(x[k] * (1 - logistic(t))).epsilon(1e-7).margin(1e-10));
  }
}

TEMPLATE_TEST_CASE("a belief that learns choice by choice comes to the maximum of them all", "[oracle][bradley_terry]",
                   float, double) {
  const std::array planted{1.2, 0.5, 0.0, -0.5, -1.2};
  splitmix64 g(21);
  const auto all = compared(planted, 4'000, g);
  const auto best = bradley_terry(5, all).value();
  const TestType noise = TestType(0.3);
  ridge_posterior<TestType> belief(5, noise * noise / 4);
  for (const pair_outcome& c : all) {
    std::vector<TestType> winner(5, 0), loser(5, 0);
    winner[c.winner] = loser[c.loser] = 1;
    REQUIRE(observe_choice<TestType>(belief, noise, winner, loser));
  }
  std::vector<TestType> m(5);
  belief.mean(m);
  for (std::uint32_t i = 0; i + 1 < 5; ++i) {
    const auto x = difference(5, {i, i + 1});
    const double apart = noise * belief.width(std::vector<TestType>(x.begin(), x.end()));
    CHECK(apart < 0.1);
    // Order matters only to what linearising each once costs: a fraction of what the choices themselves leave open.
    CHECK(std::abs((m[i] - m[i + 1]) - (best[i] - best[i + 1])) < 0.5 * apart);
    CHECK(std::abs((m[i] - m[i + 1]) - (planted[i] - planted[i + 1])) < 4 * apart);
  }
}

TEST_CASE("certain and surprising choices stay finite, and bad values change nothing", "[oracle][bradley_terry]") {
  for (double mean : {-1e6, -800.0, -30.0, 0.0, 30.0, 800.0, 1e6})
    for (double width : {0.0, 1e-8, 1.0, 1e4}) {
      const auto l = linearise_yes(mean, width, 0.3);
      INFO(mean << ' ' << width);
      CHECK(std::isfinite(l.weight));
      CHECK(std::isfinite(l.value));
      CHECK(l.weight >= 0);
    }
  ridge_posterior<float> belief(2, 1);
  const std::array bad{std::numeric_limits<float>::quiet_NaN(), 0.0f}, good{1.0f, 0.0f};
  CHECK_FALSE(observe_choice<float>(belief, 0.3, bad, good));
  CHECK_FALSE(observe_choice<float>(belief, 0.3, good, bad));
  std::array<float, 2> m{1, 1};
  belief.mean(m);
  CHECK(m == std::array{0.0f, 0.0f});
  REQUIRE(observe_choice<float>(belief, 0.3, good));
  belief.mean(m);
  CHECK(m[0] > 0);
}
