/// What a host says with an ask, through a whole runtime.
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};

options films() {
  options o;
  o.slots = 3;
  o.threads = 2;
  o.goal.policy = "static";
  o.wire_check = true; // what is asked crosses its msgpack form
  o.user.situations = {"evening", "phone"};
  o.subspaces.push_back({.name = "film", .width = 2});
  return o;
}

/// Ten films; contents count from 100.
std::unique_ptr<runtime> peopled(const options& o, host_policies host = {}) {
  auto started = runtime::start(o, std::move(host));
  REQUIRE(started);
  auto rt = std::move(*started);
  for (std::uint64_t g = 0; g < 10; ++g)
    REQUIRE(rt->add_goal({.goal = goal_id{g}, .owner = owner_id{g / 2}, .subspace = "film",
                          .grounded = {0.1f * static_cast<float>(g), 0.3f}, .content = 100 + g}));
  REQUIRE(rt->add_user(ann));
  return rt;
}

std::set<std::uint64_t> contents_of(const result<slate>& s) {
  REQUIRE(s);
  std::set<std::uint64_t> out;
  for (const auto& c : s->creations)
    out.insert(c.content);
  return out;
}

} // namespace

TEST_CASE("what was bought isn't shown again", "[run][ask]") {
  auto o = films();
  o.user.policy = GENERATE("sampled_ucb", "thompson", "greedy", "uniform", "epsilon_greedy", "c2ucb", "ftrl");
  auto rt = peopled(o);
  std::vector<std::uint64_t> bought;
  for (int i = 0; i < 3; ++i) {
    const auto s = rt->ask(ann, 3, {.except = {.contents = bought}});
    CHECK(contents_of(s).size() == 3);
    for (const auto& c : s->creations) {
      CHECK(std::ranges::find(bought, c.content) == bought.end());
      REQUIRE(rt->feedback(ann, c.impression, 1));
    }
    for (const auto& c : s->creations)
      bought.push_back(c.content);
  }
  CHECK(contents_of(rt->ask(ann, 3, {.except = {.contents = bought}})).size() == 1); // nine of ten are sold
  CHECK(contents_of(rt->ask(ann, 5, {.only = {.contents = {103, 104, 7}}})) == std::set<std::uint64_t>{103, 104});
  CHECK(contents_of(rt->ask(ann, 5, {.only = {.contents = {7}}})).empty());
  CHECK(contents_of(rt->ask(ann, 5, {.only = {.owners = {owner_id{2}}}, .except = {.goals = {goal_id{5}}}})) ==
        std::set<std::uint64_t>{104});
  CHECK(contents_of(rt->ask(ann, 10, {.except = {.contents = {100}}}, use_future).get()).size() == 9);
  CHECK(contents_of(rt->ask(ann)).size() == 3);
}

TEST_CASE("an ask that can't be meant is refused by name", "[run][ask]") {
  auto rt = peopled(films());
  const std::vector<std::uint64_t> many(most_listed + 1, 5);
  CHECK(rt->ask(ann, 3, {.except = {.contents = many}}).code() == errc::bad_value);
  CHECK(rt->ask(ann, 3, {.only = {.contents = many}}).code() == errc::bad_value);
  const auto unknown = rt->ask(ann, 3, "morning");
  CHECK(unknown.code() == errc::unknown_situation);
  CHECK(unknown.error().detail == "\"morning\"; user.situations has \"evening\", \"phone\"");
  CHECK(rt->ask(ann, 3, situation(2)).code() == errc::unknown_situation);
  CHECK(rt->ask(ann, 3, situation(-2)).code() == errc::unknown_situation);
  CHECK(rt->ask(ann, 3, {.situation = "Evening"}).code() == errc::unknown_situation);
  CHECK(rt->statistics()->refused.size() == 2);
  CHECK(rt->state_interest(ann, {.subspace = "film", .vector = {1, 0}, .situation = "night"}).code() == errc::unknown_situation);
  CHECK(rt->add_user(user_id{2}, {.subspace = "film", .vector = {1, 0}, .situation = "night"}).code() == errc::unknown_situation);
  CHECK(rt->state_interest(ann, {.subspace = "film", .vector = {1, 0}, .situation = "phone"}));
  CHECK(contents_of(rt->ask(ann, 3, "evening")).size() == 3);
  CHECK(contents_of(rt->ask(ann, 3, std::string("phone"))).size() == 3);
  CHECK(contents_of(rt->ask(ann, 3, 1u)).size() == 3);
  CHECK(contents_of(rt->ask(ann, 3, situation())).size() == 3);
  std::promise<errc> told;
  rt->ask(ann, 3, "evening", [&](const result<slate>& s) { told.set_value(s.code()); });
  CHECK(told.get_future().get() == errc::ok);
}

TEST_CASE("situations are checked where the deployment is", "[run][ask][options]") {
  auto o = films();
  const auto refused = [&](std::vector<std::string> words) {
    o.user.situations = std::move(words);
    return o.check().code();
  };
  std::vector<std::string> many;
  for (int i = 0; i < 65; ++i)
    many.push_back("s" + std::to_string(i));
  CHECK(refused(many) == errc::bad_value);
  many.pop_back();
  CHECK(refused(many) == errc::ok);
  CHECK(refused({"a", "b", "a"}) == errc::bad_value);
  CHECK(refused({""}) == errc::bad_value);
  o.user.situations.clear();
  const std::string space = "\n[[subspace]]\nname = \"film\"\nwidth = 2\n";
  const auto read = options::from_toml("[user]\nsituations = [\"evening\", \"at work\"]" + space);
  REQUIRE(read);
  CHECK(read->user.situations == std::vector<std::string>{"evening", "at work"});
  CHECK(options::from_toml("[user]\nsituations = \"evening\"" + space).code() == errc::wrong_type);
  CHECK(options::from_toml("[user]\nsituations = [1, 2]" + space).code() == errc::wrong_type);
  CHECK_FALSE(read->user.empty_slot_worth);
  CHECK(options::from_toml("[user]\nempty_slot_worth = 2" + space)->user.empty_slot_worth == 2.0);
  CHECK(options::from_toml("[user]\nempty_slot_worth = \"2\"" + space).code() == errc::wrong_type);
  CHECK(options::from_toml("[user]\nempty_slot_worth = nan" + space).code() == errc::not_finite);
  CHECK(options::from_toml("[user]\nempty_slate_retry = 2" + space).code() == errc::bad_value);
  o.user.empty_slot_worth = std::numeric_limits<double>::infinity();
  CHECK(o.check().code() == errc::not_finite);
}

TEST_CASE("tags say what may be shown, whoever made the creation and however it moves", "[run][ask]") {
  auto o = films();
  o.user.policy = GENERATE("sampled_ucb", "ftrl");
  auto rt = peopled(o);
  REQUIRE(rt->add_goal({.goal = goal_id{20}, .subspace = "film", .grounded = {1, 0}, .content = 1, .tags = {18, 49, 49}}));
  REQUIRE(rt->add_goal({.goal = goal_id{21}, .subspace = "film", .grounded = {1, 0}, .content = 2, .tags = {49}}));
  const auto third = rt->create({.goal = goal_id{21}, .e = {0, 1}, .content = 3});
  REQUIRE(third);
  const auto fourth = rt->create({.goal = goal_id{21}, .e = {0, 1}, .content = 4, .tags = {4'000'000'000}});
  REQUIRE(fourth);
  using numbers = std::set<std::uint64_t>;
  CHECK(contents_of(rt->ask(ann, 9, {.only = {.tags = {49}}})) == numbers{1, 2, 3});
  CHECK(contents_of(rt->ask(ann, 9, {.only = {.tags = {49}}, .except = {.tags = {18}}})) == numbers{2, 3});
  CHECK(contents_of(rt->ask(ann, 9, {.only = {.all_tags = {18, 49}}})) == numbers{1});
  CHECK(contents_of(rt->ask(ann, 9, {.only = {.tags = {4'000'000'000, 18}}})) == numbers{1, 4});
  CHECK(contents_of(rt->ask(ann, 20, {.except = {.tags = {49}}})).size() == 11);
  REQUIRE(rt->create({.goal = goal_id{21}, .e = {0.5f, 0.5f}, .content = 3, .replaces = third->creation}));
  REQUIRE(rt->create({.goal = goal_id{21}, .e = {0.5f, 0.5f}, .content = 4, .replaces = fourth->creation, .tags = {49}}));
  CHECK(contents_of(rt->ask(ann, 9, {.only = {.tags = {49}}})) == numbers{1, 2, 3, 4});
  const std::vector<std::uint32_t> many(65, 7);
  CHECK(rt->add_goal({.goal = goal_id{30}, .subspace = "film", .grounded = {1, 0}, .tags = many}).code() == errc::bad_value);
  CHECK(rt->create({.goal = goal_id{21}, .e = {1, 0}, .tags = many}).code() == errc::bad_value);
}

TEST_CASE("nobody sees a film more often than the host allows", "[run][ask]") {
  auto o = films();
  if (GENERATE(false, true))
    o.caps.per_owner = 1; // then MetaSpace has a say, too
  auto rt = peopled(o);
  const ask_options twice{.at_most = {.times = 2, .within = std::chrono::hours(1)}};
  std::map<std::uint64_t, int> shown;
  std::size_t all = 0;
  for (int i = 0; i < 20; ++i) {
    const auto s = rt->ask(ann, 3, twice);
    REQUIRE(s);
    for (const auto& c : s->creations) {
      CHECK(++shown[c.content] <= 2);
      ++all;
    }
  }
  CHECK(all == 20); // ten films, twice each
  CHECK(rt->ask(ann, 3, twice)->creations.empty());
  CHECK(rt->ask(ann, 3)->creations.size() == 3);
  using std::chrono::seconds;
  CHECK(rt->ask(ann, 3, {.at_most = {.times = 1, .within = seconds(0)}}).code() == errc::bad_value);
  CHECK(rt->ask(ann, 3, {.at_most = {.times = 1, .within = seconds(-5)}}).code() == errc::bad_value);
  CHECK(rt->ask(ann, 3, {.at_most = {.times = 1, .within = std::chrono::days(367)}}).code() == errc::bad_value);
}

TEST_CASE("one person likes one thing in the evening and another on the phone", "[run][ask][people]") {
  auto o = films();
  o.slots = 1;
  o.user.learner = "people";
  auto rt = peopled(o);
  REQUIRE(rt->add_goal({.goal = goal_id{50}, .subspace = "film", .grounded = {-1, 0}, .content = 50}));
  REQUIRE(rt->add_goal({.goal = goal_id{51}, .subspace = "film", .grounded = {0, -1}, .content = 51}));
  int evening = 0, phone = 0;
  for (int round = 0; round < 400; ++round) {
    const bool is_evening = round % 2 == 0;
    const auto s = rt->ask(ann, 1, is_evening ? "evening" : "phone");
    REQUIRE(s);
    for (const auto& c : s->creations) {
      const bool liked = c.content == (is_evening ? 50u : 51u);
      REQUIRE(rt->feedback(ann, c.impression, liked ? 1 : 0.1));
      if (round >= 200)
        (is_evening ? evening : phone) += liked;
    }
  }
  CHECK(evening > 80);
  CHECK(phone > 80);
}

TEST_CASE("a slot stays empty rather than show what is worth less, and not for ever", "[run][ask][empty_slot]") {
  auto o = films();
  o.user.policy = GENERATE("sampled_ucb", "thompson", "c2ucb", "greedy");
  o.user.learner = GENERATE("classic", "people");
  CAPTURE(o.user.policy, o.user.learner);
  o.user.empty_slot_worth = 0.3;
  auto rt = peopled(o);
  const auto play = [&](double worth) {
    const auto s = rt->ask(ann);
    REQUIRE(s);
    for (const auto& c : s->creations)
      REQUIRE(rt->feedback(ann, c.impression, worth));
    return s->creations.size();
  };
  for (int i = 0; i < 60; ++i)
    play(i % 2 == 0 ? -1 : -0.9);
  std::size_t shown = 0;
  for (int i = 0; i < 100; ++i)
    shown += play(-1);
  CHECK(shown < 60); // 3 of 16 slots or so
  for (int i = 0; i < 800; ++i)
    shown = play(1);
  CHECK(shown == 3);
}

namespace {

/// Shows what it sees, in the order in which it sees it; or what the ask has ruled out.
struct looking final : host_policy {
  mutable std::set<std::uint64_t> seen;
  mutable std::string when;
  mutable bool counted = false;
  creation_id fixed = no_creation;
  std::vector<valued_creation> choose(const policy_view& view) const override {
    std::vector<valued_creation> out;
    seen.clear();
    when = view.situation();
    view.each_live([&](const live_creation& c) { seen.insert(c.content); });
    counted = seen.size() == view.live();
    if (fixed != no_creation)
      return {{fixed, 1}};
    for (const auto& c : view.top(view.mean(), view.most()))
      out.push_back(c);
    return out;
  }
};

} // namespace

TEST_CASE("a policy of the host's sees what is eligible, and the situation", "[run][ask][host_policy]") {
  auto o = films();
  o.user.policy = "host";
  const auto policy = std::make_shared<looking>();
  auto rt = peopled(o, {{"looking", policy}});
  CHECK(contents_of(rt->ask(ann, 3, {.except = {.contents = {100, 101}}, .situation = "phone"})).size() == 3);
  CHECK(policy->seen.size() == 8);
  CHECK(policy->counted);
  CHECK_FALSE(policy->seen.contains(101));
  CHECK(policy->when == "phone");
  const auto all = rt->ask(ann, 1);
  CHECK(policy->when.empty());
  policy->fixed = all->creations[0].creation;
  const auto other = rt->ask(ann, 3, {.except = {.creations = {policy->fixed}}});
  CHECK(contents_of(other).size() == 3); // of Thompson sampling
  CHECK_FALSE(contents_of(other).contains(all->creations[0].content));
  const auto counted = rt->statistics()->refused;
  CHECK(std::ranges::find(counted, errc::not_eligible, &refusal_count::code) != counted.end());
}
