#include "ammo/simulation.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

/// Real choosers; the broadcast comes often, so that there is time to use it.
options short_game(const std::string& name) {
  auto o = real_game(name, 30, 24);
  o.simulation.rounds_per_epoch = 4;
  o.simulation.baselines = false;
  o.threads = 2;
  return o;
}

double slate_regret(options o, std::uint64_t seed, const std::string& broadcast) {
  o.seed = seed;
  o.user.broadcast = broadcast;
  auto r = simulate(o);
  if (!r)
    FAIL(r.error().text());
  return r->main.slate;
}

} // namespace

TEST_CASE("without the broadcast User Buddies regret more, where people are alike", "[.science][simulation][broadcast]") {
  const auto game = short_game("edu");
  std::vector<double> saved;
  double with = 0, without = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const double used = slate_regret(game, seed, "used"), ignored = slate_regret(game, seed, "ignored");
    saved.push_back(ignored - used);
    with += used;
    without += ignored;
  }
  double mean = 0, variance = 0;
  for (double x : saved)
    mean += x / 5;
  for (double x : saved)
    variance += (x - mean) * (x - mean) / 4;
  constexpr double t_99 = 3.75; // one-sided 99 % of Student's t, 4 degrees of freedom
  CHECK(mean > t_99 * std::sqrt(variance / 5));
  CHECK(with < 0.95 * without);
}

TEST_CASE("where people differ the broadcast does no harm", "[.science][simulation][broadcast]") {
  const auto game = short_game("coin");
  double with = 0, without = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    with += slate_regret(game, seed, "used");
    without += slate_regret(game, seed, "ignored");
  }
  CHECK(with < 1.05 * without);
}
