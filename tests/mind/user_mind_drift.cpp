#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>
#include <functional>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 8, slots = 4;

/// Slate regret over `rounds` of a person with this q, whose rewards have the noise that is expected.
double live(user_mind& mind, const catalogue_version& creations, const std::vector<float>& q, std::uint64_t rounds,
            float noise) {
  double regret = 0;
  std::vector<float> best;
  for (std::uint32_t row = 0; row < creations.rows(); ++row)
    if (const creation_id id = creations.info(row).id; creations.find(id))
      best.push_back(utility(creations, id, q));
  std::ranges::sort(best, std::greater{});
  for (std::uint64_t t = 0; t < rounds; ++t) {
    const slate_proposal p = mind.propose(occasion::round, 0, slots).value();
    auto g = generator(3, stream::noise, 0, p.round);
    std::array<float, slots> z;
    standard_normal(g, z);
    reward r{p.user, p.round, {}};
    for (std::size_t i = 0; i < slots; ++i) {
      const float value = utility(creations, p.candidates[i].creation, q);
      regret += double{best[i]} - double{value};
      r.entries.push_back({p.candidates[i].creation, value + noise * z[i]});
    }
    REQUIRE(mind.learn(r) == errc::ok);
  }
  return regret;
}

} // namespace

TEST_CASE("a User Buddy that expects restarts regrets less after a change of mind", "[user_mind]") {
  const auto creations = random_catalogue(subspace_id{0}, {0, dim}, 100).publish();
  user_config config = config_of(dim, {{"coin", {0, dim}}});
  config.exactly = true;
  double still[2] = {}, changed[2] = {};
  for (const user_drift drift : {user_drift::none, user_drift::restart})
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      config.drift = drift;
      config.seed = seed;
      user_mind mind = mind_of(config);
      mind.see(creations);
      splitmix64 g(seed);
      std::vector<float> q = unit_vector(g, dim);
      const auto i = static_cast<std::size_t>(drift);
      still[i] += live(mind, *creations, q, 300, static_cast<float>(config.noise));
      for (float& x : q)
        x = -x;
      changed[i] += live(mind, *creations, q, 300, static_cast<float>(config.noise));
    }
  CHECK(still[1] <= 1.1 * still[0]);
  CHECK(changed[1] <= 0.5 * changed[0]);
}

TEST_CASE("what is expected of drift has a name", "[user_mind]") {
  for (const user_drift d : {user_drift::none, user_drift::restart})
    CHECK(user_drift_named(name_of(d)).value() == d);
  CHECK(user_drift_named("sometimes").code() == errc::bad_value);
}

TEST_CASE("every policy plays on a belief that expects changes", "[user_mind]") {
  for (auto policy : {user_policy::thompson, user_policy::greedy, user_policy::uniform, user_policy::epsilon_greedy, user_policy::c2ucb,
                      user_policy::sampled_ucb}) {
    INFO(name_of(policy));
    auto config = std::make_shared<user_config>(user_config{{.space = layout::make(dim, {{"all", {0, dim}}}).value()}, {}});
    config->policy = policy;
    config->drift = user_drift::restart;
    config->exactly = true;
    user_mind mind(config, user_id{1});
    catalogue creations(subspace_id{0}, {0, dim});
    for (std::uint32_t i = 0; i < 20; ++i) {
      std::vector<float> e(dim, 0.0f);
      e[i % dim] = i < 10 ? 0.9f : -0.5f;
      REQUIRE(creations.add(goal_id{i}, owner_id{i}, i, e));
    }
    auto snapshot = creations.publish();
    mind.see(snapshot);
    std::vector<float> q(dim, 0.0f);
    q[0] = 1;
    CHECK(live(mind, *snapshot, q, 50, 0.1f) >= 0);
  }
}
