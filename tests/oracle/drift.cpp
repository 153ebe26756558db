/// Preferences that change unannounced (Russac, Vernade, Cappé, arXiv 1909.09146; figures re-run over 100 runs). A mean
/// of a few runs must agree with the published one within four standard errors; bench/drift.cpp prints all 100.
#include "tests/support/drift_world.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace drift;

constexpr std::uint64_t runs = 10;
constexpr double published_runs = 100;

/// The published mean has an error of its own, of about our runs' spread.
void check_published(const std::vector<double>& regret, double published) {
  const estimate e = estimate_of(regret);
  const double error = e.error * std::sqrt(1 + static_cast<double>(runs) / published_runs);
  INFO("mean " << e.mean << ", standard error " << e.error);
  CHECK(std::abs(e.mean - published) <= 4 * error);
}

} // namespace

TEST_CASE("published regrets under drift are met", "[.science][drift]") {
  SECTION("LinUCB, which doesn't forget") { check_published(regrets(lin_ucb, world::changing, runs), 4174); }
  SECTION("D-LinUCB, by the paper's recursion") { check_published(regrets(d_lin_ucb, world::changing, runs), 1032); }
  SECTION("LinUCB, told of each change") { check_published(regrets(oracle_lin_ucb, world::changing, runs), 151); }
}

TEST_CASE("a detected restart regrets at most 250 under drift", "[.science][drift]") {
  const estimate e = estimate_of(regrets(restarting_thompson, world::changing, runs));
  INFO("mean " << e.mean << ", standard error " << e.error);
  CHECK(e.mean + 1.96 * e.error <= 250);
}

TEST_CASE("watching for changes costs at most a tenth where nothing changes", "[.science][drift]") {
  const auto alone = regrets(thompson, world::still, runs);
  auto extra = regrets(restarting_thompson, world::still, runs);
  for (std::size_t i = 0; i < runs; ++i)
    extra[i] -= alone[i];
  const estimate e = estimate_of(extra);
  INFO("mean " << e.mean << ", standard error " << e.error);
  CHECK(e.mean + 1.96 * e.error <= 0.1 * estimate_of(alone).mean);
}
