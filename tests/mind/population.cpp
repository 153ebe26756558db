#include "actors/population/population_prior.hpp"
#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/ring_sum.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace ammo;

namespace {

constexpr double noise = 0.3;

/// mean (1, 0), covariance [0.5 0.2; 0.2 0.25].
gaussian_prior planted() { return {{1, 0}, {0.5, 0.2, 0.25}}; }

ridge_posterior<float> flat() { return {2, static_cast<float>(noise * noise / 0.5)}; }

/// A person of the planted population, seen through `rounds` noisy looks in random directions, who started flat.
ridge_posterior<float> person(splitmix64& g, int rounds) {
  float z[2];
  standard_normal(g, z);
  const float q[2] = {1 + std::sqrt(0.5f) * z[0],
                      0.2f / std::sqrt(0.5f) * z[0] + std::sqrt(0.25f - 0.04f / 0.5f) * z[1]};
  auto p = flat();
  for (int i = 0; i < rounds; ++i) {
    float e[2], r[1];
    standard_normal(g, e);
    standard_normal(g, r);
    r[0] = e[0] * q[0] + e[1] * q[1] + static_cast<float>(noise) * r[0];
    REQUIRE(p.observe(e, r));
  }
  return p;
}

} // namespace

TEST_CASE("a belief starts from a prior's mean and covariance", "[prior]") {
  const auto p = belief_from(planted(), noise);
  REQUIRE(p);
  float m[2];
  p->mean(m);
  CHECK(m[0] == Approx(1).margin(1e-6));
  CHECK(m[1] == Approx(0).margin(1e-6));
  const float first[2] = {1, 0}, both[2] = {1, 1};
  CHECK(noise * p->width(first) == Approx(std::sqrt(0.5)));
  CHECK(noise * p->width(both) == Approx(std::sqrt(0.5 + 0.25 + 0.4)));
  CHECK(belief_from(flat_prior(2, 0.5), noise)->width(first) == Approx(flat().width(first)));
}

TEST_CASE("what is no prior starts no belief", "[prior][bad-input]") {
  CHECK_FALSE(belief_from({{}, {}}, noise));
  CHECK_FALSE(belief_from({{0, 0}, {1, 0}}, noise));
  CHECK_FALSE(belief_from({{0, 0}, {1, 2, 1}}, noise));
  CHECK_FALSE(belief_from({{0, 0}, {std::numeric_limits<double>::quiet_NaN(), 0, 1}}, noise));
  CHECK_FALSE(belief_from({{std::numeric_limits<double>::infinity(), 0}, {1, 0, 1}}, noise));
}

TEST_CASE("moments are those of the posterior under the prior asked for, whatever the person started with", "[prior]") {
  splitmix64 g{3};
  const auto now = person(g, 5);
  double from_flat[5];
  REQUIRE(moments_of(now, flat(), noise, flat_prior(2, 0.5), from_flat));
  float m[2];
  now.mean(m);
  const float e[2] = {1, 0};
  CHECK(from_flat[0] == Approx(m[0]).epsilon(1e-4));
  CHECK(from_flat[1] == Approx(m[1]).epsilon(1e-4));
  CHECK(from_flat[2] == Approx(m[0] * m[0] + std::pow(noise * now.width(e), 2)).epsilon(1e-4));

  // The same looks by somebody who started from the planted prior.
  auto other = *belief_from(planted(), noise);
  auto same = flat();
  const float looks[4] = {1, 0.5f, -0.3f, 2}, rewards[2] = {0.7f, -0.2f};
  REQUIRE(other.observe(looks, rewards));
  REQUIRE(same.observe(looks, rewards));
  double a[5], b[5];
  REQUIRE(moments_of(other, *belief_from(planted(), noise), noise, planted(), a));
  REQUIRE(moments_of(same, flat(), noise, planted(), b));
  for (int i = 0; i < 5; ++i)
    CHECK(a[i] == Approx(b[i]).epsilon(1e-3));
}

TEST_CASE("sums over people give the population's mean and covariance", "[prior]") {
  splitmix64 g{7};
  constexpr int people = 2000;
  std::vector<ridge_posterior<float>> all;
  for (int j = 0; j < people; ++j)
    all.push_back(person(g, 4));
  population_prior learned(2, {.variance = 0.5});
  for (int pass = 0; pass < 30; ++pass) {
    std::vector<double> sums(5);
    for (const auto& p : all) {
      double own[5];
      REQUIRE(moments_of(p, flat(), noise, learned.current(), own));
      for (int i = 0; i < 5; ++i)
        sums[i] += own[i];
    }
    REQUIRE(learned.learn(sums, people, people));
  }
  CHECK(learned.passes() == 30);
  CHECK(learned.current().mean[0] == Approx(1).margin(0.06));
  CHECK(learned.current().mean[1] == Approx(0).margin(0.06));
  CHECK(learned.current().covariance[0] == Approx(0.5).margin(0.06));
  CHECK(learned.current().covariance[1] == Approx(0.2).margin(0.04));
  CHECK(learned.current().covariance[2] == Approx(0.25).margin(0.04));
}

TEST_CASE("few people move a prior little, and it stays definite", "[prior]") {
  population_prior learned(2, {.variance = 0.5, .mean = 1, .covariance = 100});
  const double one[5] = {1, 1, 1, 1, 1}; // E[q qᵀ] = m mᵀ: no variance at all
  REQUIRE(learned.learn(one, 1, 1));
  CHECK(learned.current().mean[0] == Approx(0.5));
  CHECK(learned.current().covariance[0] == Approx(0.5).epsilon(0.02));
  REQUIRE(belief_from(learned.current(), noise));
  const auto before = learned.current();
  const double nonsense[5] = {1, 1, std::numeric_limits<double>::quiet_NaN(), 1, 1};
  CHECK_FALSE(learned.learn(nonsense, 1, 1));
  const double negative[5] = {0, 0, -1e6, 0, 1};
  CHECK_FALSE(learned.learn(negative, 1, 1));
  CHECK(learned.current() == before);
}

TEST_CASE("a ring's sum is exact, and what a member sees depends on the mask alone", "[prior][privacy]") {
  splitmix64 g{11};
  const std::vector<std::uint64_t> mask{g(), g()};
  auto sum = mask;
  const double first[2] = {1.5, -2.25}, second[2] = {-0.125, 1000};
  REQUIRE(add_summand(sum, first));
  // Any other summand would look the same under another mask: the sum is mask + constant, modulo 2^64.
  CHECK(sum[0] - mask[0] == std::uint64_t{3} << 31);
  REQUIRE(add_summand(sum, second));
  CHECK(unmasked(sum, mask) == std::vector<double>{1.375, 997.75});
  const auto before = sum;
  const double huge[2] = {0, 1e9}, nan[2] = {std::numeric_limits<double>::quiet_NaN(), 0};
  CHECK_FALSE(add_summand(sum, huge));
  CHECK_FALSE(add_summand(sum, nan));
  CHECK_FALSE(add_summand(sum, std::span(first).first(1)));
  CHECK(sum == before);
}

TEST_CASE("rings are disjoint, of k members each, and none is smaller", "[prior][privacy]") {
  splitmix64 g{13};
  CHECK(draw_rings(15, 16, 8, g).empty());
  CHECK(draw_rings(31, 16, 8, g).size() == 16);
  const auto many = draw_rings(1000, 16, 8, g);
  CHECK(many.size() == 128);
  CHECK(std::set(many.begin(), many.end()).size() == 128);
  CHECK(*std::max_element(many.begin(), many.end()) < 1000);
}
