#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a host gets slates, gives feedback, and its User Buddy learns", "[runtime]") {
  auto rt = started();
  add_films(*rt, 12);
  REQUIRE(rt->add_user(user_id{1}));
  double early = 0, late = 0;
  for (int round = 0; round < 200; ++round) {
    auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    REQUIRE(shown->creations.size() <= 3);
    for (const auto& x : shown->creations) {
      auto like = direction(static_cast<int>(x.content))[0];
      REQUIRE(rt->feedback(user_id{1}, x.impression, like));
      (round < 20 ? early : late) += round < 20 || round >= 180 ? like : 0;
    }
  }
  // Best three of twelve on the circle: cos 0, cos ±30°.
  CHECK(late > 20 * 2.7);
  CHECK(late > early);
  auto belief = rt->regret(user_id{1});
  REQUIRE(belief);
  CHECK(belief->rounds == 200);
  CHECK(belief->observations > 300);
  CHECK(belief->mean[0] > 0.9);
  CHECK(std::abs(belief->mean[1]) < 0.1);
  CHECK(belief->believed_regret >= 0);
  CHECK(belief->regret_bound >= belief->believed_regret);
}

TEST_CASE("what a host gets wrong has its name, and changes nothing", "[runtime][bad-input]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  CHECK(rt->ask(user_id{1}).code() == errc::no_catalogue);
  add_films(*rt, 4);
  auto creations = rt->statistics()->creations;

  CHECK(rt->add_user(user_id{1}).code() == errc::duplicate_user);
  CHECK(rt->remove_user(user_id{9}).code() == errc::unknown_user);
  CHECK(rt->ask(user_id{9}).code() == errc::unknown_user);
  CHECK(rt->ask(user_id{1}, 65).code() == errc::too_many_slots);
  CHECK(rt->regret(user_id{9}).code() == errc::unknown_user);

  CHECK(rt->add_goal(film(0)).code() == errc::duplicate_goal);
  auto bad = film(20);
  bad.subspace = "opera";
  CHECK(rt->add_goal(bad).code() == errc::unknown_subspace);
  bad = film(20);
  bad.grounded = {1, 0, 0};
  auto wrong = rt->add_goal(bad);
  CHECK(wrong.code() == errc::wrong_dimension);
  CHECK(wrong.error().detail.find("film") != std::string::npos);
  bad.grounded = {std::nanf(""), 0};
  CHECK(rt->add_goal(bad).code() == errc::not_finite);
  bad.grounded = {2, 0};
  CHECK(rt->add_goal(bad).code() == errc::norm_over_cap);
  bad = film(20);
  bad.budget_micros = -5;
  CHECK(rt->add_goal(bad).code() == errc::budget_negative);
  bad.budget_micros = 10;
  CHECK(rt->add_goal(bad).code() == errc::budget_exceeded);
  bad.budget_micros = std::numeric_limits<std::int64_t>::max();
  CHECK(rt->add_goal(bad).code() == errc::budget_overflow);
  bad = film(20);
  bad.policy = "telepathy";
  CHECK(rt->add_goal(bad).code() == errc::bad_value);

  creation_spec c{.goal = goal_id{0}, .e = {0.5f, 0}};
  CHECK(rt->create({.goal = goal_id{99}, .e = {0.5f, 0}}).code() == errc::unknown_goal);
  CHECK(rt->create({.goal = goal_id{0}, .e = {0.5f}}).code() == errc::wrong_dimension);
  CHECK(rt->create({.goal = goal_id{0}, .e = {3, 0}}).code() == errc::norm_over_cap);
  CHECK(rt->create({.goal = goal_id{0}, .e = {std::numeric_limits<float>::infinity(), 0}}).code() == errc::not_finite);
  CHECK(rt->create({.goal = goal_id{0}, .e = {0.5f, 0}, .key = std::uint64_t{1} << 62}).code() == errc::bad_value);
  CHECK(rt->withdraw(goal_id{0}, creation_id{12345}).code() == errc::unknown_creation);

  CHECK(rt->feedback(user_id{1}, make_impression_id(77, 7), 0.5).code() == errc::unknown_impression);
  CHECK(rt->statistics()->creations == creations);
  CHECK(rt->regret(user_id{1})->observations == 0);
  CHECK(refusals(*rt, errc::norm_over_cap) == 2);
  CHECK(refusals(*rt, errc::unknown_subspace) == 1);
}

TEST_CASE("feedback counts once, for what this user was shown", "[runtime][bad-input]") {
  auto rt = started();
  add_films(*rt, 6);
  REQUIRE(rt->add_user(user_id{1}));
  REQUIRE(rt->add_user(user_id{2}));
  auto shown = rt->ask(user_id{1});
  REQUIRE(shown);
  REQUIRE_FALSE(shown->creations.empty());
  auto impression = shown->creations.front().impression;

  CHECK(rt->feedback(user_id{1}, impression, std::nan("")).code() == errc::not_finite);
  CHECK(rt->feedback(user_id{1}, impression, 1e16).code() == errc::reward_out_of_range);
  CHECK(rt->feedback(user_id{3}, impression, 0.5).code() == errc::unknown_user);
  CHECK(rt->feedback(user_id{2}, impression, 0.5).code() == errc::feedback_not_shown);
  CHECK(rt->regret(user_id{1})->observations == 0);
  CHECK(rt->feedback(user_id{1}, impression, 0.5));
  CHECK(rt->feedback(user_id{1}, impression, 0.5).code() == errc::feedback_twice);
  CHECK(rt->regret(user_id{1})->observations == 1);
}

TEST_CASE("feedback that comes after its impression has expired is late", "[runtime][bad-input]") {
  auto o = films();
  o.limits.open_impressions = 3;
  o.user.exactly = true;
  o.shards = 1;
  auto rt = started(o);
  add_films(*rt, 6);
  REQUIRE(rt->add_user(user_id{1}));
  auto first = rt->ask(user_id{1});
  REQUIRE(first);
  for (int i = 0; i < 4; ++i)
    REQUIRE(rt->ask(user_id{1}));
  CHECK(rt->feedback(user_id{1}, first->creations.front().impression, 0.5).code() == errc::feedback_late);
  CHECK(rt->regret(user_id{1})->observations == 0);
}

TEST_CASE("a creation is live when its receipt comes, is charged once, and can be moved and taken back", "[runtime]") {
  auto rt = started();
  add_films(*rt, 1);
  auto before = rt->statistics();
  creation_spec c{.goal = goal_id{0}, .e = {0, 1}, .content = 77, .key = 5};
  auto made = rt->create(c);
  REQUIRE(made);
  auto again = rt->create(c);
  REQUIRE(again);
  CHECK(again->creation == made->creation);
  auto after = rt->statistics();
  CHECK(after->creations == 2);
  CHECK(after->budget_spent_micros - before->budget_spent_micros == made->cost_micros);

  auto moved = rt->create({.goal = goal_id{0}, .e = {0, 0.5f}, .content = 77, .replaces = made->creation});
  REQUIRE(moved);
  CHECK(moved->creation != made->creation);
  CHECK(rt->withdraw(goal_id{0}, made->creation).code() == errc::unknown_creation);
  CHECK(rt->withdraw(goal_id{0}, moved->creation));
  CHECK(rt->statistics()->creations == 1);
}

TEST_CASE("a Goal Buddy whose first creation is refused leaves nothing behind", "[runtime][bad-input]") {
  auto o = films();
  o.subspaces.front().capacity = 1;
  auto rt = started(o);
  add_films(*rt, 1);
  auto before = rt->statistics();
  CHECK(rt->add_goal(film(1)).code() == errc::catalogue_full);
  auto after = rt->statistics();
  CHECK(after->budget_granted_micros == before->budget_granted_micros);
  CHECK(after->creations == 1);
  CHECK(rt->create({.goal = goal_id{1}, .e = {0, 1}}).code() == errc::unknown_goal);
}

TEST_CASE("many creations of a host leave a Goal Buddy's other keys alone", "[runtime]") {
  auto o = films();
  o.limits.publish_interval_ms = 1;
  auto rt = started(o);
  add_films(*rt, 1);
  std::vector<std::future<result<creation_receipt>>> made;
  for (int i = 0; i < 100; ++i)
    made.push_back(rt->create({.goal = goal_id{0}, .e = {0, 0.5f}}, use_future));
  for (auto& m : made)
    REQUIRE(m.get());
  CHECK(rt->create({.goal = goal_id{0}, .e = {0, 0.5f}, .key = 1}));
}

TEST_CASE("a new creation that would enter a slate is pushed", "[runtime]") {
  auto rt = started();
  std::promise<slate> pushed;
  std::atomic<bool> first{true};
  add_films(*rt, 3);
  REQUIRE(rt->add_user(user_id{1}));
  for (int round = 0; round < 30; ++round) {
    auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      REQUIRE(rt->feedback(user_id{1}, x.impression, direction(static_cast<int>(x.content))[1]));
  }
  rt->on_push([&](const slate& s) {
    if (first.exchange(false))
      pushed.set_value(s);
  });
  REQUIRE(rt->add_goal(film(4)));
  auto arrived = pushed.get_future();
  REQUIRE(arrived.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  auto s = arrived.get();
  CHECK(s.pushed);
  CHECK(s.user == user_id{1});
  CHECK(std::any_of(s.creations.begin(), s.creations.end(), [](const auto& x) { return x.content == 4; }));
}

TEST_CASE("calls come from any thread, in three forms", "[runtime]") {
  auto rt = started();
  add_films(*rt, 12);
  constexpr int threads = 4, users = 25;
  std::atomic<int> slates{0}, callbacks{0};
  std::vector<std::thread> hosts;
  for (int t = 0; t < threads; ++t)
    hosts.emplace_back([&, t] {
      for (int u = 0; u < users; ++u) {
        auto id = static_cast<user_id>(t * users + u);
        if (!rt->add_user(id))
          continue;
        rt->ask(id, 2, [&](result<slate> s) { callbacks += s.has_value(); });
        auto s = rt->ask(id, 2, use_future).get();
        slates += s.has_value();
        for (const auto& x : s->creations)
          rt->feedback(id, x.impression, 0.1, [&](result<void> r) { callbacks += r.has_value(); });
      }
    });
  for (auto& h : hosts)
    h.join();
  CHECK(slates == threads * users);
  auto counted = rt->statistics();
  REQUIRE(counted);
  CHECK(counted->users == threads * users);
  rt->stop();
  CHECK(callbacks >= threads * users);
}

TEST_CASE("a stopped runtime says so, and answers what was under way", "[runtime]") {
  auto o = films();
  o.limits.request_timeout_ms = 60'000; // a slow machine must not be overloaded by what is asked here
  auto rt = started(o);
  add_films(*rt, 3);
  REQUIRE(rt->add_user(user_id{1}));
  std::vector<std::future<result<slate>>> asked;
  for (int i = 0; i < 500; ++i)
    asked.push_back(rt->ask(user_id{1}, 0, use_future));
  rt->stop();
  rt->stop();
  for (auto& a : asked) {
    auto s = a.get();
    CHECK((s || s.code() == errc::stopped));
  }
  CHECK(rt->ask(user_id{1}).code() == errc::stopped);
  CHECK(rt->add_goal(film(9)).code() == errc::stopped);
  CHECK(rt->add_goal({.goal = goal_id{5}, .subspace = "none"}).code() == errc::unknown_subspace);
  CHECK(rt->add_user(user_id{2}, stated_interest{.subspace = "film", .vector = {1, 0}}).code() == errc::stopped);
  CHECK(rt->elaborate(user_id{1}, impression_id{1}, "why?").code() == errc::stopped);
  CHECK(rt->feedback(user_id{1}, impression_id{1}, 1.0).code() == errc::stopped);
}

TEST_CASE("more requests than allowed are refused by name, none is lost", "[runtime]") {
  auto o = films();
  o.limits.requests_under_way = 8;
  auto rt = started(o);
  add_films(*rt, 3);
  REQUIRE(rt->add_user(user_id{1}));
  std::vector<std::future<result<slate>>> asked;
  for (int i = 0; i < 2000; ++i)
    asked.push_back(rt->ask(user_id{1}, 0, use_future));
  std::size_t granted = 0, overloaded = 0;
  for (auto& a : asked) {
    auto s = a.get();
    granted += s.has_value();
    overloaded += s.code() == errc::overloaded;
  }
  CHECK(granted + overloaded == asked.size());
  CHECK(granted >= 8);
  CHECK(rt->ask(user_id{1}));
}

TEST_CASE("a deployment that can't be is refused at the start", "[runtime][bad-input]") {
  auto o = films();
  o.slots = 0;
  CHECK(runtime::start(o).code() == errc::no_slots);
  o = films();
  o.dim = 1;
  CHECK(runtime::start(o).code() == errc::bad_layout);
  CHECK(runtime::start(std::string("/nowhere/at/all.toml")).code() == errc::no_such_file);
}
