/// What a Goal Buddy believes of a preference, against closed forms and against draws.
#include "bench/attack/expected_utility.hpp"

#include "actors/space/ball.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

using namespace ammo;

namespace {

using vec = std::vector<float>;

std::vector<vec> some(std::size_t n, std::size_t width, std::uint64_t seed) {
  splitmix64 g{seed};
  std::vector<vec> out;
  while (out.size() < n)
    out.push_back(ball::direction(g, width));
  return out;
}

vec axis(std::size_t width, std::size_t k) {
  vec x(width);
  x[k] = 1;
  return x;
}

/// Independent coordinates of this variance around 0.
taste_belief white(std::size_t width, double variance) {
  return taste_belief(std::vector<vec>{vec(width)}, 1, variance);
}

} // namespace

TEST_CASE("a taste belief starts with its samples' moments", "[goal][taste_belief]") {
  const auto samples = some(40, 6, 1);
  const taste_belief c(samples, 2, 0.1);
  Eigen::MatrixXd s(40, 6);
  for (int i = 0; i < 40; ++i)
    for (int k = 0; k < 6; ++k)
      s(i, k) = double{samples[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)]};
  const Eigen::RowVectorXd mean = s.colwise().mean();
  const Eigen::MatrixXd off = s.rowwise() - mean;
  const Eigen::MatrixXd covariance = 2 * off.transpose() * off / 40 + 0.1 * Eigen::MatrixXd::Identity(6, 6);
  for (std::size_t k = 0; k < 6; ++k) {
    const auto e = static_cast<Eigen::Index>(k);
    CHECK(c.mean()[k] == Approx(mean(e)).margin(1e-5));
    CHECK(c.variance(axis(6, k)) == Approx(covariance(e, e)).epsilon(1e-4));
    CHECK(c.spread(axis(6, k))[0] == Approx(covariance(0, e)).margin(1e-5));
  }
}

TEST_CASE("a taste belief that learns a score is the conditional Gaussian", "[goal][taste_belief]") {
  taste_belief c(some(40, 5, 2), 1, 0.05);
  const auto before = c;
  const vec x{0.5f, -0.2f, 0.1f, 0.4f, 0.3f}, y{0.1f, 0.3f, 0.7f, -0.2f, 0};
  c.becomes(x, c.spread(x), 0.9, 0);
  CHECK(ball::dot(x, c.mean()) == Approx(0.9).epsilon(1e-4));
  CHECK(c.variance(x) < 1e-6);
  const double shared = ball::dot(before.spread(x), y), of_x = before.variance(x);
  CHECK(ball::dot(y, c.mean()) ==
        Approx(ball::dot(y, before.mean()) + shared / of_x * (0.9 - ball::dot(x, before.mean()))).epsilon(1e-3));
  CHECK(c.variance(y) == Approx(before.variance(y) - shared * shared / of_x).epsilon(1e-3));
  c.becomes(x, c.spread(x), 5, 0); // it is known: no other score is learnt
  CHECK(ball::dot(x, c.mean()) == Approx(0.9).epsilon(1e-3));
}

TEST_CASE("a comparison leaves the moments of a half normal, and once more changes nothing", "[goal][taste_belief]") {
  for (const bool above : {true, false}) {
    auto c = white(3, 0.25);
    taste_belief::factor said;
    c.compare(axis(3, 1), 0, above, said);
    const double mean = 0.5 * std::sqrt(2 / M_PI) * (above ? 1 : -1);
    CHECK(c.mean()[1] == Approx(mean).epsilon(1e-3));
    CHECK(c.variance(axis(3, 1)) == Approx(0.25 * (1 - 2 / M_PI)).epsilon(1e-3));
    CHECK(c.variance(axis(3, 0)) == Approx(0.25).epsilon(1e-5));
    c.compare(axis(3, 1), 0, above, said);
    CHECK(c.mean()[1] == Approx(mean).epsilon(1e-3));
    CHECK(c.variance(axis(3, 1)) == Approx(0.25 * (1 - 2 / M_PI)).epsilon(2e-3));
  }
}

TEST_CASE("comparisons in turns agree with draws of which those that fit are kept", "[goal][taste_belief]") {
  auto c = white(2, 1);
  const std::vector<vec> at{{1, 0.2f}, {0.3f, 1}, {-0.6f, 0.8f}};
  const std::vector<std::pair<double, bool>> told{{0.2, true}, {0.4, true}, {0.5, false}};
  std::vector<taste_belief::factor> said(at.size());
  for (int i = 0; i < 20; ++i)
    for (std::size_t k = 0; k < at.size(); ++k)
      c.compare(at[k], told[k].first, told[k].second, said[k]);
  splitmix64 g{3};
  double n = 0, first = 0, second = 0, square = 0;
  for (int i = 0; i < 200'000; ++i) {
    vec q(2);
    standard_normal(g, q);
    bool fits = true;
    for (std::size_t k = 0; k < at.size(); ++k)
      fits = fits && (ball::dot(q, at[k]) > told[k].first) == told[k].second;
    if (!fits)
      continue;
    ++n;
    first += double{q[0]};
    second += double{q[1]};
    square += double{q[0]} * q[0];
  }
  REQUIRE(n > 10'000);
  CHECK(c.mean()[0] == Approx(first / n).margin(0.05));
  CHECK(c.mean()[1] == Approx(second / n).margin(0.05));
  CHECK(c.variance(axis(2, 0)) == Approx(square / n - first / n * first / n).margin(0.08));
}

TEST_CASE("draws of a taste belief have its moments", "[goal][taste_belief]") {
  taste_belief c(some(30, 4, 4), 1, 0.02);
  c.becomes(axis(4, 2), c.spread(axis(4, 2)), 0.3, 0);
  splitmix64 g{5};
  const vec x{0.4f, -0.5f, 0.2f, 0.7f};
  double sum = 0, squares = 0;
  constexpr int n = 20'000;
  for (int i = 0; i < n; ++i) {
    const auto q = c.draw(g);
    CHECK(double{q[2]} == Approx(0.3).margin(0.01)); // what is known
    const double score = ball::dot(q, x);
    sum += score;
    squares += score * score;
  }
  CHECK(sum / n == Approx(ball::dot(x, c.mean())).margin(0.02));
  CHECK(squares / n - sum / n * sum / n == Approx(c.variance(x)).epsilon(0.05));
}

TEST_CASE("an expected utility's slope is its difference quotient, and climbing gains", "[goal][taste_belief]") {
  const auto samples = some(60, 5, 6);
  const std::span all = samples;
  const taste_belief one(all.first(20), 1, 0.01), other(all.subspan(20), 1, 0.01);
  const goal_config config{.lambda = 0.7};
  const regret_feedback nothing{};
  const vec facts{0.2f, 0.1f, -0.3f, 0.4f, 0};
  const goal_view view{.config = config, .grounded = facts, .e = facts, .heard = nothing, .interests = {}};
  for (const double interest : {0.0, 2.0}) {
    const expected_utility p(view, {{&one, 0.2, 0.3}, {&other, 0.1, 0.5}}, interest);
    const vec x{0.1f, 0.4f, -0.1f, 0.2f, 0.3f};
    vec slope(5);
    CHECK(p.value(x, slope) == Approx(p.value(x)));
    for (std::size_t k = 0; k < 5; ++k) {
      vec more = x, less = x;
      more[k] += 1e-2f;
      less[k] -= 1e-2f;
      CHECK(double{slope[k]} == Approx((p.value(more) - p.value(less)) / 2e-2).epsilon(0.02).margin(5e-3));
    }
    const auto to = p.climbed(x);
    CHECK(p.value(to) > p.value(x));
    CHECK(ball::norm(to) <= 1 + 1e-5);
  }
}
