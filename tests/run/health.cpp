/// How a runtime says how it is.
#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a runtime says how every part of it is", "[runtime][health]") {
  auto o = films();
  o.shards = 2;
  o.evolution.strains = 2;
  const auto rt = started(o);
  const auto how = rt->health();
  REQUIRE(how);
  std::set<std::string> parts;
  for (const auto& p : how->parts) {
    parts.insert(p.part);
    CHECK(p.answers);
    CHECK_FALSE(p.quarantined);
    CHECK(p.restarts == 0);
    CHECK(p.queue_age.count() >= 0);
  }
  CHECK(parts == std::set<std::string>{"supervisor", "metaspace 0", "metaspace 1", "aipp 0", "aipp 1", "subspace film", "population", "evolution", "bridge"});
  CHECK(how->well());
  CHECK(how->state == errc::ok);
  CHECK(rt->health(use_future).get()->well());
  CHECK(rt->release("subspace film").code() == errc::bad_value);
  CHECK(rt->release("nobody").code() == errc::bad_value);
  CHECK(refusals(*rt, errc::bad_value) == 2);
  rt->stop();
  CHECK(rt->health().code() == errc::stopped);
}

TEST_CASE("a User Buddy says what it has found out of somebody's rewards", "[runtime][health]") {
  auto o = films();
  o.user.situations = {"morning", "evening"};
  const auto rt = started(o);
  add_films(*rt, 12);
  REQUIRE(rt->add_user(user_id{1}));
  const auto before = believed(*rt, user_id{1});
  REQUIRE(before.rewards.size() == 1);
  CHECK(before.rewards[0].subspace == "film");
  for (int round = 0; round < 60; ++round) { // stars, of which the middle is 3
    const auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      REQUIRE(rt->feedback(user_id{1}, x.impression, 3 + direction(static_cast<int>(x.content))[0] + (round % 2 == 0 ? 0.1 : -0.1)));
  }
  const auto found = believed(*rt, user_id{1}).rewards[0];
  CHECK(found.kind == "linear");
  CHECK(found.offset == Approx(3).margin(0.3));
  CHECK(found.noise > 0.05);
  CHECK(found.noise < 0.3);
  CHECK(found.apart == 0);
}

TEST_CASE("a host whose rewards can't teach is told so by name", "[runtime][health]") {
  const auto rt = started();
  add_films(*rt, 12);
  REQUIRE(rt->add_user(user_id{1}));
  const auto reward = [&](double value) {
    const auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      REQUIRE(rt->feedback(user_id{1}, x.impression, value));
  };
  for (int round = 0; round < 33; ++round)
    reward(0.5);
  CHECK(rt->health()->warnings.empty());
  reward(0.5);
  const auto how = *rt->health();
  REQUIRE(how.warnings.size() == 1);
  CHECK(how.warnings[0].name == "rewards_all_equal");
  CHECK_THAT(how.warnings[0].detail, Catch::Matchers::Contains("film") && Catch::Matchers::Contains("102"));
  CHECK(how.well());
  reward(0.75);
  CHECK(rt->health()->warnings.empty());
}
