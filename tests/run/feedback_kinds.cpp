/// Signals and preferences through the live runtime: taken once, learned from, refused by name.
#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

using namespace ammo;

namespace {

constexpr user_id ann{1}, ben{2};

std::unique_ptr<runtime> peopled(options o = {}) {
  o.slots = 2;
  o.threads = 2;
  o.user.exactly = true;
  o.user.learner = "classic"; // whose belief says how much a single reward was
  if (o.subspaces.empty())
    o.subspaces.push_back({.name = "film", .width = 2});
  auto started = runtime::start(o);
  REQUIRE(started);
  auto rt = std::move(*started);
  REQUIRE(rt->add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .policy = "static"}));
  REQUIRE(rt->add_goal({.goal = goal_id{2}, .owner = owner_id{2}, .subspace = "film", .grounded = {0, 1}, .policy = "static"}));
  REQUIRE(rt->add_user(ann));
  REQUIRE(rt->add_user(ben));
  return rt;
}

/// What is believed of a creation of Goal Buddy 1 less that of 2's.
double lean(runtime& rt, user_id user) {
  const auto b = rt.regret(user);
  REQUIRE(b);
  return double{b->mean[0]} - b->mean[1];
}

impression_id of(const slate& s, std::uint64_t goal) {
  for (const auto& c : s.creations)
    if (c.goal == goal_id{goal})
      return c.impression;
  FAIL("not shown");
  return {};
}

} // namespace

TEST_CASE("a signal counts as its subspace says, and once", "[runtime]") {
  auto rt = peopled();
  const auto s = rt->ask(ann);
  REQUIRE(s);
  CHECK(rt->feedback(ben, of(*s, 1), signal::like).code() == errc::feedback_not_shown);
  CHECK(rt->feedback(ann, of(*s, 1), static_cast<signal>(77)).code() == errc::bad_value);
  REQUIRE(rt->feedback(ann, of(*s, 1), signal::response));
  REQUIRE(rt->feedback(ann, of(*s, 2), signal::dismiss));
  CHECK(rt->feedback(ann, of(*s, 2), signal::like).code() == errc::feedback_twice);
  const double strong = lean(*rt, ann);
  CHECK(strong > 0.3);
  const auto t = rt->ask(ben);
  REQUIRE(t);
  REQUIRE(rt->feedback(ben, of(*t, 1), signal::view));
  const double weak = lean(*rt, ben);
  CHECK(weak > 0);
  CHECK(weak < strong / 4);
}

TEST_CASE("a signal counts by its name, in every form of the call", "[runtime]") {
  options o;
  o.subspaces.push_back({.name = "film", .width = 2, .signal_like = 0.4, .signals = {{"seen", 0.9}, {"left", -0.8}}});
  auto rt = peopled(o);
  const auto s = rt->ask(ann);
  REQUIRE(s);
  const auto unknown = rt->feedback(ann, of(*s, 1), "sen");
  REQUIRE(unknown.code() == errc::unknown_signal);
  CHECK_THAT(unknown.error().detail,
             Catch::Contains("\"sen\"; known: view, like, save, share, response, dismiss, seen, left"));
  CHECK(rt->feedback(ann, of(*s, 1), std::string_view{}).code() == errc::unknown_signal);
  CHECK(rt->feedback(ben, of(*s, 1), "seen").code() == errc::feedback_not_shown);
  REQUIRE(rt->feedback(ann, of(*s, 1), "seen")); // what was unknown hasn't counted
  CHECK(rt->feedback(ann, of(*s, 1), "seen").code() == errc::feedback_twice);
  REQUIRE(rt->feedback(ann, of(*s, 2), "left", use_future).get());
  CHECK(lean(*rt, ann) > 0.3);
  const auto t = rt->ask(ben);
  REQUIRE(t);
  std::promise<errc> told;
  rt->feedback(ben, of(*t, 1), "like", [&](result<void> r) { told.set_value(r.code()); });
  CHECK(told.get_future().get() == errc::ok);
  const auto counted = rt->statistics();
  REQUIRE(counted);
  CHECK(std::ranges::count(counted->refused, errc::unknown_signal, &refusal_count::code) == 1);
}

TEST_CASE("who prefers one to the other is shown more of it", "[runtime]") {
  auto rt = peopled();
  const auto s = rt->ask(ann);
  REQUIRE(s);
  CHECK(rt->prefer(ann, of(*s, 1), of(*s, 1)).code() == errc::bad_value);
  CHECK(rt->prefer(user_id{9}, of(*s, 1), of(*s, 2)).code() == errc::unknown_user);
  CHECK(rt->prefer(ben, of(*s, 1), of(*s, 2)).code() == errc::feedback_not_shown);
  REQUIRE(rt->prefer(ann, of(*s, 1), of(*s, 2)));
  CHECK(rt->prefer(ann, of(*s, 1), of(*s, 2)).code() == errc::feedback_twice);
  CHECK(rt->feedback(ann, of(*s, 1), 1.0).code() == errc::feedback_twice);
  CHECK(lean(*rt, ann) > 0.1);
}

TEST_CASE("what contradicts itself is refused before anything starts", "[runtime]") {
  options o;
  o.subspaces.push_back({.name = "film", .width = 2});
  o.user.belief = "logistic";
  o.user.drift = "restart";
  CHECK(runtime::start(o).code() == errc::bad_value);
  o.user.drift = "discount";
  CHECK(runtime::start(o));
}
