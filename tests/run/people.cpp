/// People as they are, through the live runtime with the learner `people` and nothing else set: offsets, units, dislike of everything, equals.
#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace ammo;

namespace {

struct films {
  std::vector<std::vector<float>> e;
  std::unique_ptr<runtime> rt;
};

std::vector<float> direction(std::mt19937& g, std::size_t d) {
  std::normal_distribution<float> n;
  std::vector<float> v(d);
  float square = 0;
  for (float& x : v) {
    x = n(g);
    square += x * x;
  }
  for (float& x : v)
    x /= std::sqrt(square) * 1.0001f;
  return v;
}

films show(options o, std::vector<std::vector<float>> e) {
  o.goal.policy = "static";
  o.threads = 2;
  o.subspaces.push_back({.name = "film", .width = static_cast<std::uint32_t>(e.front().size())});
  auto started = runtime::start(o);
  REQUIRE(started);
  films f{std::move(e), std::move(*started)};
  std::vector<std::future<result<creation_receipt>>> live;
  for (std::size_t i = 0; i < f.e.size(); ++i)
    live.push_back(f.rt->add_goal({.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = f.e[i], .content = i}, use_future));
  for (auto& one : live)
    REQUIRE(one.get());
  return f;
}

/// How far from uniform (0) to best (1) people get in the second half of their rounds, by what they are told.
double reached(double offset, double unit) {
  std::mt19937 g(3);
  std::vector<std::vector<float>> e;
  for (int i = 0; i < 60; ++i)
    e.push_back(direction(g, 6));
  options o;
  o.slots = 1;
  o.user.learner = "people";
  const films f = show(o, e);
  std::normal_distribution<double> noise;
  double got = 0, best = 0, uniform = 0;
  for (std::uint64_t u = 1; u <= 5; ++u) {
    REQUIRE(f.rt->add_user(user_id{u}));
    const auto q = direction(g, 6);
    std::vector<double> v;
    for (const auto& x : e)
      v.push_back(std::inner_product(x.begin(), x.end(), q.begin(), 0.0));
    for (int t = 0; t < 300; ++t) {
      const auto s = f.rt->ask(user_id{u});
      REQUIRE(s);
      REQUIRE(s->creations.size() == 1);
      const double value = v[s->creations[0].content];
      REQUIRE(f.rt->feedback(user_id{u}, s->creations[0].impression, unit * (offset + 0.35 * value + 0.1 * noise(g))));
      if (t >= 150) {
        got += value;
        best += *std::ranges::max_element(v);
        uniform += std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
      }
    }
  }
  return (got - uniform) / (best - uniform);
}

} // namespace

TEST_CASE("an offset or another unit of all rewards costs nothing", "[runtime][people]") {
  for (double offset : {0.0, -0.6, 3.0})
    CHECK(reached(offset, 1) > 0.9);
  CHECK(reached(-0.6, 250) > 0.9);
}

TEST_CASE("rewards are taken up to 1e15, and refused beyond", "[runtime][people]") {
  options o;
  o.user.learner = "people";
  const films f = show(o, {{1, 0}, {0, 1}});
  REQUIRE(f.rt->add_user(user_id{1}));
  const auto s = f.rt->ask(user_id{1});
  REQUIRE(s);
  REQUIRE(s->creations.size() == 2);
  CHECK(f.rt->feedback(user_id{1}, s->creations[0].impression, 1.1e15).code() == errc::reward_out_of_range);
  CHECK(f.rt->feedback(user_id{1}, s->creations[0].impression, -1e15).code() == errc::ok);
  CHECK(f.rt->feedback(user_id{1}, s->creations[1].impression, 37.5).code() == errc::ok);
  CHECK(f.rt->ask(user_id{1})->creations.size() == 2);
}

TEST_CASE("somebody who dislikes everything is still shown something, and what they like is found", "[runtime][people]") {
  options o;
  o.slots = 3;
  o.user.learner = "people";
  o.user.policy = GENERATE(as<std::string>{}, "sampled_ucb", "thompson", "c2ucb", "greedy");
  CAPTURE(o.user.policy);
  const films f = show(o, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0.7f, 0.7f, 0, 0}});
  const user_id ann{7};
  REQUIRE(f.rt->add_user(ann));
  const auto told = [&](auto worth) {
    const auto s = f.rt->ask(ann);
    REQUIRE(s);
    CHECK(s->creations.size() == 3);
    bool liked = false;
    for (const auto& c : s->creations) {
      REQUIRE(f.rt->feedback(ann, c.impression, worth(c.content)));
      liked = liked || c.content == 99;
    }
    return liked;
  };
  for (int t = 0; t < 60; ++t)
    told([](auto) { return -1.0; });
  REQUIRE(f.rt->add_goal({.goal = goal_id{99}, .owner = owner_id{99}, .subspace = "film", .grounded = {0, 0, 0, 1}, .content = 99}));
  int found = 0;
  for (int t = 0; t < 40; ++t)
    found += told([](auto content) { return content == 99 ? 0.8 : -1.0; });
  CHECK(found > (o.user.policy == "greedy" ? -1 : 20));
  for (int t = 0; t < 40; ++t)
    told([](auto) { return 1.0; });
}

TEST_CASE("every policy fills the slots of somebody who has disliked all so far, by default", "[runtime][people]") {
  for (const char* policy : {"sampled_ucb", "thompson", "greedy", "epsilon_greedy", "c2ucb"}) {
    std::mt19937 g(5);
    options o;
    o.slots = 3;
    o.user.policy = policy;
    const films f = show(o, {direction(g, 4), direction(g, 4), direction(g, 4), direction(g, 4), direction(g, 4)});
    REQUIRE(f.rt->add_user(user_id{1}));
    for (int round = 0; round < 20; ++round) {
      const auto shown = f.rt->ask(user_id{1}, 3);
      REQUIRE(shown);
      INFO(policy << ", round " << round);
      REQUIRE(shown->creations.size() == 3);
      for (const auto& c : shown->creations)
        REQUIRE(f.rt->feedback(user_id{1}, c.impression, -1.0));
    }
  }
}

TEST_CASE("equals share the slots under every policy", "[runtime][people]") {
  options o;
  o.slots = 5;
  o.user.policy = GENERATE(as<std::string>{}, "sampled_ucb", "thompson", "greedy", "c2ucb", "epsilon_greedy", "uniform");
  o.user.learner = GENERATE(as<std::string>{}, "people", "classic");
  const bool feed = GENERATE(false, true);
  CAPTURE(o.user.policy, o.user.learner, feed);
  const films f = show(o, std::vector<std::vector<float>>(20, {1, 0}));
  std::map<std::uint64_t, int> seen, first;
  int slates = 0;
  for (std::uint64_t u = 1; u <= 10; ++u) {
    REQUIRE(f.rt->add_user(user_id{u}));
    for (int t = 0; t < 40; ++t) {
      const auto s = f.rt->ask(user_id{u});
      REQUIRE(s);
      if (s->creations.empty())
        continue;
      ++slates;
      ++first[s->creations[0].content];
      for (const auto& c : s->creations) {
        ++seen[c.content];
        if (feed)
          REQUIRE(f.rt->feedback(user_id{u}, c.impression, 0.5));
      }
    }
  }
  CHECK(seen.size() == 20);
  CHECK(first.size() == 20);
  for (const auto& [content, times] : seen)
    CHECK(times < slates / 2); // a fair share is a quarter
}
