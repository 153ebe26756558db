#include "actors/user_buddy/slate/diverse_slate.hpp"
#include "tests/support/user_world.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <array>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 8;

/// Greedy by definition: each pick has the largest value + weight·(log det with it − log det without it).
std::vector<creation_id> by_determinants(const ranking& pool, const Eigen::MatrixXd& similar, std::size_t n,
                                         double weight) {
  std::vector<Eigen::Index> picked;
  const auto log_det = [&](const std::vector<Eigen::Index>& set) {
    return set.empty() ? 0.0 : std::log(similar(set, set).determinant());
  };
  while (picked.size() < n) {
    Eigen::Index best = -1;
    double most = 0;
    for (Eigen::Index i = 0; i < static_cast<Eigen::Index>(pool.size()); ++i) {
      if (std::ranges::find(picked, i) != picked.end())
        continue;
      auto with = picked;
      with.push_back(i);
      const double gain = double{pool[static_cast<std::size_t>(i)].score} + weight * (log_det(with) - log_det(picked));
      if (best < 0 || gain > most)
        std::tie(best, most) = std::pair(i, gain);
    }
    picked.push_back(best);
  }
  std::vector<creation_id> ids;
  for (Eigen::Index i : picked)
    ids.push_back(pool[static_cast<std::size_t>(i)].creation);
  return ids;
}

user_config diverse(double weight, user_policy policy = user_policy::thompson) {
  auto c = config_of(dim, {{"coin", {0, dim}}}, policy);
  c.diversity = weight;
  c.exactly = true;
  return c;
}

/// Ten directions, each with three creations that all but coincide.
std::shared_ptr<const catalogue_version> near_duplicates() {
  catalogue c(subspace_id{0}, {0, dim});
  splitmix64 g(5);
  for (std::uint32_t i = 0; i < 10; ++i) {
    const auto e = unit_vector(g, dim);
    for (std::uint32_t copy = 0; copy < 3; ++copy) {
      auto near = unit_vector(g, dim);
      for (std::uint32_t k = 0; k < dim; ++k)
        near[k] = 0.99f * (e[k] + 1e-3f * near[k]);
      REQUIRE(c.add(goal_id{i}, owner_id{i}, copy, near));
    }
  }
  return c.publish();
}

/// How many of the slate's creations are of a direction that another one of it is of.
std::size_t repeated(const slate_proposal& p, const catalogue_version& c) {
  std::vector<goal_id> goals;
  for (const candidate& shown : p.candidates)
    goals.push_back(c.find(shown.creation)->goal);
  std::ranges::sort(goals);
  return p.candidates.size() - (goals.size() - std::ranges::unique(goals).size());
}

} // namespace

TEST_CASE("diversity's slate is that of greedy determinants", "[diversity]") {
  splitmix64 g(GENERATE(range(1, 21)));
  const std::size_t pool_size = 14, n = GENERATE(1u, 5u, 8u);
  const double weight = GENERATE(0.0, 0.05, 1.0);
  ranking pool;
  Eigen::MatrixXf units(dim, pool_size);
  for (std::uint32_t i = 0; i < pool_size; ++i) {
    pool.push_back({make_creation_id(subspace_id{0}, i, 1), static_cast<float>(uniform01(g))});
    const auto e = unit_vector(g, dim);
    units.col(i) = Eigen::Map<const Eigen::VectorXf>(e.data(), dim);
  }
  std::ranges::sort(pool, better);
  const Eigen::MatrixXd wide = units.cast<double>();
  const auto slate = diversified(pool, {units.data(), dim * pool_size}, n, static_cast<float>(weight));
  std::vector<creation_id> found;
  for (const scored& s : slate)
    found.push_back(s.creation);
  CHECK(found == by_determinants(pool, wide.transpose() * wide, n, weight));
  CHECK(std::ranges::is_sorted(slate, std::ranges::greater_equal{}, &scored::score));
}

TEST_CASE("with diversity no slate has two that all but coincide, without it slates do", "[diversity][user_mind]") {
  const auto snapshot = near_duplicates();
  const auto policy = GENERATE(user_policy::thompson, user_policy::greedy, user_policy::c2ucb);
  auto with = mind_of(diverse(0.3, policy)), without = mind_of(diverse(0, policy));
  with.see(snapshot);
  without.see(snapshot);
  std::size_t many = 0;
  for (int round = 0; round < 50; ++round) {
    const auto p = with.propose(occasion::round, 0, 3).value(), plain = without.propose(occasion::round, 0, 3).value();
    many += repeated(plain, *snapshot) > 0;
    CHECK(p.candidates.size() <= 3);
    CHECK(repeated(p, *snapshot) == 0);
    REQUIRE(with.learn(reward_of(p, 0.2f)) == errc::ok);
    REQUIRE(without.learn(reward_of(plain, 0.2f)) == errc::ok);
  }
  CHECK(many > 10);
}

TEST_CASE("what is exactly alike, or nothing at all, is ranked all the same", "[diversity]") {
  ranking pool;
  for (std::uint32_t i = 0; i < 4; ++i)
    pool.push_back({make_creation_id(subspace_id{0}, i, 1), 1 - 0.1f * static_cast<float>(i)});
  const std::array<float, 8> units{1, 0, 1, 0, 0, 0, 1, 0};
  const auto slate = diversified(pool, units, 9, 1);
  REQUIRE(slate.size() == 4);
  CHECK(slate[0].creation == pool[0].creation);
  CHECK(slate[1].creation == pool[2].creation);
  CHECK(slate[2].creation == pool[1].creation);
  for (const scored& s : slate)
    CHECK(std::isfinite(s.score));
  CHECK(diversified({}, {}, 5, 1).empty());
}

TEST_CASE("diverse slates leave room for caps, and FTRL's slates as they are", "[diversity][user_mind]") {
  const auto snapshot = near_duplicates();
  auto config = diverse(0.3);
  config.spare_candidates = 9;
  auto mind = mind_of(config);
  mind.see(snapshot);
  CHECK(mind.propose(occasion::round, 0, 3).value().candidates.size() == 12);

  auto one = mind_of(diverse(0.3, user_policy::ftrl)), other = mind_of(diverse(0, user_policy::ftrl));
  one.see(snapshot);
  other.see(snapshot);
  CHECK(one.propose(occasion::round, 0, 3).value() == other.propose(occasion::round, 0, 3).value());
}
