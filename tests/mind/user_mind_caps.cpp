/// A proposal has what the caps allow, however many creations a flood puts before it.
#include "actors/metaspace/metaspace_mind.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 4;
constexpr std::uint64_t honest = 10, copies = 500;
constexpr creation_id none = no_creation;

/// Ten honest creations along one axis each or between, and `flood` near copies of a better one: by one owner, or by many.
std::shared_ptr<const catalogue_version> flooded(std::uint64_t flood, bool many_owners) {
  catalogue c(subspace_id{0}, {0, dim});
  for (std::uint64_t i = 0; i < honest; ++i) {
    const float a = 0.1f + 0.15f * static_cast<float>(i);
    REQUIRE(c.add(goal_id{i}, owner_id{i}, i, std::vector{0.5f * std::cos(a), 0.5f * std::sin(a), 0.0f, 0.0f}).value() != none);
  }
  for (std::uint64_t i = 0; i < flood; ++i)
    REQUIRE(c.add(goal_id{1'000 + i}, owner_id{many_owners ? 1'000 + i : 999}, i,
                  std::vector{0.99f, 0.0f, 0.00001f * static_cast<float>(i), 0.0f}));
  return c.publish();
}

/// Honest slots and the flood's, over some rounds of a person who likes the first axis.
struct visibility {
  std::uint64_t honest = 0, flood = 0, most_in_a_slate = 0;
};

visibility play(const slate_caps& caps, user_policy policy, std::uint64_t flood, bool many_owners) {
  auto config = config_of(dim, {{"coin", {0, dim}}}, policy);
  config.exactly = true;
  config.spare_candidates = caps.any() ? 15 : 0;
  config.caps = caps;
  auto user = mind_of(config);
  metaspace_mind metaspace({.caps = caps});
  const auto live = flooded(flood, many_owners);
  user.see(live);
  metaspace.see(live);
  visibility seen;
  for (int round = 0; round < 20; ++round) {
    const auto p = user.propose(occasion::round, 0, 5).value();
    const auto granted = metaspace.grant(p);
    std::uint64_t of_flood = 0;
    reward r{p.user, p.round, {}};
    for (const auto& i : granted.impressions) {
      of_flood += raw(live->find(i.creation)->goal) >= 1'000;
      r.entries.push_back({i.creation, utility(*live, i.creation, std::vector{1.0f, 0.3f, 0.0f, 0.0f})});
    }
    seen.flood += of_flood;
    seen.honest += granted.impressions.size() - of_flood;
    seen.most_in_a_slate = std::max(seen.most_in_a_slate, of_flood);
    REQUIRE(user.learn(r) == errc::ok);
  }
  return seen;
}

} // namespace

TEST_CASE("a flood of near copies takes its cap of a slate, and the others keep the rest", "[user_mind][caps]") {
  const auto policy = GENERATE(user_policy::thompson, user_policy::greedy, user_policy::epsilon_greedy, user_policy::c2ucb);
  CAPTURE(name_of(policy));
  const auto before = play({}, policy, 0, false), after = play({}, policy, copies, false);
  CHECK(before.honest == 100);
  CHECK(after.honest < before.honest / 2); // without a rule the flood has the slates
  const auto owner_capped = play({.per_owner = 1}, policy, copies, false);
  CHECK(owner_capped.most_in_a_slate <= 1);
  CHECK(owner_capped.honest >= 80);
  CHECK(owner_capped.honest + owner_capped.flood == 100); // and no slot stays empty
  const auto likeness_capped = play({.near_duplicate = 0.001}, policy, copies, true);
  CHECK(likeness_capped.most_in_a_slate <= 1);
  CHECK(likeness_capped.honest >= 80);
  CHECK(likeness_capped.honest + likeness_capped.flood == 100);
}

TEST_CASE("Thompson's proposal under caps has the best slate that they allow under its sample", "[user_mind][caps]") {
  auto config = config_of(dim, {{"coin", {0, dim}}});
  config.exactly = true;
  config.spare_candidates = 15;
  config.caps.per_owner = 1;
  auto everything = config;
  everything.caps = {};
  everything.spare_candidates = 150;
  const auto live = flooded(100, false); // few enough for spares to reach them all
  auto capped = mind_of(config), wide = mind_of(everything);
  metaspace_mind one({.caps = config.caps}), two({.caps = config.caps});
  for (auto* m : {&one, &two})
    m->see(live);
  capped.see(live);
  wide.see(live);
  for (int round = 0; round < 20; ++round) {
    const auto a = one.grant(capped.propose(occasion::round, 0, 5).value());
    const auto b = two.grant(wide.propose(occasion::round, 0, 5).value());
    CHECK(std::ranges::equal(std::span(a.impressions.data(), a.impressions.size()),
                             std::span(b.impressions.data(), b.impressions.size()), {}, &impression::creation,
                             &impression::creation));
  }
}
