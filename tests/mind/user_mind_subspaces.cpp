/// One User Buddy across subspaces of different widths.
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>

using namespace ammo_test;

namespace {

constexpr std::uint32_t narrow = 4, wide = 64, spanned = 8, creations = 100, n = 3, rounds = 400;

/// Unit creations of a block that lie in its first `spanned` coordinates, as real content spans few of many.
std::shared_ptr<const catalogue_version> flat_catalogue(subspace_id s, block b) {
  catalogue c(s, b);
  splitmix64 g(raw(s) + 3u);
  for (std::uint32_t i = 0; i < creations; ++i) {
    std::vector<float> e = unit_vector(g, std::min(spanned, b.width));
    e.resize(b.width);
    REQUIRE(c.add(goal_id{i}, owner_id{i}, i, e));
  }
  return c.publish();
}

/// Of the last hundred slates' creations, the share in the wide subspace.
double share_of_wide(const user_config& config, std::uint64_t user) {
  const std::array live{flat_catalogue(subspace_id{0}, {0, narrow}), flat_catalogue(subspace_id{1}, {narrow, wide})};
  auto mind = mind_of(config, user);
  for (const auto& c : live)
    mind.see(c);
  std::vector<float> q(narrow + wide); // the best of the narrow subspace is worth 0.6 at most, of the wide one 1
  q[0] = 0.6f;
  live[1]->embedding(0, std::span(q).subspan(narrow));
  double shown = 0;
  for (std::uint32_t t = 0; t < rounds; ++t) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates) {
      const auto s = raw(subspace_of(c.creation));
      r.entries.push_back({c.creation, utility(*live[s], c.creation, q)});
      shown += t >= rounds - 100 && s == 1 ? 1.0 / (100 * n) : 0;
    }
    REQUIRE(mind.learn(r) == errc::ok);
  }
  return shown;
}

} // namespace

TEST_CASE("a wide subspace isn't given up because a narrow one is known", "[user_mind][subspaces]") {
  const auto policy = GENERATE(user_policy::sampled_ucb, user_policy::c2ucb, user_policy::thompson);
  INFO(name_of(policy));
  const auto config = config_of(narrow + wide, {{"coin", {0, narrow}}, {"job", {narrow, wide}}}, policy);
  for (std::uint64_t user = 1; user <= 5; ++user)
    CHECK(share_of_wide(config, user) > 0.9);
}

TEST_CASE("a subspace beside others is open to values of 1, one alone as if |q| = 1", "[user_mind][subspaces]") {
  auto alone = config_of(wide, {{"job", {0, wide}}});
  CHECK(alone.flat_variance({0, wide}) == 1.0 / wide);
  auto beside = config_of(narrow + wide, {{"coin", {0, narrow}}, {"job", {narrow, wide}}});
  CHECK(beside.flat_variance({0, narrow}) == 1.0 / narrow);
  CHECK(beside.flat_variance({narrow, wide}) == 1.0 / 9);
  beside.prior_variance = 0.01;
  CHECK(beside.flat_variance({narrow, wide}) == 0.01);
}
