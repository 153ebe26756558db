/// Caps hold through the whole runtime: no slate goes beyond them, and what they refuse is counted.
#include "ammo/runtime.hpp"
#include "ammo/simulation.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};

/// Two subspaces; each owner has two Goal Buddies in "film", and Goal Buddy 0 has three creations. Goal Buddy 9 has a song.
options two_subspaces() {
  options o;
  o.slots = 5;
  o.threads = 2;
  o.user.exactly = true;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2});
  o.subspaces.push_back({.name = "song", .width = 2});
  return o;
}

std::unique_ptr<runtime> peopled(const options& o) {
  auto started = runtime::start(o);
  REQUIRE(started);
  auto rt = std::move(*started);
  for (std::uint64_t g = 0; g < 6; ++g) {
    REQUIRE(rt->add_goal({.goal = goal_id{g}, .owner = owner_id{g / 2}, .subspace = "film", .grounded = {1, 0}, .content = g}));
    for (int more = 0; more < 2 && g == 0; ++more)
      REQUIRE(rt->create({.goal = goal_id{g}, .e = {1, 0}, .content = g}));
  }
  REQUIRE(rt->add_goal({.goal = goal_id{9}, .owner = owner_id{9}, .subspace = "song", .grounded = {0.1f, 0}, .content = 9}));
  REQUIRE(rt->add_user(ann));
  return rt;
}

/// Fifty slates, each liked for its films; no number of slots that `key` gives goes beyond `cap`. Returns the most seen.
template <class Key>
std::size_t most_of_one(runtime& rt, Key key) {
  std::size_t most = 0;
  for (int round = 0; round < 50; ++round) {
    auto shown = rt.ask(ann);
    REQUIRE(shown);
    CHECK(shown->creations.size() <= 5);
    CHECK_FALSE(shown->creations.empty());
    std::set<creation_id> distinct;
    std::map<std::uint64_t, std::size_t> times;
    for (const auto& x : shown->creations) {
      CHECK(distinct.insert(x.creation).second);
      most = std::max(most, ++times[key(x)]);
      REQUIRE(rt.feedback(ann, x.impression, x.content == 9 ? -0.5 : 0.5));
    }
  }
  return most;
}

std::uint64_t goal_of(const shown_creation& x) { return raw(x.goal); }
std::uint64_t owner_of(const shown_creation& x) { return x.content / 2; }
std::uint64_t subspace_of_shown(const shown_creation& x) { return raw(subspace_of(x.creation)); }

} // namespace

TEST_CASE("without caps, one Goal Buddy, one owner and one subspace may have many slots", "[runtime][caps]") {
  auto rt = peopled(two_subspaces());
  CHECK(most_of_one(*rt, goal_of) > 1);
  CHECK(most_of_one(*rt, owner_of) > 2);
  CHECK(most_of_one(*rt, subspace_of_shown) > 3);
  CHECK(refusals(*rt, errc::cap_goal) + refusals(*rt, errc::cap_owner) + refusals(*rt, errc::cap_subspace) == 0);
}

TEST_CASE("no slate has more of one Goal Buddy than the cap", "[runtime][caps]") {
  auto o = two_subspaces();
  o.caps.per_goal = 1;
  auto rt = peopled(o);
  CHECK(most_of_one(*rt, goal_of) == 1);
  CHECK(refusals(*rt, errc::cap_goal) > 0);
}

TEST_CASE("no slate has more of one owner than the cap", "[runtime][caps]") {
  auto o = two_subspaces();
  o.caps.per_owner = 2;
  auto rt = peopled(o);
  CHECK(most_of_one(*rt, owner_of) == 2);
  CHECK(refusals(*rt, errc::cap_owner) > 0);
}

TEST_CASE("no slate has more of one subspace than the cap", "[runtime][caps]") {
  auto o = two_subspaces();
  o.subspaces[0].slate_cap = 3;
  auto rt = peopled(o);
  CHECK(most_of_one(*rt, subspace_of_shown) == 3);
  CHECK(refusals(*rt, errc::cap_subspace) > 0);
}

TEST_CASE("a simulation holds its caps and reports what they refused", "[simulation][caps]") {
  auto o = real_game("coin", 12, 40);
  o.simulation.baselines = false;
  o.caps.per_owner = 1;
  o.subspaces[0].slate_cap = 3;
  auto played = simulate(o);
  REQUIRE(played);
  CHECK(played->slots_granted <= std::uint64_t{12} * 40 * 3);
  CHECK(played->slots_granted > 0);
  std::set<errc> reasons;
  for (const auto& r : played->refused)
    reasons.insert(r.count > 0 ? r.code : errc::ok);
  CHECK(reasons == std::set{errc::cap_subspace, errc::cap_owner});
}
