#include "actors/base/gaussian.hpp"
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr std::uint32_t dim = 8, slots = 5;

std::vector<float> direction(splitmix64& g) {
  std::vector<float> v(dim);
  standard_normal(g, v);
  const float norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0f));
  for (float& x : v)
    x /= norm;
  return v;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

options deployment() {
  options o;
  o.slots = slots;
  o.threads = 2;
  o.user.policy = "greedy";
  o.user.broadcast = "ignored"; // it may come between a look and a push
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = dim});
  return o;
}

goal_spec film(std::uint64_t i, std::vector<float> e) {
  return {.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = std::move(e), .content = i};
}

/// Who was pushed what, as the host hears it.
struct listener {
  std::mutex lock;
  std::multiset<std::uint64_t> users;
  std::size_t count() {
    std::lock_guard hold(lock);
    return users.size();
  }
};

void listen(runtime& rt, listener& l) {
  rt.on_push([&l](const slate& s) {
    std::lock_guard hold(l.lock);
    l.users.insert(raw(s.user));
  });
}

/// Asks the runtime again and again until it holds; false after the deadline.
bool becomes(runtime& rt, const std::function<bool(const runtime_statistics&)>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline)
    if (auto counted = rt.statistics(); counted && holds(*counted))
      return true;
  return false;
}

void play(runtime& rt, user_id user, const std::vector<float>& q, const std::vector<std::vector<float>>& films) {
  auto shown = rt.ask(user);
  REQUIRE(shown);
  for (const auto& x : shown->creations)
    REQUIRE(rt.feedback(user, x.impression, std::clamp(dot(films[x.content], q), -1.0, 1.0)));
}

} // namespace

TEST_CASE("one creation wakes those whose slate it enters, few others, and pushes to exactly those", "[runtime][push]") {
  constexpr std::uint64_t users = 2'000, known = 200;
  listener heard; // outlives the runtime, which calls it
  auto rt = std::move(runtime::start(deployment()).value());
  splitmix64 g(5);
  std::vector<std::vector<float>> films, tastes;
  for (std::uint64_t i = 0; i < known; ++i) {
    films.push_back(direction(g));
    REQUIRE(rt->add_goal(film(i, films.back())));
  }
  for (std::uint64_t u = 0; u < users; ++u) {
    tastes.push_back(direction(g));
    REQUIRE(rt->add_user(user_id{u}));
    play(*rt, user_id{u}, tastes[u], films);
  }
  const auto e = direction(g);
  std::multiset<std::uint64_t> expected;
  std::size_t by_rounding = 0;
  for (std::uint64_t u = 0; u < users; ++u) {
    const auto mean = rt->regret(user_id{u})->mean; // after its buddy has registered
    std::vector<double> values;
    for (const auto& f : films)
      values.push_back(dot(f, mean));
    std::ranges::nth_element(values, values.begin() + slots - 1, std::greater{});
    const double least = std::max(values[slots - 1], 0.0), value = dot(e, mean);
    by_rounding += std::abs(value - least) < 1e-6;
    if (value >= least)
      expected.insert(u);
  }
  REQUIRE(by_rounding == 0);
  REQUIRE(expected.size() > 10);

  listen(*rt, heard);
  const auto before = rt->statistics().value();
  CHECK(before.watches >= users);
  CHECK(before.wakes == 0);
  REQUIRE(rt->add_goal(film(known, e)));
  // Every woken buddy registers anew once it has decided, so then all pushes are on their way.
  REQUIRE(becomes(*rt, [&](const auto& s) { return s.watches == before.watches + s.wakes && s.pushes >= expected.size(); }));
  REQUIRE(becomes(*rt, [&](const auto&) { return heard.count() >= expected.size(); })); // callbacks have threads of their own
  const auto after = rt->statistics().value();
  CHECK(after.pushes == expected.size());
  CHECK(heard.count() == expected.size());
  CHECK(heard.users == expected);
  CHECK(after.wakes >= expected.size());
  CHECK(after.wakes < users / 4);
}

TEST_CASE("a user gets so many pushes in an interval and no more, and a move within the slate is none",
          "[runtime][push]") {
  listener heard;
  auto o = deployment();
  o.limits.pushes_per_user = 1;
  o.user.learner = "classic"; // a single film teaches nobody who has to find out what a usual reward is
  auto rt = std::move(runtime::start(o).value());
  const auto along = [](float first, float second) {
    std::vector<float> e(dim);
    e[0] = first;
    e[1] = second;
    return e;
  };
  std::vector<std::vector<float>> films{along(0.2f, 0)};
  REQUIRE(rt->add_goal(film(0, films[0])));
  REQUIRE(rt->add_user(user_id{1}));
  for (int i = 0; i < 5; ++i)
    play(*rt, user_id{1}, along(1, 0), films);
  REQUIRE(rt->regret(user_id{1})->mean[0] > 0);
  listen(*rt, heard);

  const auto settled = [&](std::uint64_t wakes) {
    return becomes(*rt, [&](const auto& s) { return s.wakes >= wakes && s.watches >= s.wakes; });
  };
  auto own = rt->add_goal(film(1, along(0.9f, 0)));
  REQUIRE(own);
  REQUIRE(becomes(*rt, [](const auto& s) { return s.pushes == 1; }));
  REQUIRE(rt->create({.goal = goal_id{1}, .e = along(0.89f, 0.01f), .content = 1, .replaces = own->creation}));
  REQUIRE(settled(2));
  CHECK(refusals(rt->statistics().value(), errc::push_limited) == 0);
  REQUIRE(rt->add_goal(film(2, along(0.95f, 0))));
  CHECK(becomes(*rt, [](const auto& s) { return refusals(s, errc::push_limited) == 1; }));
  CHECK(rt->statistics()->pushes == 1);
  CHECK(becomes(*rt, [&](const auto&) { return heard.count() == 1; }));
}

TEST_CASE("where no pushes are wanted, nobody registers or wakes", "[runtime][push]") {
  auto o = deployment();
  o.limits.pushes_per_user = 0;
  auto rt = std::move(runtime::start(o).value());
  splitmix64 g(1);
  std::vector<std::vector<float>> films{direction(g)};
  REQUIRE(rt->add_goal(film(0, films[0])));
  REQUIRE(rt->add_user(user_id{1}));
  play(*rt, user_id{1}, films[0], films);
  REQUIRE(rt->regret(user_id{1}));
  REQUIRE(rt->add_goal(film(1, films[0])));
  REQUIRE(rt->regret(user_id{1}));
  const auto counted = rt->statistics().value();
  CHECK(counted.watches + counted.wakes + counted.pushes == 0);
}

TEST_CASE("a pushed slate says as much of its creations as one that was asked for", "[run][push]") {
  auto o = deployment();
  o.user.policy = "epsilon_greedy";
  o.slots = 3;
  o.subspaces = {{.name = "film", .width = 2}};
  std::promise<slate> first; // outlives who may push
  std::atomic<bool> told = false;
  auto rt = runtime::start(o).value();
  rt->on_push([&](const slate& s) {
    if (!told.exchange(true))
      first.set_value(s);
  });
  auto on_circle = [](std::uint64_t i) {
    const float angle = 2 * 3.14159265f * static_cast<float>(i) / 12;
    return std::vector<float>{std::cos(angle), std::sin(angle)};
  };
  REQUIRE(rt->add_user(user_id{7}));
  for (std::uint64_t i = 0; i < 11; ++i)
    REQUIRE(rt->add_goal(film(i, on_circle(i))));
  for (int round = 0; round < 200; ++round) {
    const auto shown = rt->ask(user_id{7});
    REQUIRE(shown);
    for (const auto& c : shown->creations)
      REQUIRE(rt->feedback(user_id{7}, c.impression, 0.9 * dot(on_circle(c.content), on_circle(10))));
  }
  REQUIRE(rt->create({.goal = goal_id{10}, .e = on_circle(11), .content = 11}));
  auto coming = first.get_future();
  REQUIRE(coming.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  const auto pushed = coming.get();
  CHECK(pushed.pushed);
  REQUIRE(pushed.creations.size() == 3);
  for (std::uint32_t at = 0; at < 3; ++at) {
    CHECK(pushed.creations[at].propensity.source == propensity_source::exact);
    CHECK(pushed.creations[at].propensity.value > 0);
    CHECK(pushed.creations[at].slot == at);
    CHECK(pushed.creations[at].subspace == subspace_id{0});
  }
}

TEST_CASE("a host's executor that runs pushes while a runtime stops, and later, does no harm", "[runtime][push]") {
  constexpr std::uint64_t users = 200;
  std::mutex guard;
  std::deque<std::function<void()>> work;
  std::atomic<bool> over{false};
  const auto run_all = [&] {
    for (;;) {
      std::unique_lock held(guard);
      if (work.empty() && over)
        return;
      auto next = work.empty() ? std::function<void()>() : std::move(work.front());
      if (next)
        work.pop_front();
      held.unlock();
      next ? next() : std::this_thread::yield();
    }
  };
  auto o = deployment();
  o.user.learner = "classic";
  o.executor = [&](std::function<void()> w) {
    std::lock_guard held(guard);
    work.push_back(std::move(w));
  };
  auto rt = std::move(runtime::start(o).value());
  splitmix64 g(3);
  std::vector<std::vector<float>> films;
  for (std::uint64_t i = 0; i < 8; ++i) {
    films.push_back(direction(g));
    REQUIRE(rt->add_goal(film(i, films.back())));
  }
  std::atomic<std::uint64_t> heard{0};
  rt->on_push([&](const slate&) { ++heard; });
  for (std::uint64_t u = 0; u < users; ++u) {
    REQUIRE(rt->add_user(user_id{u}));
    play(*rt, user_id{u}, films[0], films);
  }
  REQUIRE(rt->add_goal(film(8, films[0])));
  const auto waiting = [&] {
    std::lock_guard held(guard);
    return work.size();
  };
  REQUIRE(becomes(*rt, [&](const auto&) { return waiting() >= users / 2; }));
  std::vector<std::thread> executor(4);
  for (auto& t : executor)
    t = std::thread(run_all);
  CHECK(rt->stop() == errc::ok);
  rt.reset();
  over = true;
  for (auto& t : executor)
    t.join();
  CHECK(heard <= users);
}
