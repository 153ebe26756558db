/// Each bad input of a host gets its own named error that says where and what to do, is counted, and changes nothing.
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <tuple>

using namespace ammo;
using namespace ammo::testing;
using Catch::Matchers::Contains;

namespace {

constexpr user_id ann{1};
constexpr goal_id makers{1}, others{2};

options capped() {
  options o;
  o.slots = 2;
  o.threads = 2;
  o.user.exactly = true;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2, .capacity = 3, .creations_per_owner = 2});
  return o;
}

/// A runtime with a few people, two Goal Buddies of one creation each, and a slate of Ann's that awaits feedback.
struct live {
  std::unique_ptr<runtime> rt;
  slate shown;

  live() {
    auto started = runtime::start(capped());
    REQUIRE(started);
    rt = std::move(*started);
    REQUIRE(rt->add_goal(goal(makers, {1, 0}, 3'000)));
    REQUIRE(rt->add_goal(goal(others, {0, 1}, 1'000'000)));
    for (std::uint64_t u = 1; u <= 8; ++u)
      REQUIRE(rt->add_user(user_id{u}));
    auto asked = rt->ask(ann);
    REQUIRE(asked);
    REQUIRE(asked->creations.size() == 2);
    shown = *asked;
  }

  static goal_spec goal(goal_id id, std::vector<float> e, std::int64_t budget = -1) {
    return {.goal = id, .owner = owner_id(raw(id)), .subspace = "film", .grounded = std::move(e), .budget_micros = budget};
  }

  /// Of the makers' first slot or the others'.
  [[nodiscard]] creation_id made_by(goal_id maker) const {
    for (const auto& x : shown.creations)
      if (x.goal == maker)
        return x.creation;
    return no_creation;
  }

  auto state() {
    auto s = rt->statistics();
    auto b = rt->regret(ann);
    REQUIRE(s);
    REQUIRE(b);
    return std::tuple(s->users, s->goals, s->creations, s->slates, s->slots_granted, s->feedback, s->budget_granted_micros,
                      s->budget_spent_micros, b->rounds, b->observations, b->mean);
  }

  /// `call` is refused as `code`, and says `where`.
  template <class F>
  void refused(errc code, const std::string& where, F call) {
    INFO(name_of(code) << ", " << where);
    auto before = state();
    auto count = refusals(*rt, code);
    auto answer = call(*rt);
    REQUIRE_FALSE(answer);
    CHECK(name_of(answer.code()) == name_of(code));
    CHECK_THAT(answer.error().detail, Contains(where));
    CHECK_THAT(std::string(sentence_of(code)), Contains(";")); // what is wrong; what to do
    CHECK(refusals(*rt, code) == count + 1);
    CHECK(state() == before);
  }

  void refused_goal(errc code, const std::string& where, goal_spec g) {
    refused(code, where, [&](runtime& r) { return r.add_goal(g); });
  }
  void refused_creation(errc code, const std::string& where, creation_spec c) {
    refused(code, where, [&](runtime& r) { return r.create(c); });
  }
  void refused_feedback(errc code, const std::string& where, user_id user, impression_id i, double value = 0.5) {
    refused(code, where, [&](runtime& r) { return r.feedback(user, i, value); });
  }
};

const auto not_a_number = std::numeric_limits<float>::quiet_NaN();

} // namespace

TEST_CASE_METHOD(live, "people and slates that can't be", "[runtime][bad-input]") {
  refused(errc::duplicate_user, "user 1", [](runtime& r) { return r.add_user(ann); });
  refused(errc::unknown_user, "user 9", [](runtime& r) { return r.remove_user(user_id{9}); });
  refused(errc::unknown_user, "user 9", [](runtime& r) { return r.ask(user_id{9}); });
  refused(errc::unknown_user, "user 9", [](runtime& r) { return r.regret(user_id{9}); });
  refused(errc::too_many_slots, "65 slots, at most 64", [](runtime& r) { return r.ask(ann, 65); });
}

TEST_CASE_METHOD(live, "Goal Buddies that can't be", "[runtime][bad-input]") {
  const goal_id fresh{3};
  refused_goal(errc::duplicate_goal, "Goal Buddy 1", goal(makers, {1, 0}));
  refused_goal(errc::wrong_dimension, "\"film\" takes 2 coordinates, not 3", goal(fresh, {1, 0, 0}));
  refused_goal(errc::not_finite, "\"film\"", goal(fresh, {not_a_number, 0}));
  refused_goal(errc::norm_over_cap, "norm 2.000000, cap 1.000000 in subspace \"film\"", goal(fresh, {2, 0}));
  refused_goal(errc::budget_negative, "-5 micro-units for Goal Buddy 3", goal(fresh, {1, 0}, -5));
  refused_goal(errc::budget_exceeded, "costs 1000 micro-units, the budget is 10", goal(fresh, {1, 0}, 10));
  auto g = goal(fresh, {1, 0});
  g.subspace = "opera";
  refused_goal(errc::unknown_subspace, "\"opera\"", g);
  g = goal(fresh, {1, 0});
  g.policy = "statik";
  refused_goal(errc::bad_value, "statik", g);
  CHECK(rt->add_goal(goal(fresh, {1, 0}))); // the id isn't used up
}

TEST_CASE_METHOD(live, "creations that can't be", "[runtime][bad-input]") {
  const auto mine = made_by(makers), theirs = made_by(others);
  refused_creation(errc::unknown_goal, "Goal Buddy 99", {.goal = goal_id{99}, .e = {1, 0}});
  refused_creation(errc::wrong_dimension, "1 coordinates where the block has 2", {.goal = makers, .e = {1}});
  refused_creation(errc::wrong_dimension, "3 coordinates", {.goal = makers, .e = {1, 0}, .grounded = {1, 0, 0}});
  refused_creation(errc::not_finite, "a coordinate", {.goal = makers, .e = {not_a_number, 0}});
  refused_creation(errc::norm_over_cap, "norm 3.000000, cap 1.000000", {.goal = makers, .e = {3, 0}});
  refused_creation(errc::budget_exceeded, "missing of 101000", {.goal = makers, .e = {0, 1}, .grounded = {1, 0}});
  refused_creation(errc::unknown_creation, "12345", {.goal = makers, .e = {1, 0}, .replaces = creation_id{12345}});
  refused_creation(errc::not_owner, "goal 1", {.goal = makers, .e = {1, 0}, .replaces = theirs});
  refused_creation(errc::bad_value, "2^62", {.goal = makers, .e = {1, 0}, .key = std::uint64_t{1} << 62});
  refused(errc::unknown_goal, "Goal Buddy 99", [&](runtime& r) { return r.withdraw(goal_id{99}, mine); });
  refused(errc::not_owner, "goal 1", [&](runtime& r) { return r.withdraw(makers, theirs); });
  refused(errc::unknown_creation, "12345", [](runtime& r) { return r.withdraw(makers, creation_id{12345}); });

  REQUIRE(rt->create({.goal = makers, .e = {0, 1}})); // fills the owner's quota, and the subspace
  refused_creation(errc::cap_owner, "owner 1 has 2 live", {.goal = makers, .e = {0, 1}});
  refused_creation(errc::catalogue_full, "3 creations are live", {.goal = others, .e = {0, 1}});
}

TEST_CASE_METHOD(live, "feedback that can't count", "[runtime][bad-input]") {
  const auto first = shown.creations[0].impression;
  const auto number = "impression " + std::to_string(raw(first));
  refused_feedback(errc::unknown_user, "user 9", user_id{9}, first);
  refused_feedback(errc::not_finite, number, ann, first, std::nan(""));
  refused_feedback(errc::reward_out_of_range, number, ann, first, 1.01e15);
  refused_feedback(errc::unknown_impression, "impression", ann, make_impression_id(shard_of(first), 999));
  refused_feedback(errc::unknown_impression, "impression", ann, make_impression_id(1000, 1));
  refused_feedback(errc::unknown_impression, "impression 0", user_id{8}, impression_id{0}); // in whichever shard
  for (std::uint64_t u = 2; u <= 8; ++u) // of Ann's shard and of others
    refused_feedback(errc::feedback_not_shown, "user " + std::to_string(u) + ", " + number, user_id{u}, first);
  REQUIRE(rt->feedback(ann, first, 0.5));
  refused_feedback(errc::feedback_twice, "user 1, " + number, ann, first);
  CHECK(rt->regret(ann)->observations == 1);
  CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5));
}

TEST_CASE("feedback counts while its impression is open, and then it is late", "[runtime][bad-input]") {
  auto o = capped();
  o.slots = 1;
  o.limits.open_impressions = 200;
  auto started = runtime::start(o);
  REQUIRE(started);
  auto& rt = **started;
  REQUIRE(rt.add_goal(live::goal(makers, {1, 0})));
  REQUIRE(rt.add_user(ann));
  std::vector<impression_id> shown;
  for (std::uint32_t i = 0; i < o.limits.open_impressions + 1; ++i) {
    auto asked = rt.ask(ann);
    REQUIRE(asked);
    REQUIRE(asked->creations.size() == 1);
    shown.push_back(asked->creations[0].impression);
  }
  auto late = rt.feedback(ann, shown[0], 0.5);
  CHECK(late.code() == errc::feedback_late);
  CHECK_THAT(late.error().text(), Contains("user 1, impression ") && Contains("limits.open_impressions"));
  CHECK(rt.regret(ann)->observations == 0);
  CHECK(rt.feedback(ann, shown[1], 0.5)); // the oldest that is open: taken, and learned from
  CHECK(rt.regret(ann)->observations == 1);
}

TEST_CASE("a deployment whose data can't be read is refused at its line", "[runtime][bad-input]") {
  scratch data("ammo_bad_data");
  options o;
  o.subspaces.push_back({.name = "coin", .kind = "coin"});
  o.data_root = data.folder.string();
  auto refusal = [&] {
    auto started = runtime::start(o);
    REQUIRE_FALSE(started);
    return started.error();
  };
  CHECK(refusal().code == errc::missing_data);
  CHECK_THAT(refusal().detail, Contains("coin/data/chains.csv"));
  const std::string header = "chain,pretty_name,chain_type,keywords,description\n";
  data.write("coin/data/chains.csv", header + "osmosis,Osmosis,cosmos,,\njuno,Juno\n");
  CHECK(refusal().code == errc::bad_data_line);
  CHECK_THAT(refusal().detail, Contains("chains.csv:3: expected 5 fields, found 2"));
}
