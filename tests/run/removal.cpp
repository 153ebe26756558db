#include "ammo/runtime.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <future>
#include <malloc.h>
#include <set>
#include <utility>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

options films() {
  options o;
  o.slots = 4;
  o.threads = 2;
  o.goal.policy = "static";
  o.user.exactly = true;
  o.limits.request_timeout_ms = 60'000;
  o.subspaces = {{.name = "film", .width = 2, .price_micros = 10, .creations_per_owner = 2, .goals_per_owner = 1},
                 {.name = "song", .width = 2}};
  return o;
}

goal_spec film(std::uint64_t i, std::int64_t budget = 1'000) {
  return {.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = {1, 0}, .content = i, .budget_micros = budget};
}

std::vector<std::uint64_t> contents(runtime& rt) {
  std::vector<std::uint64_t> out;
  const auto shown = rt.ask(user_id{1});
  REQUIRE(shown);
  for (const auto& c : shown->creations)
    out.push_back(c.content);
  std::ranges::sort(out);
  return out;
}

std::unique_ptr<runtime> started(options o = films()) {
  auto rt = runtime::start(std::move(o));
  REQUIRE(rt);
  return std::move(*rt);
}

/// Bytes that the program holds, once the runtime has come to rest.
std::size_t held(runtime& rt) {
  REQUIRE(rt.statistics());
  malloc_trim(0);
  return mallinfo2().uordblks;
}

} // namespace

TEST_CASE("a Goal Buddy that is removed is gone with all that it had, and its id can be used again", "[runtime][removal]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  REQUIRE(rt->add_goal(film(1)));
  REQUIRE(rt->add_goal(film(2)));
  REQUIRE(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 11}));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{1, 2, 11});
  REQUIRE(rt->remove_goal(goal_id{1}));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{2}); // from the moment of the answer
  CHECK(rt->remove_goal(goal_id{1}).code() == errc::unknown_goal);
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}}).code() == errc::unknown_goal);
  CHECK(rt->withdraw(goal_id{1}).code() == errc::unknown_goal);
  auto counted = rt->statistics();
  REQUIRE(counted);
  CHECK((counted->goals == 1 && counted->creations == 1 && counted->budget_granted_micros == 1'000 && counted->budget_spent_micros == 10));
  // Its budget, its owner's quota and its keys begin anew; also elsewhere.
  const auto again = rt->add_goal(film(1, 30));
  REQUIRE(again);
  CHECK(again->balance_micros == 20);
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 12, .key = 1}));
  REQUIRE(rt->remove_goal(goal_id{1}));
  auto song = film(1);
  song.subspace = "song";
  song.budget_micros = 999;
  CHECK(rt->add_goal(song).code() == errc::budget_exceeded); // another price, another subspace
  song.budget_micros = 100'000;
  CHECK(rt->add_goal(song));
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 13}));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{1, 2, 13});
}

TEST_CASE("Goal Buddies are removed and added again without anybody waiting", "[runtime][removal]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  for (int i = 0; i < 50; ++i) {
    auto added = rt->add_goal(film(1), use_future);
    auto removed = rt->remove_goal(goal_id{1}, use_future);
    auto again = rt->add_goal(film(1), use_future);
    auto twice = rt->add_goal(film(1), use_future);
    auto gone = rt->remove_goal(goal_id{1}, use_future);
    const auto first = added.get();
    CHECK((first || first.code() == errc::cancelled)); // it was removed before its first creation was taken
    CHECK(removed.get());
    const auto second = again.get();
    CHECK((second || second.code() == errc::cancelled));
    CHECK(twice.get().code() == errc::duplicate_goal);
    CHECK(gone.get());
    CHECK(contents(*rt).empty());
  }
  CHECK(rt->add_goal(film(1)));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{1});
}

TEST_CASE("all that a Goal Buddy has live is withdrawn, whatever its ids are by now", "[runtime][removal]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  REQUIRE(rt->add_goal(film(2)));
  auto first = rt->add_goal(film(1));
  REQUIRE(first);
  auto at = first->creation;
  for (int i = 0; i < 5; ++i)
    at = rt->create({.goal = goal_id{1}, .e = {0.5f, 0.1f * static_cast<float>(i)}, .content = 1, .replaces = at})->creation;
  REQUIRE(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 11}));
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 12}).code() == errc::cap_owner);
  CHECK(rt->withdraw(goal_id{1}));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{2});
  CHECK(rt->withdraw(goal_id{1}).code() == errc::unknown_creation);
  CHECK(rt->withdraw(goal_id{1}, at).code() == errc::unknown_creation);
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}, .content = 13}));
  CHECK(contents(*rt) == std::vector<std::uint64_t>{2, 13});
}

TEST_CASE("a hundred thousand Goal Buddies and users come and go, and nothing of them stays", "[.science][removal]") {
  auto o = films();
  o.user.exactly = false;
  o.limits.publish_interval_ms = 1;
  auto rt = started(o);
  const auto goals = [&](std::uint64_t first, std::uint64_t n) {
    std::vector<std::future<result<creation_receipt>>> added;
    for (auto i = first; i < first + n; ++i)
      added.push_back(rt->add_goal(film(i), use_future));
    for (auto& a : added)
      REQUIRE(a.get());
    std::vector<std::future<result<void>>> removed;
    for (auto i = first; i < first + n; ++i)
      removed.push_back(rt->remove_goal(goal_id{i}, use_future));
    for (auto& r : removed)
      REQUIRE(r.get());
  };
  const auto users = [&](std::uint64_t first, std::uint64_t n) {
    std::vector<std::future<result<void>>> all;
    for (auto i = first; i < first + n; ++i)
      all.push_back(rt->add_user(user_id{i}, use_future));
    for (auto& a : all)
      REQUIRE(a.get());
    all.clear();
    for (auto i = first; i < first + n; ++i)
      all.push_back(rt->remove_user(user_id{i}, use_future));
    for (auto& r : all)
      REQUIRE(r.get());
  };
  constexpr std::uint64_t together = 2'000, times = 50;
  for (const bool of_goals : {true, false}) {
    std::uint64_t next = 1;
    const auto turn = [&] {
      of_goals ? goals(next, together) : users(next, together);
      next += together;
    };
    for (int i = 0; i < 100; ++i) // what is kept of the last ones, 2^14 ends of lives a shard, has its size then
      turn();
    const auto before = held(*rt);
    for (std::uint64_t i = 0; i < times; ++i)
      turn();
    const auto after = held(*rt);
    INFO((of_goals ? "goals: " : "users: ") << before << " bytes before, " << after << " after");
    CHECK(after < before + together * times); // less than a byte each
    const auto counted = rt->statistics();
    REQUIRE(counted);
    CHECK((counted->goals == 0 && counted->users == 0 && counted->creations == 0 && counted->budget_granted_micros == 0));
  }
}

TEST_CASE("Goal Buddies that have moved and were shown, and users who have answered, go, and nothing of them stays", "[.science][removal]") {
  auto o = films();
  o.shards = 1;
  o.slots = 8;
  o.user.policy = "uniform";
  o.caps.near_duplicate = 0; // everybody is shown
  o.limits.publish_interval_ms = 1;
  auto rt = started(o);
  constexpr std::uint64_t together = 200, times = 100;
  std::uint64_t next = 1;
  const auto at = [](std::uint64_t i, float turned) {
    const float angle = 2 * 3.14159265f * static_cast<float>(i % together) / together + turned;
    return std::vector<float>{0.9f * std::cos(angle), 0.9f * std::sin(angle)};
  };
  const auto all_done = [](auto& calls) {
    for (auto& c : calls)
      REQUIRE(c.get());
    calls.clear();
  };
  /// As many Goal Buddies and users come, play and go. Returns how many Goal Buddies were shown.
  const auto turn = [&] {
    const auto first = std::exchange(next, next + together), end = next;
    std::vector<std::future<result<creation_receipt>>> added, changed;
    std::vector<std::future<result<void>>> done;
    for (auto i = first; i < end; ++i) {
      auto g = film(i);
      g.grounded = at(i, 0);
      added.push_back(rt->add_goal(std::move(g), use_future));
      done.push_back(rt->add_user(user_id{i}, use_future));
    }
    for (auto i = first; i < end; ++i) {
      const auto taken = added[i - first].get();
      REQUIRE(taken);
      changed.push_back(rt->create({.goal = goal_id{i}, .e = at(i, 0.001f), .content = i}, use_future));
      changed.push_back(rt->create({.goal = goal_id{i}, .e = at(i, 0.002f), .content = i, .replaces = taken->creation}, use_future));
    }
    all_done(changed);
    all_done(done);
    std::vector<std::future<result<slate>>> asked;
    for (auto i = first; i < end; ++i)
      asked.push_back(rt->ask(user_id{i}, 0, use_future));
    std::set<std::uint64_t> shown;
    for (auto& a : asked) {
      const auto s = a.get();
      REQUIRE(s);
      for (const auto& c : s->creations) {
        shown.insert(c.content);
        if (c.slot > 0) // the first slot's impression awaits its feedback for ever
          done.push_back(rt->feedback(s->user, c.impression, 0.5, use_future));
      }
    }
    all_done(done);
    for (auto i = first; i < end; ++i) {
      done.push_back(rt->remove_user(user_id{i}, use_future));
      done.push_back(rt->remove_goal(goal_id{i}, use_future));
    }
    all_done(done);
    return shown.size();
  };
  for (std::uint64_t i = 0; i < times; ++i) // what is kept of the last ones, 2^14 ends of lives, has its size then
    (void)turn();
  const auto before = held(*rt);
  for (std::uint64_t i = 0; i < times; ++i)
    CHECK(turn() > together / 2);
  std::size_t after = 0;
  const auto bound = before + 32 * together * times; // less than the smallest entry of a book each
  const bool bounded = comes_true([&] { return (after = held(*rt)) < bound; }); // a period's exposures stay until it closes
  INFO(before << " bytes before, " << after << " after");
  CHECK(bounded);
  const auto counted = rt->statistics();
  REQUIRE(counted);
  CHECK((counted->goals == 0 && counted->users == 0 && counted->creations == 0 && counted->budget_granted_micros == 0));
}
