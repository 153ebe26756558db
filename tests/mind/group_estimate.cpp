#include "actors/subspace/group_estimate.hpp"

#include "actors/protocol/fixed_sums.hpp"
#include "actors/base/gaussian.hpp"
#include "tests/support/user_world.hpp"

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 6;

/// What `people` did with a catalogue: each was shown every creation once, or only the 10 that they like best.
std::vector<exposure> seen_by(const std::vector<std::vector<float>>& people, const catalogue_version& c, bool all) {
  splitmix64 g(5);
  std::vector<exact_sum> sums(c.rows());
  std::vector<exposure> out;
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    out.push_back({.creation = c.info(row).id, .engagement = {}});
  for (const auto& q : people) {
    std::vector<std::uint32_t> rows(c.rows());
    std::iota(rows.begin(), rows.end(), 0u);
    if (!all) {
      std::ranges::sort(rows, std::ranges::greater{}, [&](std::uint32_t r) { return c.dot(r, q); });
      rows.resize(10);
    }
    for (std::uint32_t row : rows) {
      float noise = 0;
      standard_normal(g, {&noise, 1});
      sums[row].add(c.dot(row, q) + 0.3 * noise);
      ++out[row].impressions;
    }
  }
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    out[row].engagement = wire_of(sums[row]);
  return out;
}

consensus estimated(const std::vector<std::vector<float>>& people, bool all) {
  auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 60).publish();
  group_estimate group(dim);
  for (int version = 0; version < 3; ++version)
    group.learn(*snapshot, seen_by(people, *snapshot, all));
  REQUIRE(group.told().now);
  return *group.told().now;
}

/// People around `q`, of that spread.
std::vector<std::vector<float>> people_around(std::vector<float> q, float spread) {
  splitmix64 g(3);
  std::vector<std::vector<float>> people(80, q);
  for (auto& p : people) {
    const auto off = unit_vector(g, dim);
    for (std::size_t k = 0; k < dim; ++k)
      p[k] += spread * off[k];
  }
  return people;
}

} // namespace

TEST_CASE("where people are alike, the group's estimate is what they like, and says that they agree", "[group]") {
  const std::vector<float> q{0.6f, -0.8f, 0, 0, 0, 0};
  for (bool all : {true, false}) {
    const auto c = estimated(people_around(q, 0.1f), all);
    CHECK(c.agreement > 0.9);
    const auto& told = c.mean.values;
    const double norm2 = std::inner_product(told.begin(), told.end(), told.begin(), 0.0);
    const double along = std::inner_product(told.begin(), told.end(), q.begin(), 0.0);
    CHECK(along > 0.8 * std::sqrt(norm2)); // as the best ten differ little, their estimate is short, never long
    CHECK(norm2 < 1.2);
    if (all)
      CHECK(along > 0.85);
  }
}

TEST_CASE("where people differ widely, the group hardly agrees, though each likes what they are shown", "[group]") {
  const auto c = estimated(people_around(std::vector<float>(dim), 1), false);
  CHECK(c.agreement < 0.3);
  const auto& q = c.mean.values;
  CHECK(c.agreement * std::sqrt(std::inner_product(q.begin(), q.end(), q.begin(), 0.0)) < 0.1);
}

TEST_CASE("nothing is told of a group before anybody has seen anything, nor of a block that is too wide", "[group]") {
  auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 4).publish();
  group_estimate group(dim);
  group.learn(*snapshot, {});
  CHECK_FALSE(group.told().now);
  const std::vector<exposure> unknown{{make_creation_id(subspace_id{0}, 900, 1), 5, {}}};
  group.learn(*snapshot, unknown);
  CHECK_FALSE(group.told().now);
  group_estimate wide(group_estimate::widest + 1);
  wide.learn(*snapshot, unknown);
  CHECK_FALSE(wide.told().now);
}

TEST_CASE("a few votes aren't the group: alone they say nothing, and in a quiet time little", "[group]") {
  const std::vector<float> q{0.6f, -0.8f, 0, 0, 0, 0}, other{0, 0, 0, 0, 0.6f, 0.8f};
  auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 60).publish();
  group_estimate group(dim);
  const auto few = seen_by({other}, *snapshot, false); // 10 votes
  for (int period = 0; period < 12; ++period)
    group.learn(*snapshot, few);
  CHECK_FALSE(group.told().now);
  group_estimate many(dim);
  many.learn(*snapshot, seen_by(people_around(q, 0.1f), *snapshot, true));
  for (int period = 0; period < 5; ++period)
    many.learn(*snapshot, few);
  const auto known = many.told();
  REQUIRE(known.now);
  const auto& told = known.now->mean.values;
  const double length = std::sqrt(std::inner_product(told.begin(), told.end(), told.begin(), 0.0));
  CHECK(std::inner_product(told.begin(), told.end(), q.begin(), 0.0) > 0.98 * length);
}
