/// Against fixed people on real data, an adaptive Goal Buddy, which sees impressions, engagement and public creations
/// alone, is compared with what someone would reach who knows every q and every threshold.
#include "tests/support/still_world.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

// The goal is nine tenths over many creations; `bench_adaptive` measures that (docs/decisions.md). Here are two that move in
// each deployment, and the floors keep a distance, for each rounding error leads to other guesses.
TEST_CASE("adaptive Goal Buddies gain over their facts against fixed people", "[goal]") {
  const auto [name, share] = GENERATE(table<const char*, double>({{"coin", 0.5}, {"job", 0.7}, {"edu", 0.6}}));
  const auto c = load_content(name, AMMO_SOURCE_DIR "/subspaces", {});
  REQUIRE(c);
  reached sum;
  for (std::size_t mover : {std::size_t{0}, c->items.size() / 10}) {
    const auto one = play_still(*c, mover, {.policy = goal_policy::adaptive, .patience = 1}, 200);
    UNSCOPED_INFO(name << " " << mover << ": facts " << one.facts << ", reached " << one.utility << ", best " << one.best);
    sum.facts += one.facts;
    sum.utility += one.utility;
    sum.best += one.best;
  }
  CAPTURE(name, sum.facts, sum.utility, sum.best);
  CHECK(sum.utility > sum.facts);
  CHECK(sum.utility >= share * sum.best);
}
