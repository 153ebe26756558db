#include "actors/space/regret.hpp"

#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

using namespace ammo;

TEST_CASE("the stated regret goes negative for more than one slot; the slate's does not", "[space][regret]") {
  const std::vector<float> best{0.75f, 0.5f, 0.25f};
  const auto r = regret_of(best, best);
  CHECK(r.stated == 0.75 - 1.5);
  CHECK(r.slate == 0);
  const auto worse = regret_of(best, std::vector<float>{0.5f, 0.25f});
  CHECK(worse.stated == 0);
  CHECK(worse.slate == 0.75);
}

TEST_CASE("a comparator that may leave slots empty never takes a negative score", "[space][regret]") {
  const std::vector<float> best{0.5f, -0.25f}, shown{-0.25f, -0.5f};
  CHECK(regret_of(best, shown).slate == 1.25);
  CHECK(regret_of(best, shown, true).slate == 1.0);
  CHECK(regret_of(best, shown).stated == 1.25);
  CHECK(regret_of({}, {}).slate == 0);
  CHECK(regret_of(best, {}).slate == 0.5);
}

TEST_CASE("both regrets are minimised by the same slate, for every small instance", "[space][regret]") {
  splitmix64 g(5);
  for (int instance = 0; instance < 200; ++instance) {
    const bool exactly = instance % 2 == 1;
    const std::size_t slots = 1 + g() % 4;
    std::vector<float> scores(8);
    for (float& s : scores)
      s = static_cast<float>(2 * uniform01(g) - 1);
    std::vector<float> best = scores;
    std::ranges::sort(best, std::greater{});
    best.resize(slots);

    double least_stated = 1e9, least_slate = 1e9;
    unsigned best_by_stated = 0, best_by_slate = 0;
    for (unsigned set = 0; set < 256; ++set) {
      const auto size = static_cast<std::size_t>(std::popcount(set));
      if (size > slots || (exactly && size != slots))
        continue;
      std::vector<float> shown;
      for (unsigned i = 0; i < 8; ++i)
        if (set >> i & 1)
          shown.push_back(scores[i]);
      const auto r = regret_of(best, shown, exactly);
      REQUIRE(r.slate >= 0);
      if (r.stated < least_stated)
        least_stated = r.stated, best_by_stated = set;
      if (r.slate < least_slate)
        least_slate = r.slate, best_by_slate = set;
    }
    CHECK(best_by_stated == best_by_slate);
    CHECK(least_slate == 0);
  }
}

TEST_CASE("the best slate in another order has no regret, to the last bit", "[space][regret]") {
  splitmix64 g(6);
  for (int i = 0; i < 1000; ++i) {
    std::vector<float> best(64);
    for (float& s : best)
      s = static_cast<float>(uniform01(g) * std::pow(10.0, -static_cast<double>(g() % 9)));
    std::ranges::sort(best, std::greater{});
    std::vector<float> shown = best;
    std::shuffle(shown.begin(), shown.end(), g);
    CHECK(regret_of(best, shown).slate >= 0);
    CHECK(regret_of(best, shown).slate < 1e-13);
  }
}

TEST_CASE("an exact sum doesn't depend on the order or the grouping of its terms", "[space][regret]") {
  splitmix64 g(7);
  std::vector<double> terms(1000);
  for (double& x : terms)
    x = (uniform01(g) - 0.5) * std::pow(10.0, static_cast<double>(g() % 12) - 3);
  exact_sum forward, backward, left, right;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    forward.add(terms[i]);
    backward.add(terms[terms.size() - 1 - i]);
    (i % 3 == 0 ? left : right).add(terms[i]);
  }
  right.add(left);
  CHECK(forward == backward);
  CHECK(forward == right);
  long double plain = 0;
  for (double x : terms)
    plain += x;
  CHECK(forward.value() == Approx(static_cast<double>(plain)).margin(1e-6));
}

TEST_CASE("an exact sum goes over the wire and back, below zero too", "[space][regret]") {
  for (double x : {0.0, -0.5, 1.25, -123456789.0, 0x1p40, -0x1p63}) {
    exact_sum s;
    s.add(x);
    CHECK(s.value() == x);
    CHECK(exact_sum::from_parts(s.high(), s.low()) == s);
  }
}

TEST_CASE("terms that no sum can hold are ignored and counted", "[space][regret]") {
  exact_sum s;
  s.add(1);
  for (double x : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -0x1p64, 1e300})
    s.add(x);
  CHECK(s.value() == 1);
  CHECK(s.ignored() == 4);
  exact_sum sum;
  sum.add(s);
  CHECK(sum.ignored() == 4);
}
