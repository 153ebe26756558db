#include "tests/support/user_world.hpp"

#include <functional>
#include <limits>
#include <stdexcept>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 6, n = 3;

/// A policy that is whatever a test makes of it.
struct scripted final : slate_policy {
  std::function<ranking(const slate_view&)> script;
  ranking choose(const slate_view& view) const override { return script(view); }
};

struct hosted {
  catalogue coins = random_catalogue(subspace_id{0}, {0, dim}, 30);
  std::shared_ptr<const catalogue_version> live = coins.publish();
  std::shared_ptr<scripted> policy = std::make_shared<scripted>();

  user_mind ready(std::function<ranking(const slate_view&)> script, user_policy which = user_policy::host) {
    policy->script = std::move(script);
    auto config = config_of(dim, {{"coin", {0, dim}}, {"film", {0, dim}}}, which);
    config.host = policy;
    auto mind = mind_of(config);
    mind.see(live);
    return mind;
  }
  [[nodiscard]] creation_id id(std::uint32_t row) const { return live->info(row).id; }
  [[nodiscard]] ranking rows(std::initializer_list<std::uint32_t> which, float value = 0.5f) const {
    ranking r;
    for (auto row : which)
      r.push_back({id(row), value});
    return r;
  }
};

} // namespace

TEST_CASE_METHOD(hosted, "a host's policy chooses, best first by its values", "[user_mind][host_policy]") {
  auto mind = ready([this](const slate_view& view) {
    CHECK(view.round > 0);
    CHECK(view.slots == n);
    ranking r = rows({4, 7, 9});
    r[1].score = 2;
    return r;
  });
  for (int round = 0; round < 5; ++round) {
    errc fault = errc::internal;
    const auto p = mind.propose(occasion::round, 0, n, &fault).value();
    CHECK(fault == errc::ok);
    REQUIRE(p.candidates.size() == 3);
    CHECK(p.candidates[0] == candidate{id(7), 2});
    CHECK(p.candidates[1] == candidate{id(4), 0.5f}); // equals as the host gave them
    CHECK(p.candidates[2] == candidate{id(9), 0.5f});
    CHECK(mind.learn(reward_of(p, 0.4f)) == errc::ok);
  }
}

TEST_CASE_METHOD(hosted, "a host's policy that breaks a rule is named, and the user gets Thompson's slate",
                 "[user_mind][host_policy]") {
  REQUIRE(coins.retire(goal_id{3}, id(3)));
  const auto dead = id(3);
  live = coins.publish();
  const auto never = make_creation_id(subspace_id{0}, 20'000, 1), foreign = make_creation_id(subspace_id{1}, 0, 1),
             nowhere = make_creation_id(subspace_id{200}, 0, 1);
  constexpr auto infinity = std::numeric_limits<float>::infinity();
  struct misdeed {
    const char* what;
    errc code;
    std::function<ranking(const slate_view&)> script;
  };
  const misdeed all[] = {
    {"throws", errc::policy_failed, [](const slate_view&) -> ranking { throw std::runtime_error("host"); }},
    {"throws a number", errc::policy_failed, [](const slate_view&) -> ranking { throw 7; }},
    {"nothing", errc::policy_empty, [](const slate_view&) { return ranking{}; }},
    {"too many", errc::policy_too_many, [this](const slate_view&) { return rows({0, 1, 2, 4}); }},
    {"a thousand", errc::policy_too_many, [this](const slate_view&) { return ranking(1'000, scored{id(0), 1}); }},
    {"twice", errc::duplicate_in_slate, [this](const slate_view&) { return rows({0, 1, 0}); }},
    {"dead", errc::not_live, [&](const slate_view&) { return ranking{{dead, 1}}; }},
    {"never live", errc::not_live, [&](const slate_view&) { return ranking{{never, 1}}; }},
    {"no creation", errc::not_live, [](const slate_view&) { return ranking{{no_creation, 1}}; }},
    {"an unseen subspace", errc::unknown_subspace, [&](const slate_view&) { return ranking{{foreign, 1}}; }},
    {"no subspace of this world", errc::unknown_subspace, [&](const slate_view&) { return ranking{{nowhere, 1}}; }},
    {"infinite", errc::not_finite, [&](const slate_view&) { return rows({0, 1}, infinity); }},
    {"NaN", errc::not_finite, [&](const slate_view&) { return rows({0, 1}, infinity - infinity); }},
  };
  for (const auto& [what, code, script] : all) {
    INFO(what);
    auto mind = ready(script), thompson = ready(script, user_policy::thompson);
    for (int round = 0; round < 3; ++round) {
      const auto before = mind.believe().mean;
      errc fault = errc::ok;
      const auto p = mind.propose(occasion::round, 0, n, &fault).value();
      CHECK(fault == code);
      CHECK(mind.believe().mean == before);
      CHECK(p == thompson.propose(occasion::round, 0, n).value());
      CHECK(mind.learn(reward_of(p, 0.3f)) == errc::ok);
      CHECK(thompson.learn(reward_of(p, 0.3f)) == errc::ok);
    }
    CHECK(mind.believe() == thompson.believe());
  }
}

TEST_CASE_METHOD(hosted, "where nothing is live, nothing is what a host's policy must choose", "[user_mind][host_policy]") {
  live = catalogue(subspace_id{0}, {0, dim}).publish();
  auto mind = ready([](const slate_view&) { return ranking{}; });
  errc fault = errc::internal;
  CHECK(mind.propose(occasion::round, 0, n, &fault).value().candidates.empty());
  CHECK(fault == errc::ok);
}
