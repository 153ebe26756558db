#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 12;
constexpr std::array every_policy{user_policy::thompson, user_policy::greedy, user_policy::uniform,
                                  user_policy::epsilon_greedy, user_policy::c2ucb, user_policy::sampled_ucb,
                                  user_policy::ftrl};

user_config one_subspace(user_policy policy = user_policy::thompson) {
  return config_of(dim, {{"coin", {0, dim}}}, policy);
}

std::vector<creation_id> ids(const slate_proposal& p) {
  std::vector<creation_id> all;
  for (const candidate& c : p.candidates)
    all.push_back(c.creation);
  return all;
}

bool distinct(const slate_proposal& p) {
  const auto all = ids(p);
  return std::set<creation_id>(all.begin(), all.end()).size() == all.size();
}

bool best_first(const slate_proposal& p) {
  return std::is_sorted(p.candidates.begin(), p.candidates.end(), [](auto& a, auto& b) { return a.value > b.value; });
}

} // namespace

TEST_CASE("what can't be proposed is refused by name, and nothing changes", "[user_mind]") {
  auto mind = mind_of(one_subspace()), twin = mind;
  CHECK(mind.propose(occasion::request, 1, 5).code() == errc::no_catalogue);
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 20).publish();
  mind.see(snapshot);
  CHECK(mind.propose(occasion::request, 1, 0).code() == errc::no_slots);
  CHECK(mind.propose(occasion::request, 1, max_slots + 1).code() == errc::too_many_slots);
  CHECK(mind.rounds() == 0);
  twin.see(snapshot);
  CHECK(mind.propose(occasion::request, 1, 5).value() == twin.propose(occasion::request, 1, 5).value());
}

TEST_CASE("a slate is distinct, best first, and says what it answers", "[user_mind]") {
  auto config = one_subspace(GENERATE(from_range(every_policy)));
  config.exactly = GENERATE(false, true);
  auto mind = mind_of(config, 77);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 300).publish());
  for (std::uint64_t round = 1; round <= 20; ++round) {
    const auto p = mind.propose(occasion::push, 9, 5).value();
    CHECK(p.user == user_id{77});
    CHECK(p.round == round);
    CHECK(p.why == occasion::push);
    CHECK(p.request == 9);
    CHECK(p.slots == 5);
    CHECK(p.candidates.size() <= 5);
    CHECK(distinct(p));
    CHECK(best_first(p));
    if (config.exactly)
      CHECK(p.candidates.size() == 5);
    REQUIRE(mind.learn(reward_of(p, 0.1f)) == errc::ok);
  }
}

TEST_CASE("spares stand behind the slots", "[user_mind]") {
  auto config = one_subspace();
  config.exactly = true;
  config.spare_candidates = GENERATE(3u, 1'000u);
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 300).publish());
  const auto p = mind.propose(occasion::round, 0, 5).value();
  CHECK(p.candidates.size() == std::min(5 + config.spare_candidates, 4 * max_slots));
  CHECK(distinct(p));
  CHECK(mind.learn(reward_of(p, 0.5f)) == errc::ok);
}

TEST_CASE("fewer creations than slots: each at most once", "[user_mind]") {
  auto config = one_subspace(GENERATE(from_range(every_policy)));
  config.exactly = true;
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 3).publish());
  const auto p = mind.propose(occasion::round, 0, 10).value();
  CHECK(p.candidates.size() == 3);
  CHECK(distinct(p));
}

TEST_CASE("an empty subspace gives an empty slate", "[user_mind]") {
  auto mind = mind_of(one_subspace(GENERATE(from_range(every_policy))));
  mind.see(catalogue(subspace_id{0}, {0, dim}).publish());
  CHECK(mind.propose(occasion::round, 0, 5).value().candidates.empty());
}

TEST_CASE("creations of negative value are left out, unless all slots are to be filled", "[user_mind]") {
  auto config = one_subspace(GENERATE(user_policy::thompson, user_policy::greedy));
  config.exactly = GENERATE(false, true);
  auto mind = mind_of(config);
  catalogue c(subspace_id{0}, {0, dim});
  std::vector<float> e(dim, 0.0f);
  for (float sign : {1.0f, -1.0f})
    for (float length : {0.6f, 0.8f, 1.0f}) {
      e[0] = sign * length;
      REQUIRE(c.add(goal_id{}, owner_id{}, 0, e));
    }
  const auto snapshot = c.publish();
  mind.see(snapshot);
  for (int round = 0; round < 50; ++round) {
    const auto p = mind.propose(occasion::round, 0, 6).value();
    CHECK(p.candidates.size() == (config.exactly ? 6u : round == 0 && config.policy == user_policy::greedy ? 6u : 3u));
    reward r{p.user, p.round, {}};
    for (const candidate& shown : p.candidates) {
      std::vector<float> at(dim);
      snapshot->embedding(row_of(shown.creation), at);
      r.entries.push_back({shown.creation, 0.9f * at[0]});
      if (!config.exactly && round > 0)
        CHECK(shown.value >= 0);
    }
    REQUIRE(mind.learn(r) == errc::ok);
  }
}

TEST_CASE("the same seed gives the same slates, another user or seed gives others", "[user_mind]") {
  const auto policy = GENERATE(from_range(every_policy));
  auto config = one_subspace(policy);
  config.exactly = true;
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 400).publish();
  const auto play = [&](std::uint64_t seed, std::uint64_t user) {
    config.seed = seed;
    auto mind = mind_of(config, user);
    mind.see(snapshot);
    std::vector<std::vector<creation_id>> slates;
    for (int round = 0; round < 10; ++round) {
      const auto p = mind.propose(occasion::round, 0, 5).value();
      slates.push_back(ids(p));
      REQUIRE(mind.learn(reward_of(p, 0.2f)) == errc::ok);
    }
    return slates;
  };
  CHECK(play(1, 1) == play(1, 1));
  CHECK(play(1, 1) != play(1, 2));
  CHECK(play(1, 1) != play(2, 1));
}

TEST_CASE("uniform shows everything equally often", "[user_mind]") {
  auto mind = mind_of(one_subspace(user_policy::uniform));
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 20).publish());
  std::vector<int> shown(20, 0);
  for (int round = 0; round < 4'000; ++round) {
    const auto p = mind.propose(occasion::round, 0, 5).value();
    for (const candidate& c : p.candidates)
      ++shown[row_of(c.creation)];
  }
  for (int times : shown)
    CHECK(times == Approx(1'000).margin(5 * 28)); // five standard deviations
}

TEST_CASE("policies are known by name", "[user_mind]") {
  for (auto p : every_policy)
    CHECK(user_policy_named(name_of(p)).value() == p);
  const auto unknown = user_policy_named("tompson");
  CHECK(unknown.code() == errc::bad_value);
  CHECK(unknown.error().detail.find("thompson, greedy, uniform, epsilon_greedy, c2ucb, sampled_ucb, ftrl") != std::string::npos);
}
