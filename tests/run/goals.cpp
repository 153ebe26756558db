/// Goal Buddies of a host: who moves, who doesn't, and what it costs them.
#include "actors/goal_buddy/goal_policy.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};
constexpr goal_id unstated{1}, still{2};

/// Two films of exploring creators, who hear everything and move after every broadcast.
options cinema() {
  options o;
  o.slots = 2;
  o.threads = 2;
  o.user.exactly = true;
  o.subspaces.push_back({.name = "film", .width = 2, .crowd = 0});
  o.goal.policy = "explorer";
  o.goal.patience = 1;
  return o;
}

/// The Goal Buddy's creation, where it lies and what is left of the budget.
written_receipt standing(runtime& rt, goal_id goal) {
  return rt.write({.goal = goal, .order = writing_order::recall}).value();
}

/// Ann likes what she is shown, until the Goal Buddy has moved from there; false after a minute.
bool moves_from(runtime& rt, goal_id goal, creation_id from) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (std::chrono::steady_clock::now() < deadline) {
    const auto shown = rt.ask(ann).value();
    for (const auto& x : shown.creations)
      REQUIRE(rt.feedback(ann, x.impression, 0.5));
    if (standing(rt, goal).creation.creation != from)
      return true;
  }
  return false;
}

} // namespace

TEST_CASE("a Goal Buddy of the deployment's policy moves within its budget, a static one stays where its facts are",
          "[runtime][goal]") {
  auto rt = std::move(runtime::start(cinema()).value());
  const std::vector<float> facts{0.6f, 0.6f}, others{0.6f, 0};
  const auto first =
    rt->add_goal({.goal = unstated, .owner = owner_id{1}, .subspace = "film", .grounded = facts}).value();
  const auto kept = rt->add_goal({.goal = still, .owner = owner_id{2}, .subspace = "film", .grounded = others, .policy = "static"}).value();
  REQUIRE(rt->add_user(ann));
  auto creation = first.creation;
  for (int move = 0; move < 2; ++move) {
    REQUIRE(moves_from(*rt, unstated, creation));
    const auto now = standing(*rt, unstated);
    if (move == 0) {
      CHECK(now.e != facts);
      CHECK(now.creation.balance_micros < first.balance_micros - 1'000); // a creation, and the distance
    }
    CHECK(now.creation.balance_micros >= 0);
    creation = now.creation.creation;
  }
  const auto stayed = standing(*rt, still);
  CHECK(stayed.creation.creation == kept.creation);
  CHECK(stayed.e == others);
  CHECK(stayed.creation.balance_micros == kept.balance_micros);
  CHECK(rt->statistics()->creations == 2); // it moves its creation, and adds none
}

TEST_CASE("where the deployment says static, Goal Buddies added without a policy stay", "[runtime][goal]") {
  auto o = cinema();
  o.goal.policy = "static";
  auto rt = std::move(runtime::start(o).value());
  const auto kept =
    rt->add_goal({.goal = still, .owner = owner_id{2}, .subspace = "film", .grounded = {0.6f, 0}}).value();
  const auto moving = rt->add_goal({.goal = unstated, .owner = owner_id{1}, .subspace = "film", .grounded = {0.6f, 0.6f}, .policy = "explorer"}).value();
  REQUIRE(rt->add_user(ann));
  REQUIRE(moves_from(*rt, unstated, moving.creation)); // so there was time to move
  CHECK(standing(*rt, still).creation.creation == kept.creation);
  CHECK(standing(*rt, still).creation.balance_micros == kept.balance_micros);
}

TEST_CASE("a Goal Buddy adapts by default where it can rewrite its content, whoever makes it", "[goal]") {
  CHECK(options{}.goal.policy == name_of(goal_config{}.policy));
  CHECK(goal_policy_named("").value() == goal_policy::unstated);
  CHECK(resolved(goal_policy::unstated, true) == goal_policy::adaptive);
  CHECK(resolved(goal_policy::unstated, false) == goal_policy::fixed);
  CHECK(resolved(goal_policy::exploiter, false) == goal_policy::exploiter);
}

TEST_CASE("content without a stated policy adapts in a simulation that has a generator, else it stays", "[simulation][goal]") {
  options o;
  o.subspaces.push_back({.name = "coin", .kind = "coin", .crowd = 0});
  o.data_root = ammo::test::source_path("subspaces");
  o.threads = 2;
  o.simulation.users = 5;
  o.simulation.rounds = 40;
  o.simulation.rounds_per_epoch = 5;
  o.simulation.baselines = false;
  o.goal.patience = 1;
  o.goal.lambda = 0.1;
  const auto unstated = played(o);
  CHECK(unstated.budget_spent_micros == static_cast<std::int64_t>(1'000 * unstated.goals)); // a first creation each
  o.goal.generator = "template";
  const auto writing = played(o);
  CHECK(writing.budget_spent_micros > unstated.budget_spent_micros);
}
