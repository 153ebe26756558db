#include "actors/base/gaussian.hpp"
#include "bench/papers/discounted_posterior.hpp"

#include <catch2/catch.hpp>

#include <Eigen/Dense>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace {

using namespace ammo;
using vector = Eigen::Vector4d;
using matrix = Eigen::Matrix4d;

constexpr double lambda = 0.5;

/// The paper's recursion with dense matrices.
struct dense {
  double gamma;
  matrix once = lambda * matrix::Identity(), twice = once;
  vector sums = vector::Zero();

  void observe(const vector& e, double r) {
    const matrix prior = lambda * matrix::Identity();
    once = gamma * once + e * e.transpose() + (1 - gamma) * prior;
    twice = gamma * gamma * twice + e * e.transpose() + (1 - gamma * gamma) * prior;
    sums = gamma * sums + r * e;
  }
  [[nodiscard]] vector mean() const { return once.inverse() * sums; }
  [[nodiscard]] matrix covariance() const { return once.inverse() * twice * once.inverse(); }
};

vector random_vector(std::uint64_t round) {
  auto g = generator(7, stream::data, 0, round);
  std::array<float, 4> z;
  standard_normal(g, z);
  return {z[0], z[1], z[2], z[3]};
}

} // namespace

TEST_CASE("a discounted posterior follows D-LinUCB's recursion", "[posterior]") {
  for (const double gamma : {0.9, 0.99, 1.0}) {
    discounted_posterior<double> p(4, lambda, gamma);
    dense expected{gamma};
    for (std::uint64_t t = 1; t <= 200; ++t) {
      const vector e = random_vector(t);
      const double r = e[0] - e[2];
      REQUIRE(p.observe({e.data(), 4}, {&r, 1}));
      expected.observe(e, r);
    }
    vector mean;
    p.mean({mean.data(), 4});
    CHECK((mean - expected.mean()).norm() < 1e-10);
    const vector along = random_vector(0);
    CHECK(p.width({along.data(), 4}) == Approx(std::sqrt(along.dot(expected.covariance() * along))));

    matrix spread; // of which a draw is: mean + scale · spread · z
    for (int k = 0; k < 4; ++k) {
      const vector z = vector::Unit(k);
      vector q;
      p.sample({z.data(), 4}, 2.0, {q.data(), 4});
      spread.col(k) = (q - mean) / 2;
    }
    CHECK((spread * spread.transpose() - expected.covariance()).norm() < 1e-10);
  }
}

TEST_CASE("a discounted posterior refuses what isn't finite, and forgets nothing for it", "[posterior]") {
  discounted_posterior<float> p(2, 1, 0.9f);
  const std::vector<float> e{1, 0};
  const float r = 1, bad = std::numeric_limits<float>::infinity();
  REQUIRE(p.observe(e, {&r, 1}));
  std::vector<float> before(2), after(2);
  p.mean(before);
  CHECK_FALSE(p.observe(e, {&bad, 1}));
  p.mean(after);
  CHECK(before == after);
}

TEST_CASE("a discounted posterior falls back to its prior along what is no longer shown", "[posterior]") {
  discounted_posterior<float> p(2, 1, 0.9f);
  const std::vector<float> first{1, 0}, second{0, 1};
  const float r = 1;
  for (int t = 0; t < 100; ++t)
    REQUIRE(p.observe(first, {&r, 1}));
  CHECK(p.width(first) < 0.5f);
  for (int t = 0; t < 10'000; ++t)
    REQUIRE(p.observe(second, {&r, 1}));
  CHECK(p.width(first) == Approx(1).epsilon(1e-3));
}
