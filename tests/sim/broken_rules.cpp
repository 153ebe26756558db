/// A simulator that can't fail proves nothing: each rule of the cluster is broken once, and what it protects is seen to break.
#include "tests/sim/run.hpp"

#include <catch2/catch.hpp>

using namespace ammo;
using namespace ammo::sim;

namespace {

/// The seed, of the first so many, in which the rule's breaking is noticed as this; 0: in none.
std::uint64_t noticed(broken_rule rule, invariant as, std::uint64_t seeds = 300) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    if (const auto o = play(scenario_of(seed), rule); o.failed && o.failed->what == as)
      return seed;
  return 0;
}

} // namespace

TEST_CASE("the simulator notices who answers for what isn't theirs", "[sim]") {
  CHECK(noticed(broken_rule::ignores_its_lease, invariant::single_writer));
  CHECK(noticed(broken_rule::fences_the_living, invariant::single_writer));
  CHECK(noticed(broken_rule::keeps_what_it_released, invariant::single_writer));
}

TEST_CASE("the simulator notices acknowledgements that are lost", "[sim]") {
  CHECK(noticed(broken_rule::answers_before_durable, invariant::nothing_lost));
  CHECK(noticed(broken_rule::takes_unknown_for_done, invariant::nothing_lost));
}

TEST_CASE("the simulator notices what counts twice", "[sim]") {
  CHECK(noticed(broken_rule::forgets_keys, invariant::nothing_twice));
  CHECK(noticed(broken_rule::forgets_keys_too_soon, invariant::nothing_twice));
  CHECK(noticed(broken_rule::renames_repeats, invariant::nothing_twice));
}

TEST_CASE("the simulator notices calls that end wrongly, or don't", "[sim]") {
  CHECK(noticed(broken_rule::says_nothing_happened, invariant::nothing_happened));
  CHECK(noticed(broken_rule::never_gives_up, invariant::calls_end));
}

TEST_CASE("the simulator notices money that is lost or booked twice", "[sim]") {
  CHECK(noticed(broken_rule::adds_differences, invariant::budgets_exact));
  CHECK(noticed(broken_rule::tells_undurable_totals, invariant::budgets_exact));
}

TEST_CASE("the simulator notices clusters that don't come to rest", "[sim]") {
  CHECK(noticed(broken_rule::takes_nothing, invariant::converges));
  CHECK(noticed(broken_rule::gives_nothing, invariant::converges));
}

TEST_CASE("a failing scenario is made small, and still fails", "[sim]") {
  const auto seed = noticed(broken_rule::answers_before_durable, invariant::nothing_lost);
  REQUIRE(seed);
  const auto whole = scenario_of(seed), small = shrunk(whole, broken_rule::answers_before_durable);
  CHECK(small.faults.size() <= whole.faults.size());
  CHECK(play(small, broken_rule::answers_before_durable).failed);
  CHECK_FALSE(play(small).failed);
  for (std::size_t i = 0; i < small.faults.size(); ++i) { // nothing more can be left out
    auto less = small;
    less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(play(less, broken_rule::answers_before_durable).failed);
  }
}
