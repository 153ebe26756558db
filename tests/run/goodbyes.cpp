#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <limits>
#include <thread>
#include <vector>

using namespace ammo;

namespace {

std::unique_ptr<runtime> started() {
  options o;
  o.name = "test";
  o.slots = 2;
  o.threads = 2;
  o.goal.policy = "static";
  o.limits.request_timeout_ms = 60'000; // a slow machine must not be overloaded by what is asked here
  o.subspaces = {{.name = "film", .width = 2}, {.name = "song", .width = 2}};
  auto rt = runtime::start(std::move(o));
  REQUIRE(rt);
  return std::move(*rt);
}

goal_spec film(std::uint64_t i, std::int64_t budget = -1) {
  return {.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = {1, 0}, .content = i, .budget_micros = budget};
}

} // namespace

TEST_CASE("who is removed while slates are asked for leaves no question open", "[runtime]") {
  auto rt = started();
  REQUIRE(rt->add_goal(film(1)));
  REQUIRE(rt->add_user(user_id{1}));
  std::vector<std::future<result<slate>>> asked;
  auto ask = [&] {
    for (int i = 0; i < 200; ++i)
      asked.push_back(rt->ask(user_id{1}, 0, use_future));
  };
  ask();
  auto removed = rt->remove_user(user_id{1}, use_future);
  ask();
  CHECK(removed.get());
  for (auto& a : asked) {
    auto s = a.get();
    CHECK((s || s.code() == errc::unknown_user));
  }
  CHECK(rt->ask(user_id{1}).code() == errc::unknown_user);
}

TEST_CASE("who is added, removed and added again at once is there; removed, is not", "[runtime]") {
  auto rt = started();
  REQUIRE(rt->add_goal(film(1)));
  const user_id everybody[] = {user_id{0}, user_id{~std::uint64_t{0}}};
  for (auto u : everybody)
    for (int i = 0; i < 50; ++i) {
      auto added = rt->add_user(u, use_future), removed = rt->remove_user(u, use_future), again = rt->add_user(u, use_future);
      REQUIRE(added.get());
      REQUIRE(removed.get());
      REQUIRE(again.get());
      REQUIRE(rt->ask(u));
      REQUIRE(rt->remove_user(u));
      REQUIRE(rt->ask(u).code() == errc::unknown_user);
    }
}

TEST_CASE("budgets beyond 64 bits are refused at once, and their sums are capped", "[runtime][bad-input]") {
  auto rt = started();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr goal_id last{~std::uint64_t{0}};
  auto g = film(1, most);
  g.goal = last;
  REQUIRE(rt->add_goal(g));
  CHECK(rt->add_goal(film(2, most)).code() == errc::budget_overflow);
  CHECK(rt->create({.goal = last, .e = {0, 1}}));
  auto song = film(3, most);
  song.subspace = "song";
  REQUIRE(rt->add_goal(song));
  CHECK(rt->statistics()->budget_granted_micros == most);
}

TEST_CASE("a runtime is stopped on another thread than it was started on, or destroyed", "[runtime]") {
  std::unique_ptr<runtime> destroyed;
  std::thread([&] { destroyed = started(); }).join();
  destroyed.reset();
  auto stopped = started();
  std::thread([&] { stopped->stop(); }).join();
  CHECK(stopped->add_user(user_id{1}).code() == errc::stopped);
}

TEST_CASE("after stop a callback may call again, and every caller of stop finds it stopped", "[runtime]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  std::thread other([&] { rt->stop(); });
  rt->stop();
  std::vector<errc> codes;
  rt->ask(user_id{1}, 0, [&](result<slate> s) {
    codes.push_back(s.code());
    rt->regret(user_id{1}, [&](result<user_belief> b) { codes.push_back(b.code()); });
  });
  other.join();
  CHECK(codes == std::vector<errc>{errc::stopped, errc::stopped});
}
