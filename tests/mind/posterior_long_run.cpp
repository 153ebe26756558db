/// What float32 costs a posterior that learns for a lifetime.
#include "actors/base/gaussian.hpp"
#include "bench/papers/discounted_posterior.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace ammo;

constexpr std::uint32_t slots = 5;
constexpr double sigma = 0.3;
constexpr float lambda = 1;

/// Slates of five from a pool, the rewards for them, and the exact sums of all that was shown.
class lifetime {
public:
  lifetime(std::uint32_t dim, std::uint32_t pool, double gamma)
    : dim_(dim), pool_(pool), gamma_(gamma), e_(pool * dim), shown_(pool, 0), shown2_(pool, 0), sums_(pool, 0),
      slate_(slots * dim), rewards_(slots) {
    auto g = generator(3, stream::data, pool, 0);
    standard_normal(g, e_);
    for (float& x : e_)
      x /= std::sqrt(static_cast<float>(dim));
  }

  void next_round() {
    auto g = generator(3, stream::data, pool_, ++round_);
    std::vector<float>& noise = rewards_;
    standard_normal(g, noise);
    for (std::uint32_t i = 0; i < pool_; ++i) {
      shown_[i] *= gamma_;
      shown2_[i] *= gamma_ * gamma_;
      sums_[i] *= gamma_;
    }
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      const std::uint32_t i = pool_ == slots ? slot : static_cast<std::uint32_t>(g() % pool_);
      std::copy_n(e_.begin() + i * dim_, dim_, slate_.begin() + slot * dim_);
      rewards_[slot] = e_[i * dim_] + static_cast<float>(sigma) * noise[slot];
      shown_[i] += 1;
      shown2_[i] += 1;
      sums_[i] += double{rewards_[slot]};
    }
  }

  [[nodiscard]] std::span<const float> slate() const { return slate_; }
  [[nodiscard]] std::span<const float> rewards() const { return rewards_; }

  /// Largest errors along the pool's creations: of the mean, in standard deviations, and of the width, relative to it.
  template <class Posterior>
  [[nodiscard]] std::pair<double, double> errors(const Posterior& p, double prior, bool sandwich) const {
    const auto d = static_cast<Eigen::Index>(dim_);
    Eigen::MatrixXd a = prior * Eigen::MatrixXd::Identity(d, d), a2 = a;
    Eigen::VectorXd b = Eigen::VectorXd::Zero(d);
    for (std::uint32_t i = 0; i < pool_; ++i) {
      const Eigen::VectorXd e = creation(i);
      a += shown_[i] * e * e.transpose();
      a2 += shown2_[i] * e * e.transpose();
      b += sums_[i] * e;
    }
    const Eigen::LLT<Eigen::MatrixXd> solver(a);
    const Eigen::VectorXd exact = solver.solve(b);
    Eigen::VectorXf m(d);
    p.mean({m.data(), dim_});
    std::pair<double, double> worst;
    for (std::uint32_t i = 0; i < pool_; ++i) {
      const Eigen::VectorXd e = creation(i), x = solver.solve(e);
      const double width = std::sqrt(sandwich ? x.dot(a2 * x) : e.dot(x));
      const double found = double{p.width(std::span(e_).subspan(i * dim_, dim_))};
      worst.first = std::max(worst.first, std::abs(e.dot(m.cast<double>() - exact)) / (sigma * width));
      worst.second = std::max(worst.second, std::abs(found / width - 1));
    }
    return worst;
  }

private:
  [[nodiscard]] Eigen::VectorXd creation(std::uint32_t i) const {
    return Eigen::Map<const Eigen::VectorXf>(e_.data() + i * dim_, static_cast<Eigen::Index>(dim_)).cast<double>();
  }

  std::uint32_t dim_, pool_;
  double gamma_;
  std::uint64_t round_ = 0;
  std::vector<float> e_;
  std::vector<double> shown_, shown2_, sums_;
  std::vector<float> slate_, rewards_;
};

} // namespace

TEST_CASE("a million observations later float32 believes what float64 would", "[posterior]") {
  const auto pool = GENERATE(as<std::uint32_t>{}, slots, 40u); // the same slate over and over is the harder one
  lifetime life(8, pool, 1);
  ridge_posterior<float> p(8, lambda);
  for (std::uint32_t t = 0; t < 200'000; ++t) {
    life.next_round();
    REQUIRE(p.observe(life.slate(), life.rewards()));
  }
  const auto [mean, width] = life.errors(p, double{lambda}, false);
  CAPTURE(pool, mean, width);
  CHECK(mean < 0.05);
  CHECK(width < 2e-4);
}

TEST_CASE("nor does discounting wear a belief out", "[posterior]") {
  const float gamma = 0.999f;
  lifetime life(8, 40, double{gamma});
  ridge_posterior<float> p(8, lambda);
  for (std::uint32_t t = 0; t < 200'000; ++t) {
    life.next_round();
    p.discount(gamma);
    REQUIRE(p.observe(life.slate(), life.rewards()));
  }
  const auto [mean, width] = life.errors(p, 0, false); // the prior is long forgotten
  CAPTURE(mean, width);
  CHECK(mean < 0.01);
  CHECK(width < 2e-4);
}

TEST_CASE("nor a discounted posterior, whose prior is renewed each round", "[posterior]") {
  const float gamma = 0.999f;
  const auto pool = GENERATE(as<std::uint32_t>{}, slots, 40u);
  lifetime life(8, pool, double{gamma});
  discounted_posterior<float> p(8, lambda, gamma);
  for (std::uint32_t t = 0; t < 20'000; ++t) {
    life.next_round();
    REQUIRE(p.observe(life.slate(), life.rewards()));
  }
  const auto [mean, width] = life.errors(p, double{lambda}, true);
  CAPTURE(pool, mean, width);
  CHECK(mean < 0.01);
  CHECK(width < 2e-3);
}
