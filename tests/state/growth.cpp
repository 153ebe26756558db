/// A deployment gets a subspace more: its state is taken on, and what is new begins with its prior.
#include "ammo/runtime.hpp"
#include "runtime/state/comparison/state_comparison.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};

goal_spec song(int i) {
  return {.goal = goal_id(100 + static_cast<std::uint64_t>(i)), .owner = owner_id(100 + static_cast<std::uint64_t>(i)), .subspace = "song", .grounded = {0, 1, 0}, .content = 1000};
}

void grows(options o, bool asleep = false) {
  user_belief before;
  impression_id open{};
  const auto awake_for = o.durability.sleep_after_s;
  {
    if (asleep)
      o.durability.sleep_after_s = 1;
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(ann));
    like(*rt, ann, 8);
    const auto shown = rt->ask(ann);
    REQUIRE(shown);
    REQUIRE_FALSE(shown->creations.empty());
    open = shown->creations.front().impression;
    before = believed(*rt, ann);
    REQUIRE((!asleep || comes_true([&] {
      const auto s = rt->statistics();
      return s && s->asleep == 1;
    })));
  }
  o.durability.sleep_after_s = awake_for;
  const auto small = o;
  o.subspaces.push_back({.name = "song", .width = 3});
  std::uint64_t learned = 0;
  {
    auto rt = started(o);
    CHECK(rt->statistics()->asleep == (asleep ? 1u : 0u));
    const auto after = believed(*rt, ann);
    CHECK(after.rounds == before.rounds);
    CHECK(after.observations == before.observations);
    REQUIRE(after.mean.size() == 5);
    REQUIRE(before.mean.size() == 2);
    CHECK(std::equal(before.mean.begin(), before.mean.end(), after.mean.begin()));
    CHECK(std::all_of(after.mean.begin() + 2, after.mean.end(), [](float x) { return x == 0; }));
    CHECK(rt->feedback(ann, open, 0.5));
    REQUIRE(rt->add_goal(song(1)));
    for (int round = 0; round < 20; ++round) {
      const auto shown = rt->ask(ann);
      REQUIRE(shown);
      for (const auto& x : shown->creations)
        CHECK(rt->feedback(ann, x.impression, x.content == 1000 ? 1.0 : 0.1));
    }
    learned = believed(*rt, ann).observations;
  }
  auto rt = started(o); // and again, as it is now
  CHECK(believed(*rt, ann).observations == learned);
  CHECK(rt->add_goal(song(1)).code() == errc::duplicate_goal);
  rt.reset();
  const auto told = replay_state(o);
  REQUIRE(told);
  INFO(told->to_text());
  CHECK(told->equal());
  CHECK(runtime::start(small).code() == errc::state_other_layout); // there is no way back
}

} // namespace

TEST_CASE("a subspace that is retired goes with its Goal Buddies, and comes back with what was learned", "[state][growth]") {
  const scratch in("ammo_growth");
  auto o = films_in((in.folder / "state").string());
  o.subspaces.push_back({.name = "song", .width = 3});
  const bool asleep = GENERATE(false, true);
  user_belief before;
  impression_id of_a_song{};
  const auto awake_for = o.durability.sleep_after_s;
  {
    o.durability.sleep_after_s = asleep ? 1 : awake_for;
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_goal(song(1)));
    REQUIRE(rt->add_user(ann));
    for (int round = 0; round < 20; ++round) {
      const auto shown = rt->ask(ann);
      REQUIRE(shown);
      for (const auto& x : shown->creations)
        REQUIRE(rt->feedback(ann, x.impression, x.content == 1000 ? 1.0 : 0.1));
    }
    const auto shown = rt->ask(ann);
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      if (x.content == 1000)
        of_a_song = x.impression;
    REQUIRE(raw(of_a_song) != 0);
    before = believed(*rt, ann);
    REQUIRE((!asleep || comes_true([&] { return rt->statistics()->asleep == 1; })));
  }
  o.durability.sleep_after_s = awake_for;
  auto less = o;
  less.subspaces.pop_back();
  const auto left_out = runtime::start(less);
  CHECK(left_out.code() == errc::state_other_layout);
  CHECK_THAT(left_out.error().detail, Catch::Matchers::Contains("retired"));
  auto retired = o;
  retired.subspaces[1].retired = true;
  {
    auto rt = started(retired);
    const auto counted = *rt->statistics();
    CHECK(counted.goals == 6);
    CHECK(counted.creations == 6);
    CHECK(counted.asleep == (asleep ? 1u : 0u));
    CHECK(rt->add_goal(song(2)).code() == errc::unknown_subspace);
    check_same(believed(*rt, ann), before);
    for (int round = 0; round < 5; ++round) {
      const auto shown = rt->ask(ann);
      REQUIRE(shown);
      for (const auto& x : shown->creations)
        CHECK(x.content < 1000);
    }
    CHECK(rt->feedback(ann, of_a_song, 1)); // it was shown then
  }
  const auto told = replay_state(retired);
  REQUIRE(told);
  INFO(told->to_text());
  CHECK(told->equal());
  started(retired).reset(); // and again, with nobody left to go
  auto rt = started(o);
  CHECK(believed(*rt, ann).observations == before.observations + 1);
  CHECK(rt->add_goal(song(1)));
  CHECK(comes_true([&] { // it is known who likes songs
    const auto shown = rt->ask(ann);
    return shown && !shown->creations.empty() && shown->creations[0].content == 1000;
  }));
}

TEST_CASE("a subspace at the end of a deployment is taken into its state", "[state][growth]") {
  const scratch in("ammo_growth");
  auto o = films_in((in.folder / "state").string());
  SECTION("by default") { grows(o); }
  SECTION("while its people sleep") { grows(o, true); }
  SECTION("of a classic learner, whose people sleep") {
    o.user.learner = "classic";
    grows(o, true);
  }
  SECTION("of a classic learner") {
    o.user.learner = "classic";
    grows(o);
  }
  SECTION("of one whose tastes jump") {
    o.user.learner = "classic";
    o.user.drift = "restart";
    grows(o);
  }
  SECTION("of one whose tastes drift") {
    o.user.learner = "classic";
    o.user.drift = "discount";
    grows(o);
  }
  SECTION("in PostgreSQL") {
    o.state = test::new_postgres_database();
    grows(o);
  }
}
