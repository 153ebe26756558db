#include "tests/support/user_world.hpp"

#include "actors/space/regret.hpp"

using namespace ammo_test;

namespace {

/// Regret of each round of one user with a hidden q of norm 1 and noise σ, over all subspaces given.
struct play {
  std::vector<double> slate_regret;
  double of_tenth(std::size_t tenth) const {
    const auto n = slate_regret.size() / 10;
    return std::accumulate(slate_regret.begin() + static_cast<std::ptrdiff_t>(tenth * n),
                           slate_regret.begin() + static_cast<std::ptrdiff_t>((tenth + 1) * n), 0.0);
  }
  double total() const { return std::accumulate(slate_regret.begin(), slate_regret.end(), 0.0); }
};

play simulate(const user_config& config, const std::vector<std::shared_ptr<const catalogue_version>>& snapshots,
              std::uint64_t seed, std::size_t rounds, std::uint32_t n = 5) {
  splitmix64 g(seed * 1'000 + 1);
  const auto q = unit_vector(g, config.space.dim());
  auto mind = mind_of(config, seed);
  std::vector<float> utilities;
  for (const auto& s : snapshots) {
    mind.see(s);
    for (std::uint32_t row = 0; row < s->rows(); ++row)
      if (s->info(row).id != no_creation)
        utilities.push_back(utility(*s, s->info(row).id, q));
  }
  std::sort(utilities.rbegin(), utilities.rend());
  utilities.resize(n);
  play result;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    reward r{p.user, p.round, {}};
    std::vector<float> shown, noise(p.candidates.size());
    standard_normal(g, noise);
    for (const candidate& c : p.candidates) {
      const auto at = std::find_if(snapshots.begin(), snapshots.end(),
                                   [&](const auto& s) { return s->subspace() == subspace_of(c.creation); });
      shown.push_back(utility(**at, c.creation, q));
      r.entries.push_back({c.creation, shown.back() + static_cast<float>(config.noise) * noise[shown.size() - 1]});
    }
    REQUIRE(mind.learn(r) == errc::ok);
    result.slate_regret.push_back(regret_of(utilities, shown).slate);
  }
  return result;
}

struct totals {
  double first = 0, last = 0, all = 0;
};

totals over_seeds(const user_config& config, const std::vector<std::shared_ptr<const catalogue_version>>& snapshots,
                  std::size_t rounds) {
  totals sum;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto played = simulate(config, snapshots, seed, rounds);
    sum.first += played.of_tenth(0);
    sum.last += played.of_tenth(9);
    sum.all += played.total();
  }
  return sum;
}

} // namespace

TEST_CASE("Thompson sampling learns a planted q", "[user_mind]") {
  const std::uint32_t dim = 8;
  const std::vector snapshots{random_catalogue(subspace_id{0}, {0, dim}, 200).publish()};
  const auto thompson = over_seeds(config_of(dim, {{"coin", {0, dim}}}), snapshots, 400);
  const auto uniform = over_seeds(config_of(dim, {{"coin", {0, dim}}}, user_policy::uniform), snapshots, 400);
  CHECK(thompson.last < thompson.first / 4);
  CHECK(thompson.all < uniform.all / 2);
}

TEST_CASE("two subspaces are one space: q is learned over disjoint and over shared coordinates", "[user_mind]") {
  const bool overlap = GENERATE(false, true);
  const block first{0, 6}, second = overlap ? block{3, 6} : block{7, 5}; // the disjoint layout has a gap
  const auto config = config_of(12, {{"coin", first}, {"job", second}});
  CHECK(config.space.factors().size() == (overlap ? 1 : 2));
  const std::vector snapshots{random_catalogue(subspace_id{0}, first, 80, 1).publish(),
                              random_catalogue(subspace_id{1}, second, 80, 2).publish()};
  const auto thompson = over_seeds(config, snapshots, 400);
  CHECK(thompson.last < thompson.first / 4);
}

TEST_CASE("a slate takes the best of both subspaces, in whichever order they were seen", "[user_mind]") {
  const block first{0, 4}, second{4, 4};
  auto config = config_of(8, {{"coin", first}, {"job", second}});
  config.exactly = true;
  const auto a = random_catalogue(subspace_id{0}, first, 50, 1).publish();
  const auto b = random_catalogue(subspace_id{1}, second, 50, 2).publish();
  auto mind = mind_of(config), other = mind_of(config);
  mind.see(a), mind.see(b);
  other.see(b), other.see(a);
  std::array<int, 2> from{};
  for (int round = 0; round < 50; ++round) {
    const auto p = mind.propose(occasion::round, 0, 6).value();
    CHECK(p == other.propose(occasion::round, 0, 6).value());
    CHECK(p.candidates.size() == 6);
    for (std::size_t i = 0; i < p.candidates.size(); ++i) {
      ++from[raw(subspace_of(p.candidates[i].creation))];
      CHECK((i == 0 || p.candidates[i - 1].value >= p.candidates[i].value));
    }
    REQUIRE(mind.learn(reward_of(p, 0)) == errc::ok);
    REQUIRE(other.learn(reward_of(p, 0)) == errc::ok);
  }
  CHECK(from[0] > 0);
  CHECK(from[1] > 0);
}

TEST_CASE("an observation teaches nothing about another factor, and something about a shared one", "[user_mind]") {
  const bool overlap = GENERATE(false, true);
  const auto config = config_of(8, {{"coin", {0, 5}}, {"job", {overlap ? 4u : 5u, overlap ? 4u : 3u}}});
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, 5}, 30).publish());
  for (int i = 0; i < 10; ++i)
    REQUIRE(mind.learn(reward_of(mind.propose(occasion::round, 0, 5).value(), 0.4f)) == errc::ok);
  const auto m = mind.believe().mean.values;
  CHECK(m.size() == 8);
  CHECK(m[4] != 0);
  for (std::size_t k = 5; k < 8; ++k)
    CHECK(m[k] == Approx(0).margin(1e-12));
}

TEST_CASE("believed regret is regret under the mean, and its bound shrinks with what is learned", "[user_mind]") {
  const std::uint32_t dim = 6, n = 5;
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 60).publish();
  auto mind = mind_of(config_of(dim, {{"coin", {0, dim}}}));
  mind.see(snapshot);
  const auto nothing = mind.believe();
  CHECK(nothing.rounds == 0);
  CHECK(nothing.believed_regret == 0);
  CHECK(nothing.regret_bound == 0);

  splitmix64 g(3);
  const auto q = unit_vector(g, dim);
  double early = 0;
  for (int round = 1; round <= 300; ++round) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    reward r{p.user, p.round, {}};
    std::vector<float> noise(p.candidates.size());
    standard_normal(g, noise);
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, utility(*snapshot, c.creation, q) + 0.3f * noise[r.entries.size()]});
    REQUIRE(mind.learn(r) == errc::ok);
    const auto b = mind.believe();
    CHECK(b.believed_regret >= 0);
    CHECK(b.regret_bound >= b.believed_regret - 1e-6);
    if (round == 10)
      early = b.regret_bound;
    if (round == 300) {
      CHECK(b.observations > 300);
      CHECK(b.regret_bound < early / 2);
      std::vector<float> all, shown;
      for (std::uint32_t row = 0; row < 60; ++row)
        all.push_back(snapshot->dot(row, b.mean.values));
      for (const candidate& c : p.candidates)
        shown.push_back(snapshot->dot(row_of(c.creation), b.mean.values));
      std::sort(all.rbegin(), all.rend());
      all.resize(n);
      CHECK(b.believed_regret == Approx(regret_of(all, shown).slate).margin(1e-6));
    }
  }
}

TEST_CASE("nothing is regretted where everything is shown", "[user_mind]") {
  auto config = config_of(4, {{"coin", {0, 4}}});
  config.exactly = true;
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, 4}, 5).publish());
  REQUIRE(mind.learn(reward_of(mind.propose(occasion::round, 0, 5).value(), 0.5f)) == errc::ok);
  const auto b = mind.believe();
  CHECK(b.believed_regret == Approx(0).margin(1e-6));
  CHECK(b.regret_bound == Approx(0).margin(1e-6));
}
