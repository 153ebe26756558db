#include "actors/goal_buddy/goal_mind.hpp"
#include "ammo/runtime.hpp"
#include "runtime/system/host_goal_policy.hpp"
#include "runtime/system/policy_runner.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t users = 6;

/// Shows the film that it likes; users whom it is told to think about for long wait until they are released.
struct thinker final : host_policy {
  std::set<std::uint64_t> hard;
  std::promise<void> promise;
  std::shared_future<void> released = promise.get_future().share();
  mutable std::atomic<int> thinking{0};
  mutable std::atomic<bool> inside_actor{false};
  std::atomic<runtime*> of{nullptr};

  std::vector<valued_creation> choose(const policy_view& view) const override {
    if (auto* rt = of.load(); rt && !rt->statistics()) // an actor could not wait for an answer
      inside_actor = true;
    if (hard.contains(raw(view.user()))) {
      ++thinking;
      released.wait();
    }
    std::vector<valued_creation> out;
    view.each_live([&](const live_creation& c) {
      if (c.content == 1) // what Thompson sampling wouldn't show alone
        out.push_back({c.creation, 1, 1});
    });
    return out;
  }
};

std::unique_ptr<runtime> started(const std::shared_ptr<thinker>& policy, options o) {
  o.threads = 2;
  o.goal.policy = "static";
  o.user.policy = "host";
  o.user.exactly = true;
  o.slots = 2;
  o.limits.request_timeout_ms = 60'000;
  o.subspaces = {{.name = "film", .width = 2}};
  auto rt = runtime::start(std::move(o), {{"thinker", policy}});
  REQUIRE(rt);
  for (std::uint64_t i = 1; i <= 3; ++i)
    REQUIRE((*rt)->add_goal({.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = {1, 0}, .content = i}));
  for (std::uint64_t u = 0; u < users; ++u)
    REQUIRE((*rt)->add_user(user_id{u}));
  return std::move(*rt);
}

bool by_policy(const result<slate>& s) {
  REQUIRE(s);
  REQUIRE_FALSE(s->creations.empty());
  return s->creations[0].propensity.source == propensity_source::exact && s->creations[0].content == 1;
}

std::uint64_t count_of(runtime& rt, std::string_view name) {
  const auto counted = rt.statistics();
  REQUIRE(counted);
  for (const auto& c : counted->counters)
    if (c.name == name && c.labels.empty())
      return c.value;
  return 0;
}

bool becomes(const std::function<bool()>& holds) {
  for (const auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end; std::this_thread::yield())
    if (holds())
      return true;
  return false;
}

} // namespace

TEST_CASE("a policy that doesn't return holds up nobody, and a built-in one stands in", "[runtime][policies]") {
  auto policy = std::make_shared<thinker>();
  policy->hard = {0, 1};
  options o;
  o.limits.policy_budget_ms = 5'000; // also on a slow machine the others are in time
  auto rt = started(policy, o);
  policy->of = rt.get();
  auto first = rt->ask(user_id{0}, 0, use_future), second = rt->ask(user_id{1}, 0, use_future);
  REQUIRE(becomes([&] { return policy->thinking == 2; }));
  for (int i = 0; i < 20; ++i)
    for (std::uint64_t u = 2; u < users; ++u)
      CHECK(by_policy(rt->ask(user_id{u})));
  CHECK(first.wait_for(0s) == std::future_status::timeout);
  CHECK_FALSE(by_policy(first.get())); // after its budget
  CHECK_FALSE(by_policy(second.get()));
  CHECK(testing::refusals(*rt, errc::policy_late) == 2);
  CHECK(rt->regret(user_id{0})); // its User Buddy goes on
  CHECK(count_of(*rt, "policies_dropped") == 0);
  policy->promise.set_value();
  CHECK(becomes([&] { return count_of(*rt, "policies_dropped") == 2; }));
  CHECK(by_policy(rt->ask(user_id{0})));
  CHECK(policy->thinking == 3);
  CHECK_FALSE(policy->inside_actor);
}

TEST_CASE("so many policies are at work and no more", "[runtime][policies]") {
  auto policy = std::make_shared<thinker>();
  policy->hard = {0};
  options o;
  o.limits.policy_budget_ms = 60'000;
  o.limits.policies_at_once = 1;
  auto rt = started(policy, o);
  auto held = rt->ask(user_id{0}, 0, use_future);
  REQUIRE(becomes([&] { return policy->thinking == 1; }));
  CHECK_FALSE(by_policy(rt->ask(user_id{2}))); // straight away
  CHECK(testing::refusals(*rt, errc::policy_busy) == 1);
  auto behind = rt->ask(user_id{0}, 0, use_future);
  auto removed = rt->remove_user(user_id{0}, use_future); // what was asked before is answered
  CHECK(removed.get());
  for (auto* asked : {&held, &behind}) {
    const auto answer = asked->get();
    CHECK((answer.code() == errc::unknown_user || !by_policy(answer)));
  }
  policy->promise.set_value();
  CHECK(becomes([&] { return by_policy(rt->ask(user_id{3})); }));
}

TEST_CASE("a creator's policy that throws at whatever it is called for goes on all the same", "[runtime][policies]") {
  struct thrower final : creator_policy {
    int asked = 0;
    std::optional<creator_move> move(const creator_view&) override { return ++asked, creator_move{{0, 1}, {0, 1}}; }
    void not_moved() override { throw 1; }
  };
  thrower* made = nullptr;
  goal_config config{.policy = goal_policy::host, .patience = 1};
  config.host = hosted_goals([&](goal_id) {
    auto one = std::make_unique<thrower>();
    made = one.get();
    return one;
  });
  goal_mind m(config, goal_id{1}, owner_id{1}, 1, {1, 0}, {});
  REQUIRE(made);
  const auto first = m.first();
  creation_verdict taken;
  taken.goal = goal_id{1};
  taken.key = first.key;
  taken.creation = creation_id{1};
  taken.cost_micros = 10; // and nothing is left
  REQUIRE_FALSE(m.told(taken));
  regret_feedback heard{.period = 1, .rounds = 1, .demand = {{0, 0}}, .exposures = {}, .group = {}};
  const auto hear = [&] {
    ++heard.period;
    const auto answer = m.hear(heard);
    CHECK(std::holds_alternative<creation_pass>(answer));
    return m.refused();
  };
  CHECK(hear() == errc::ok);            // it can't pay for the move
  CHECK(hear() == errc::policy_failed); // and has thrown at that
  CHECK(hear() == errc::ok);
  CHECK(made->asked == 2);
}

TEST_CASE("a creator's policy thinks elsewhere: late it isn't heard, and nobody waits for it", "[runtime][policies]") {
  struct slow final : creator_policy {
    std::shared_future<void> released;
    std::optional<creator_move> move(const creator_view& view) override {
      released.wait();
      std::size_t live = 0;
      view.each_live([&](const live_creation&) { ++live; });
      return creator_move{{0, live == 0 ? 1.0f : 0.5f}, {1, 0}};
    }
  };
  auto ctx = std::make_shared<context>();
  auto time = std::make_shared<virtual_time>();
  ctx->time = time;
  const auto runner = policy_runner::make(ctx, 1);
  auto where = std::make_shared<policy_place>(policy_place{ctx, runner, 50ms});
  std::promise<void> release;
  auto opened = release.get_future().share();
  const auto maker = hosted_goals([&](goal_id) {
    auto one = std::make_unique<slow>();
    one->released = opened;
    return one;
  }, where);
  const auto first = maker(goal_id{1}), second = maker(goal_id{2});
  const goal_config config{.policy = goal_policy::host};
  const regret_feedback heard{.demand = {{0, 0}}, .exposures = {}, .group = {}};
  const auto turn = [&](goal_strategy& s) {
    const std::vector<float> e{1, 0}; // gone after the turn
    return s.move({config, goal_id{1}, e, e, creation_id{1}, 0, 0, heard, {}});
  };
  CHECK_FALSE(turn(*first));  // asked
  CHECK_FALSE(turn(*second)); // one at once
  CHECK(ctx->count.refused(errc::policy_busy) == 1);
  time->advance(51ms);
  CHECK_FALSE(turn(*first));
  CHECK_FALSE(turn(*first));
  CHECK(ctx->count.refused(errc::policy_late) == 1);
  release.set_value();
  std::optional<goal_move> moved;
  CHECK(becomes([&] { return (moved = turn(*first)).has_value(); })); // asked anew once the late answer is there
  CHECK(moved->to == std::vector<float>{0, 1});
  CHECK(ctx->count.of(counter::policies_dropped) == 1);
  CHECK(ctx->count.refused(errc::policy_late) == 1);
  CHECK(runner->close(60s));
  CHECK_FALSE(turn(*second)); // nothing starts any more
}

TEST_CASE("a runtime stops while a policy doesn't return", "[runtime][policies]") {
  auto policy = std::make_shared<thinker>();
  policy->hard = {0};
  options o;
  o.limits.stop_wait_ms = 20;
  auto rt = started(policy, o);
  auto held = rt->ask(user_id{0}, 0, use_future);
  REQUIRE(becomes([&] { return policy->thinking == 1; }));
  CHECK(rt->stop() == errc::callback_running);
  CHECK((held.get() || true)); // by the built-in policy, or stopped
  rt.reset();
  policy->promise.set_value();
  CHECK(becomes([&] { return policy.use_count() == 1; }));
}

TEST_CASE("a simulation gives a policy all the time that it takes", "[simulation][policies]") {
  struct slow final : host_policy {
    std::chrono::milliseconds thinks{0};
    mutable std::atomic<std::uint64_t> asked{0};
    explicit slow(std::chrono::milliseconds t) : thinks(t) {}
    std::vector<valued_creation> choose(const policy_view& view) const override {
      ++asked;
      std::this_thread::sleep_for(thinks); // longer than the budget
      return view.built_in("uniform");
    }
  };
  auto o = real_game("coin", 4, 10);
  o.simulation.rounds_per_epoch = 5;
  o.simulation.baselines = false;
  o.threads = 2;
  o.user.policy = "host";
  o.limits.policy_budget_ms = 1;
  const auto played_by = [&](std::chrono::milliseconds thinks) {
    const auto policy = std::make_shared<slow>(thinks);
    const auto r = simulate(o, {}, {{"slow", policy}});
    REQUIRE(r);
    CHECK(policy->asked >= 40); // in each round of each person
    for (const auto& refused : r->refused)
      CHECK((refused.code != errc::policy_late && refused.code != errc::policy_busy && refused.code != errc::policy_failed));
    return *r;
  };
  const auto once = played_by(5ms);
  CHECK(without_timings(played_by(5ms)) == without_timings(once));
  CHECK(without_timings(played_by(0ms)) == without_timings(once));
  o.user.policy = "thompson"; // which would stand in
  CHECK(played(o).main.slate_by_round != once.main.slate_by_round);
}
