/// Slots that stay empty rather than show what is worth less than the host says.
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 2;

/// A ring of eight creations.
std::shared_ptr<const catalogue_version> ring() {
  catalogue c(subspace_id{0}, {0, dim});
  for (std::uint32_t i = 0; i < 8; ++i) {
    const float angle = 0.785398f * static_cast<float>(i);
    REQUIRE(c.add(goal_id{i}, owner_id{i}, i, std::vector<float>{0.99f * std::cos(angle), 0.99f * std::sin(angle)}));
  }
  return c.publish();
}

user_config worth(double least, user_policy policy = user_policy::greedy) {
  auto c = config_of(dim, {{"film", {0, dim}}}, policy);
  c.exactly = false;
  c.empty_slot_worth = least;
  c.group_weight = 0;
  return c;
}

/// Somebody who has seen all of it often; `reward(e·q)` is what they answer.
user_mind taught(const user_config& c, auto reward, std::span<const float> q, int rounds = 200) {
  auto filling = c;
  filling.exactly = true;
  filling.policy = user_policy::uniform;
  user_mind mind = mind_of(filling);
  const auto live = ring();
  mind.see(live);
  for (int round = 0; round < rounds; ++round) {
    const auto p = mind.propose(occasion::round, 0, 4).value();
    ammo::reward r{p.user, p.round, {}};
    for (const candidate& x : p.candidates)
      r.entries.push_back({x.creation, reward(utility(*live, x.creation, q), round), static_cast<std::uint32_t>(r.entries.size())});
    REQUIRE(mind.learn(r) == errc::ok);
  }
  return user_mind::restore(std::make_shared<const user_config>(c), mind.save()).value();
}

const std::vector<float> east{1, 0};

} // namespace

TEST_CASE("what is worth less than an empty slot isn't shown", "[user_mind][empty_slot]") {
  const auto linear = [](double v, int) { return v; };
  for (const auto& [least, size] : {std::pair(0.2, 3u), {0.9, 1u}, {-0.2, 5u}, {-0.9, 7u}, {2.0, 0u}, {-2.0, 8u}})
    for (const auto policy : {user_policy::greedy, user_policy::thompson, user_policy::c2ucb, user_policy::sampled_ucb}) {
      INFO(least << ' ' << name_of(policy));
      auto mind = taught(worth(least, policy), linear, east);
      const auto p = mind.propose(occasion::request, 0, 8).value();
      CHECK(p.candidates.size() == size);
      for (const candidate& c : p.candidates)
        CHECK(c.value >= static_cast<float>(least));
    }
}

TEST_CASE("believed regret counts an empty slot as what it is worth", "[user_mind][empty_slot][regret]") {
  const auto linear = [](double v, int) { return v; };
  auto mind = taught(worth(0.5), linear, east);
  REQUIRE(mind.propose(occasion::request, 0, 8).value().candidates.size() == 3);
  CHECK(mind.believe().believed_regret == Approx(0).margin(1e-4));
  // Shown everything, as it would have been without.
  auto all = taught(worth(-5), linear, east);
  REQUIRE(all.propose(occasion::request, 0, 8).value().candidates.size() == 8);
  auto state = all.save();
  auto regretting = user_mind::restore(std::make_shared<const user_config>(worth(0.5)), state).value();
  // Five of the eight were worth less than 0.5: 0, 0, −0.7, −0.7 and −0.99.
  CHECK(regretting.believe().believed_regret == Approx(5 * 0.5 + 2 * 0.7 + 0.99).margin(0.05));
}

TEST_CASE("who would get an empty slate gets a full one at the stated rate, and no push", "[user_mind][empty_slot]") {
  const auto disliked = [](double, int) { return -1.0; };
  for (const auto policy : {user_policy::greedy, user_policy::c2ucb, user_policy::sampled_ucb, user_policy::thompson}) {
    INFO(name_of(policy));
    auto c = worth(0.5, policy);
    c.empty_slate_retry = 0.25;
    auto mind = taught(c, disliked, east);
    int filled = 0;
    for (int i = 0; i < 800; ++i) {
      const auto p = mind.propose(occasion::request, 0, 4).value();
      CHECK((p.candidates.empty() || p.candidates.size() == 4));
      filled += !p.candidates.empty();
      for (const candidate& x : p.candidates)
        CHECK_FALSE(x.propensity.known());
    }
    CHECK(filled == Approx(200).margin(60)); // five deviations
    for (int i = 0; i < 100; ++i)
      CHECK(mind.propose({.why = occasion::push, .n = 4}).value().candidates.empty());
    c.empty_slate_retry = 0;
    auto never = taught(c, disliked, east);
    for (int i = 0; i < 100; ++i)
      CHECK(never.propose(occasion::request, 0, 4).value().candidates.empty());
  }
}

TEST_CASE("somebody who has disliked everything is found again when their taste changes", "[user_mind][empty_slot]") {
  for (const auto learner : {user_learner::classic, user_learner::people}) {
    auto c = worth(0, user_policy::sampled_ucb);
    c.learner = learner;
    c.empty_slate_retry = 1.0 / 16;
    c.remembered_slates = 1'000;
    auto mind = mind_of(c);
    mind.see(ring());
    const auto play = [&](float reward) {
      const auto p = mind.propose(occasion::request, 0, 3).value();
      REQUIRE(mind.learn(reward_of(p, reward)) == errc::ok);
      return p.candidates.size();
    };
    for (int i = 0; i < 60; ++i)
      play(-1);
    std::size_t shown = 0;
    for (int i = 0; i < 600; ++i)
      shown += play(1);
    CHECK(shown > 300);
  }
}

TEST_CASE("the learner people compares with what a creation is expected to earn, whatever the rewards", "[user_mind][empty_slot][people]") {
  splitmix64 g(3);
  const auto noise = [&] { return 0.05 * (uniform01(g) - 0.5); };
  const auto stars = [&](double v, int) { return 3 + 2 * v + noise(); }; // 1 … 5
  for (const auto policy : {user_policy::greedy, user_policy::c2ucb}) {
    const auto config = [&](double least) {
      auto c = worth(least, policy);
      c.learner = user_learner::people;
      return c;
    };
    INFO(name_of(policy));
    CHECK(taught(config(4), stars, east).propose(occasion::request, 0, 8).value().candidates.size() == 3);
    CHECK(taught(config(3.5), stars, east).propose(occasion::request, 0, 8).value().candidates.size() == 3);
    CHECK(taught(config(2.5), stars, east).propose(occasion::request, 0, 8).value().candidates.size() == 5);
    CHECK(taught(config(6), stars, east).propose(occasion::request, 0, 8).value().candidates.empty());
    CHECK(taught(config(0), stars, east).propose(occasion::request, 0, 8).value().candidates.size() == 8);
    const auto clicks = [&](double v, int) { return uniform01(g) < 0.5 + 0.4 * v ? 1.0 : 0.0; };
    const auto some = taught(config(0.65), clicks, east, 1'000).propose(occasion::request, 0, 8).value().candidates.size();
    CHECK((some >= 3 && some <= 5)); // 0.9, 0.78, 0.78; the next would be 0.5
    CHECK(taught(config(0.97), clicks, east, 1'000).propose(occasion::request, 0, 8).value().candidates.size() <= 1);
  }
}
