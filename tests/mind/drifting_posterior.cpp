#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/belief/drifting_posterior.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

namespace {

using namespace ammo;

constexpr std::uint32_t dim = 16, slots = 5;
constexpr double noise = 0.3;

std::vector<float> normal(std::uint64_t seed, std::uint64_t round, std::size_t n, float scale) {
  auto g = generator(seed, stream::data, 0, round);
  std::vector<float> out(n);
  standard_normal(g, out);
  for (float& x : out)
    x *= scale;
  return out;
}

/// A person who sees random creations of norm 1 or so, and whose q is drawn anew where the test says so.
struct person {
  std::uint64_t seed;
  std::uint64_t round = 0;
  std::vector<float> q = normal(seed, 0, dim, 0.25f);

  void change_mind() { q = normal(seed, 1'000'000 + round, dim, 0.25f); }
  template <class Posterior>
  void show(Posterior& p) {
    const auto e = normal(seed, ++round, slots * dim, 0.25f);
    auto r = normal(seed, 2'000'000 + round, slots, static_cast<float>(noise));
    for (std::size_t i = 0; i < slots; ++i)
      r[i] += std::inner_product(q.begin(), q.end(), e.begin() + static_cast<std::ptrdiff_t>(i * dim), 0.0f);
    REQUIRE(p.observe(e, r));
  }
};

constexpr float lambda = static_cast<float>(noise * noise * dim);

std::vector<float> mean_of(const auto& p) {
  std::vector<float> m(p.dim());
  p.mean(m);
  return m;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    sum += std::pow(double{a[k]} - double{b[k]}, 2);
  return std::sqrt(sum);
}

} // namespace

TEMPLATE_TEST_CASE("observations are weighed by the density that the belief gave them", "[posterior]", float, double) {
  ridge_posterior<TestType> at_once(3, 1), one_by_one(3, 1);
  const std::vector<TestType> e{1, 0, 2, 0, 1, 1, 0.5, -1, 0}, r{1, -0.5, 2};
  double expected = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    const auto along = std::span(e).subspan(3 * i, 3);
    std::vector<TestType> m(3);
    one_by_one.mean(m);
    const double mean = std::inner_product(m.begin(), m.end(), along.begin(), 0.0);
    const double variance = noise * noise * (1 + std::pow(double{one_by_one.width(along)}, 2));
    expected -= 0.5 * (std::log(2 * std::numbers::pi * variance) + std::pow(double{r[i]} - mean, 2) / variance);
    REQUIRE(one_by_one.observe(along, std::span(r).subspan(i, 1)));
  }
  const auto weight = at_once.observe_weighed(e, r, noise);
  REQUIRE(weight);
  CHECK(*weight == Approx(expected).epsilon(1e-5));
}

TEST_CASE("an observation that isn't acceptable isn't weighed", "[posterior]") {
  ridge_posterior<double> p(1, 1);
  const double e = 1, r = std::numeric_limits<double>::infinity();
  CHECK_FALSE(p.observe_weighed({&e, 1}, {&r, 1}, noise));
  CHECK(p.width({&e, 1}) == 1);
}

TEST_CASE("where nothing changes, the belief is ridge regression's", "[drift]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    person watched{seed}, plain{seed};
    drifting_posterior<float> p(dim, lambda, {.noise = noise});
    ridge_posterior<float> ridge(dim, lambda);
    for (int t = 0; t < 500; ++t) {
      watched.show(p);
      plain.show(ridge);
    }
    CHECK(p.believed_since() == 0);
    CHECK(mean_of(p) == mean_of(ridge));
  }
}

TEST_CASE("a change is noticed, dated and learned from what came after it", "[drift]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    person someone{seed};
    drifting_posterior<float> p(dim, lambda, {.noise = noise});
    ridge_posterior<float> ridge(dim, lambda);
    for (std::uint64_t change : {400, 800}) {
      while (someone.round < change)
        someone.show(p);
      someone.change_mind();
      while (someone.round < change + 40)
        someone.show(p);
      CHECK(p.believed_since() >= change - 8);
      CHECK(p.believed_since() <= change + 16);
      CHECK(distance(mean_of(p), someone.q) < 0.5);
    }
    CHECK(p.restarts() >= 2);
  }
}

TEST_CASE("a false alarm is taken back", "[drift]") {
  person someone{1};
  drifting_posterior<float> p(dim, lambda, {.noise = noise});
  while (someone.round < 400)
    someone.show(p);
  const auto q = someone.q;
  someone.change_mind();
  while (p.believed_since() == 0 && someone.round < 450)
    someone.show(p);
  REQUIRE(p.believed_since() > 0);
  someone.q = q;
  const auto until = someone.round + 40;
  while (someone.round < until)
    someone.show(p);
  CHECK(distance(mean_of(p), q) < 0.5);
}

TEST_CASE("a round that is refused or empty leaves the belief as it was", "[drift]") {
  person someone{1};
  drifting_posterior<float> p(dim, lambda, {.noise = noise});
  while (someone.round < 8)
    someone.show(p);
  const auto before = mean_of(p);
  std::vector<float> e(dim, 0.1f);
  const float r = std::numeric_limits<float>::quiet_NaN(), fine = 1;
  CHECK_FALSE(p.observe(e, {&r, 1}));
  e[3] = std::numeric_limits<float>::infinity();
  CHECK_FALSE(p.observe(e, {&fine, 1}));
  CHECK(p.observe({}, {}));
  CHECK(mean_of(p) == before);
  CHECK(p.restarts() == 0);
}

TEST_CASE("a drifting belief stays finite over long silence between changes", "[drift]") {
  drifting_posterior<float> p(1, 1, {.noise = noise});
  const float e = 1;
  for (int t = 0; t < 20'000; ++t) {
    const float r = t < 10'000 ? 1.0f : -1.0f;
    REQUIRE(p.observe({&e, 1}, {&r, 1}));
  }
  CHECK(mean_of(p)[0] == Approx(-1).margin(0.01));
  CHECK(p.believed_since() >= 9'992);
  CHECK(p.believed_since() <= 10'008);
}
