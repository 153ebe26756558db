/// Against fixed people on real data, an adaptive Goal Buddy, which sees impressions, engagement and public creations
/// alone, is compared with what someone would reach who knows every q and every threshold.
#include "tests/support/still_world.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

// The goal is nine tenths over many creations in 200 epochs of coin, job and edu; `bench_adaptive` measures that
// (docs/decisions.md). Here is one that moves, where sanitizers have time for it, and the floors keep a distance: each
// rounding error leads to other guesses.
TEST_CASE("adaptive Goal Buddies gain over their facts against fixed people", "[goal]") {
  const auto [name, epochs, share] = GENERATE(table<const char*, int, double>({{"coin", 150, 0.5}, {"job", 120, 0.5}}));
  const auto c = load_content(name, AMMO_SOURCE_DIR "/subspaces", {});
  REQUIRE(c);
  const auto one = play_still(*c, 0, {.policy = goal_policy::adaptive, .patience = 1}, static_cast<std::size_t>(epochs));
  CAPTURE(name, one.facts, one.utility, one.best);
  CHECK(one.utility > one.facts);
  CHECK(one.utility >= share * one.best);
}
