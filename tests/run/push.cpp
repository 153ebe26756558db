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
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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

std::vector<float> along(float first, float second) {
  std::vector<float> e(dim);
  e[0] = first;
  e[1] = second;
  return e;
}

/// Closed until it is opened, or goes.
class gate {
public:
  ~gate() { open(); }
  void open() {
    if (!std::exchange(is_open_, true))
      promise_.set_value();
  }
  [[nodiscard]] std::shared_future<void> opened() const { return opened_; }

private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
  bool is_open_ = false;
};

/// Slates that a host was pushed.
struct pushed_slates {
  std::mutex lock;
  std::vector<slate> all;
  void add(const slate& s) {
    std::lock_guard hold(lock);
    all.push_back(s);
  }
  std::vector<slate> get() {
    std::lock_guard hold(lock);
    return all;
  }
};

std::uint64_t count_of(const runtime_statistics& s, std::string_view name) {
  for (const auto& c : s.counters)
    if (c.name == name && c.labels.empty())
      return c.value;
  return 0;
}

/// A deployment whose users have liked the only film that there is: each is pushed a better one as soon as it comes.
std::unique_ptr<runtime> expectant(std::uint64_t users, options o) {
  o.shards = 1;
  o.limits.pushes_per_user = 1;
  o.limits.request_timeout_ms = 60'000;
  o.user.learner = "classic"; // a single film teaches nobody who has to find out what a usual reward is
  auto rt = std::move(runtime::start(o).value());
  const std::vector<std::vector<float>> films{along(0.2f, 0)};
  REQUIRE(rt->add_goal(film(0, films[0])));
  for (std::uint64_t u = 0; u < users; ++u) {
    REQUIRE(rt->add_user(user_id{u}));
    for (int i = 0; i < 5; ++i)
      play(*rt, user_id{u}, along(1, 0), films);
    REQUIRE(rt->regret(user_id{u})->mean[0] > 0); // after its buddy has registered
  }
  return rt;
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

TEST_CASE("a push that is shed was shown to nobody: it is revoked, and has no feedback", "[runtime][push]") {
  constexpr std::uint64_t users = 6, waiting = 2;
  pushed_slates heard;
  auto o = deployment();
  o.limits.callback_threads = 1;
  o.limits.pushes_waiting = waiting;
  std::promise<slate> inside;
  auto rt = expectant(users, o);
  gate held; // opens before the runtime goes
  rt->on_push([&](const slate& s) { heard.add(s); });
  rt->ask(user_id{0}, 0, [&inside, opened = held.opened()](const result<slate>& s) { // holds up the only thread for callbacks
    inside.set_value(s ? *s : slate{});
    opened.wait();
  });
  const auto before = inside.get_future().get();
  REQUIRE(rt->add_goal(film(1, along(0.9f, 0.3f))));
  REQUIRE(becomes(*rt, [](const auto& s) { return count_of(s, "pushes_shed") == users - waiting; }));
  CHECK(becomes(*rt, [](const auto& s) { return count_of(s, "slates_revoked") == users - waiting; }));
  const auto counted = rt->statistics().value();
  CHECK(refusals(counted, errc::push_shed) == users - waiting);
  CHECK(counted.pushes == 0);
  const auto after = rt->ask(user_id{0});
  REQUIRE(after);
  held.open();
  REQUIRE(becomes(*rt, [&](const auto& s) { return s.pushes == waiting && heard.get().size() == waiting; }));

  // All impressions between the two slates that were asked for are pushed ones.
  std::map<impression_id, user_id> shown;
  for (const auto& s : heard.get())
    for (const auto& c : s.creations)
      shown.emplace(c.impression, s.user);
  REQUIRE_FALSE(before.creations.empty());
  REQUIRE_FALSE(after->creations.empty());
  const auto counter = [](const auto& c) { return counter_of(c.impression); };
  const auto last = std::ranges::max(before.creations, {}, counter).impression;
  const auto next = counter_of(std::ranges::min(after->creations, {}, counter).impression);
  std::size_t shed = 0;
  for (auto at = counter_of(last) + 1; at < next; ++at) {
    const auto id = make_impression_id(shard_of(last), at);
    if (const auto whose = shown.find(id); whose != shown.end()) {
      CHECK(rt->feedback(whose->second, id, 0.5));
      continue;
    }
    ++shed;
    for (std::uint64_t u = 0; u < users; ++u)
      CHECK(rt->feedback(user_id{u}, id, 0.5).code() == errc::unknown_impression);
  }
  CHECK(shown.size() == 2 * waiting); // two films each
  CHECK(shed == 2 * (users - waiting));
}

TEST_CASE("a callback that hears of a push and doesn't return delays no ask", "[runtime][push]") {
  std::promise<slate> inside;
  std::atomic<int> called_back{0};
  auto rt = expectant(2, deployment());
  gate held;
  rt->on_push([&, opened = held.opened(), told = std::make_shared<std::atomic<bool>>(false)](const slate& s) {
    if (!told->exchange(true))
      inside.set_value(s);
    opened.wait();
  });
  REQUIRE(rt->add_goal(film(1, along(0.9f, 0))));
  auto coming = inside.get_future();
  REQUIRE(coming.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  const auto pushed = coming.get();
  for (int i = 0; i < 20; ++i)
    for (std::uint64_t u = 0; u < 2; ++u) {
      CHECK(rt->ask(user_id{u}));
      CHECK(rt->ask(user_id{u}, 0, use_future).get());
      rt->ask(user_id{u}, 0, [&](const result<slate>& s) { called_back += s.has_value(); });
    }
  CHECK(becomes(*rt, [&](const auto&) { return called_back == 40; }));
  REQUIRE_FALSE(pushed.creations.empty());
  CHECK(rt->feedback(pushed.user, pushed.creations[0].impression, 0.5)); // it is being shown
}

TEST_CASE("what a host throws where it hears of pushes harms nobody", "[runtime][push]") {
  pushed_slates heard;
  auto rt = expectant(3, deployment());
  rt->on_push(
    [&](const slate& s) {
      heard.add(s);
      if (s.user == user_id{1})
        throw 1;
    },
    [](user_id user) -> bool { return user == user_id{0} ? throw std::runtime_error("the host's own fault") : true; });
  REQUIRE(rt->add_goal(film(1, along(0.9f, 0))));
  REQUIRE(becomes(*rt, [&](const auto& s) { return refusals(s, errc::callback_failed) == 2 && heard.get().size() == 2; }));
  CHECK(becomes(*rt, [](const auto& s) { return s.pushes == 2 && count_of(s, "slates_revoked") == 1; })); // whether it is wanted isn't known: it was shown to nobody
  for (const auto& s : heard.get()) {
    CHECK(s.user != user_id{0});
    REQUIRE_FALSE(s.creations.empty());
    CHECK(rt->feedback(s.user, s.creations[0].impression, 0.5));
  }
  for (std::uint64_t u = 0; u < 3; ++u)
    CHECK(rt->ask(user_id{u}));
  CHECK(rt->stop() == errc::ok);
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
