#include "ammo/simulation.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

using namespace ammo;
using namespace ammo::testing;

namespace {

options small(const std::string& name) {
  auto o = real_game(name, 12, 40);
  o.simulation.rounds_per_epoch = 10;
  o.threads = 2;
  return o;
}

} // namespace

TEST_CASE("the same seed gives the same report, with one thread or two, and through the wire", "[simulation]") {
  auto o = small("coin");
  auto two = played(o);
  o.threads = 1;
  auto one = played(o);
  CHECK(without_timings(one) == without_timings(two));
  o.wire_check = true;
  auto wired = played(o);
  CHECK(without_timings(wired) == without_timings(two));
  o.wire_check = false;
  o.seed = 2;
  CHECK(without_timings(played(o)) != without_timings(two));
}

TEST_CASE("coin, job and edu are played on real data, and every slot is accounted for", "[simulation]") {
  for (std::string name : {"coin", "job", "edu"}) {
    INFO(name);
    auto o = small(name);
    o.simulation.rounds = 20;
    auto r = played(o);
    CHECK(r.deployment == name);
    CHECK(r.users == 12);
    CHECK(r.creations == r.goals);
    CHECK(r.main.slate_by_round.size() == 20);
    CHECK(r.baselines.size() == 2);
    CHECK(r.slots_granted <= r.users * r.rounds * r.slots);
    CHECK(r.slots_granted >= r.users * r.rounds);
    for (auto x : r.main.slate_by_round)
      CHECK(x >= 0);
    CHECK(r.held_out.known);
    CHECK(r.budget_spent_micros > 0);
    CHECK(r.budget_spent_micros <= r.budget_granted_micros);
    CHECK_FALSE(r.attributions.empty());
    CHECK(r.top.size() == 10);
  }
}

TEST_CASE("the report says what was found out of rewards", "[simulation]") {
  auto o = small("coin");
  o.simulation.rounds = 200;
  o.simulation.noise = 0.25;
  const auto r = played(o);
  REQUIRE(r.rewards.size() == 1);
  const auto& f = r.rewards[0];
  CHECK((f.subspace == "coin" && f.people == r.users));
  CHECK(f.linear == 1);
  CHECK(std::abs(f.offset) < 0.3);
  CHECK(f.noise == Approx(0.25).margin(0.05));
  CHECK(f.restarts < 0.5);
  o.user.learner = "classic"; // it measures nothing
  CHECK(played(o).rewards.empty());
}

TEST_CASE("a User Buddy that learns regrets less than one that doesn't", "[simulation]") {
  auto o = small("coin");
  o.simulation.users = 20;
  o.simulation.rounds = 300;
  auto r = played(o);
  REQUIRE(r.baselines.front().policy == "uniform");
  CHECK(r.main.slate < 0.7 * r.baselines.front().slate);
  CHECK(r.main.slate_last_tenth < 0.6 * r.main.slate_first_tenth);
}

TEST_CASE("logistic and choice feedback are played, too", "[simulation]") {
  for (std::string model : {"logistic", "choice"}) {
    INFO(model);
    auto o = small("coin");
    o.simulation.feedback = model;
    o.simulation.baselines = false;
    auto r = played(o);
    CHECK(r.feedback == model);
    CHECK(r.main.slate > 0);
  }
}

TEST_CASE("three subspaces share one space and one slate", "[simulation]") {
  auto o = small("coin");
  o.subspaces.clear();
  for (std::string name : {"coin", "job"})
    o.subspaces.push_back({.name = name, .kind = name, .slate_cap = 3});
  o.simulation.rounds = 10;
  auto r = played(o);
  CHECK(r.subspaces == std::vector<std::string>{"coin", "job"});
  CHECK(r.dim == 32 + 96);
}

TEST_CASE("a simulation can be cancelled, and says when a period takes too long", "[simulation][bad-input]") {
  auto o = small("coin");
  int told = 0;
  auto cancelled = simulate(o, [&](const progress& p) {
    CHECK(p.rounds_done <= p.rounds_all);
    return ++told < 2;
  });
  CHECK(cancelled.code() == errc::cancelled);
  CHECK(told == 2);
  o.subspaces.push_back({.name = "mine", .width = 3});
  CHECK(simulate(o).code() == errc::missing_data);
  o.subspaces.pop_back();
  o.data_root = "/nowhere";
  CHECK(simulate(o).code() == errc::missing_data);
  o = small("coin");
  o.user.policy = "clairvoyant";
  CHECK(simulate(o).code() == errc::bad_value);
}

TEST_CASE("a host that throws where it hears of progress ends its simulation, and no other", "[simulation][bad-input]") {
  const auto o = small("coin");
  const auto undisturbed = without_timings(played(o));
  for (const int at : {1, 3}) {
    int told = 0;
    const auto r = simulate(o, [&](const progress&) -> bool { return ++told == at ? throw 1 : true; });
    CHECK(r.code() == errc::internal);
    CHECK(told == at);
  }
  CHECK(without_timings(played(o)) == undisturbed);
}
