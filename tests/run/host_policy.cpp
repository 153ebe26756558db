/// A policy that a host supplies, through the public headers and the real actors.
#include "ammo/runtime.hpp"
#include "ammo/simulation.hpp"
#include "tests/support/curious_policy.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

using namespace ammo;
using namespace ammo::testing;
using Catch::Matchers::Contains;

namespace {

options two_subspaces() {
  options o;
  o.slots = 3;
  o.threads = 2;
  o.user.policy = "host";
  o.goal.policy = "static";
  o.limits.policy_budget_ms = 60'000; // also on a slow machine
  o.subspaces.push_back({.name = "film", .width = 2});
  o.subspaces.push_back({.name = "song", .width = 3});
  return o;
}

template <class Script>
struct scripted final : host_policy {
  explicit scripted(Script s) : script(std::move(s)) {}
  std::vector<valued_creation> choose(const policy_view& view) const override { return script(view); }
  Script script;
};

template <class Script>
host_policies only(Script script) {
  return {{"mine", std::make_shared<scripted<Script>>(std::move(script))}};
}

std::unique_ptr<runtime> started(host_policies host, options o = two_subspaces()) {
  auto rt = runtime::start(std::move(o), std::move(host));
  REQUIRE(rt);
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto angle = static_cast<float>(i);
    REQUIRE((*rt)->add_goal({.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film",
                             .grounded = {std::cos(angle), std::sin(angle)}, .content = i}));
  }
  REQUIRE((*rt)->add_goal(
    {.goal = goal_id{9}, .owner = owner_id{9}, .subspace = "song", .grounded = {0, 0, 1}, .content = 9}));
  REQUIRE((*rt)->add_user(user_id{1}));
  return std::move(*rt);
}


} // namespace

TEST_CASE("a host's policy sees the user and what is live, and chooses what is shown", "[host_policy]") {
  std::atomic<int> wrong = 0;
  auto rt = started(only([&](const policy_view& view) {
    std::vector<valued_creation> chosen;
    std::size_t live = 0;
    view.each_live([&](const live_creation& c) {
      ++live;
      wrong += c.embedding.size() != (raw(c.subspace) == 0 ? 2 : 3);
      wrong += !view.is_live(c.creation) || c.content != raw(c.goal);
      if (c.content == 9 || c.content == 4)
        chosen.push_back({c.creation, static_cast<float>(c.content)});
    });
    wrong += live != view.live() || view.user() != user_id{1} || view.round() == 0;
    wrong += view.slots() != 3 || view.most() != 3;
    wrong += view.is_live(no_creation) || view.value(no_creation).has_value();
    const auto m = view.mean(), q = view.sample();
    wrong += m.size() != 5 || q.size() != 5 || q == m || q != view.sample(0) || q == view.sample(1);
    const auto best = view.top(q, 2);
    wrong += best.size() != 2 || best[0].value < best[1].value || !view.top({}, 2).empty();
    const auto thompson = view.built_in();
    wrong += !thompson.empty() && (thompson.size() > 3 || thompson[0].creation != best[0].creation);
    wrong += view.built_in("uniform").size() != 3 || !view.built_in("ftrl").empty() || !view.built_in("nobody").empty();
    const auto value = view.value(chosen.at(0).creation);
    wrong += !value || !(value->deviation > 0) || !std::isfinite(value->mean);
    return chosen;
  }));
  for (int round = 0; round < 20; ++round) {
    const auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    REQUIRE(shown->creations.size() == 2);
    CHECK(shown->creations[0].content == 9);
    CHECK(shown->creations[1].content == 4);
    CHECK(rt->feedback(user_id{1}, shown->creations[0].impression, 0.9));
    CHECK(rt->feedback(user_id{1}, shown->creations[1].impression, -0.2));
  }
  CHECK(wrong == 0);
  const auto belief = rt->regret(user_id{1});
  REQUIRE(belief);
  CHECK(belief->observations == 40);
}

TEST_CASE("a host's policy that misbehaves is counted by name, and people are served all the same", "[host_policy]") {
  std::atomic<errc> misdeed = errc::ok;
  auto o = two_subspaces();
  o.user.exactly = true;
  auto rt = started(only([&](const policy_view& view) -> std::vector<valued_creation> {
    auto good = view.built_in("uniform");
    switch (misdeed) {
      case errc::policy_failed: throw std::logic_error("the host's own fault");
      case errc::policy_empty: return {};
      case errc::policy_too_many: good.resize(100, good[0]); break;
      case errc::duplicate_in_slate: good[1] = good[0]; break;
      case errc::not_live: good[0].creation = creation_id{77}; break;
      case errc::unknown_subspace: good[0].creation = make_creation_id(subspace_id{40}, 1, 1); break;
      case errc::not_finite: good[0].value = std::numeric_limits<float>::quiet_NaN(); break;
      default: break;
    }
    return good;
  }), o);
  for (errc code : {errc::policy_failed, errc::policy_empty, errc::policy_too_many, errc::duplicate_in_slate,
                    errc::not_live, errc::unknown_subspace, errc::not_finite}) {
    INFO(name_of(code));
    misdeed = code;
    const auto before = rt->regret(user_id{1}).value().mean;
    const auto counted = refusals(*rt, code);
    const auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
    CHECK(shown->creations.size() == 3);
    CHECK(refusals(*rt, code) == counted + 1);
    CHECK(rt->regret(user_id{1}).value().mean == before);
  }
}

TEST_CASE("which of the host's policies is played goes by name", "[host_policy]") {
  auto o = two_subspaces();
  auto two = only([](const policy_view& view) { return view.built_in("greedy"); });
  two["yours"] = std::make_shared<curious>();
  CHECK(runtime::start(o, two).code() == errc::bad_value);
  CHECK_THAT(runtime::start(o, two).error().detail, Contains("\"mine\", \"yours\""));
  CHECK_THAT(runtime::start(o).error().detail, Contains("no policy of its own"));
  o.user.host_policy = "ours";
  CHECK(runtime::start(o, two).code() == errc::bad_value);
  o.user.host_policy = "yours";
  CHECK(runtime::start(o, two));
}

TEST_CASE("a simulation plays the host's policy, the same for the same seed", "[host_policy]") {
  auto o = real_game("coin", 10, 60);
  o.user.policy = "host";
  const host_policies host{{"curious", std::make_shared<curious>()}};
  const auto one = simulate(o, {}, host), two = simulate(o, {}, host);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->main.policy == "host");
  CHECK(one->main.slate_by_round == two->main.slate_by_round);
  CHECK(one->refused.empty());
  for (const auto& other : one->baselines)
    if (other.policy == "uniform")
      CHECK(one->main.slate < other.slate);
}

TEST_CASE("the guide's policy is the one that is tested here", "[host_policy]") {
  const auto text_of = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(ammo::test::source_path(path)).rdbuf();
    return text.str();
  };
  const auto code = text_of("tests/support/curious_policy.hpp");
  const auto begin = code.find("struct curious");
  CHECK_THAT(text_of("docs/embedding.md"), Contains(code.substr(begin, code.find("\n};\n", begin) - begin)));
}

TEST_CASE("a slate tells how likely each creation was: a built-in policy's n / live, and what a host's policy says",
          "[host_policy][propensities]") {
  auto o = two_subspaces();
  o.user.policy = "uniform";
  auto rt = started({}, o);
  const auto by_chance = rt->ask(user_id{1}, 3).value();
  REQUIRE(by_chance.creations.size() == 3);
  for (const auto& c : by_chance.creations)
    CHECK(c.propensity == propensity{3.0f / 9, propensity_source::exact});

  rt = started(only([](const policy_view& view) {
    auto chosen = view.built_in("uniform");
    for (auto& c : chosen)
      c.propensity = 0.75f;
    chosen.back().propensity = 0;
    return chosen;
  }));
  const auto hosted = rt->ask(user_id{1}, 3).value();
  REQUIRE(hosted.creations.size() == 3);
  CHECK(hosted.creations[0].propensity == propensity{0.75f, propensity_source::exact});
  CHECK_FALSE(hosted.creations[2].propensity.known());
}
