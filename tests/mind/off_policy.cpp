#include "actors/aipp/off_policy.hpp"
#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <limits>

using namespace ammo;

namespace {

using impressions = std::vector<judged_impression>;

off_policy_judge judge_of(const std::vector<impressions>& log, double slots) {
  off_policy_judge j;
  for (const auto& shown : log)
    REQUIRE(j.add({shown, slots}) == errc::ok);
  return j;
}

/// One slot, K arms, logged uniformly; the target always shows arm 0.
off_policy_judge one_arm_of(std::size_t arms, int rounds, const std::function<double(std::size_t, splitmix64&)>& reward,
                            double predicted = 0, double told_propensity = 0) {
  splitmix64 g(7);
  off_policy_judge j;
  for (int t = 0; t < rounds; ++t) {
    const auto arm = static_cast<std::size_t>(uniform01(g) * static_cast<double>(arms));
    const judged_impression shown{told_propensity > 0 ? told_propensity : 1.0 / static_cast<double>(arms),
                                  arm == 0 ? 1.0 : 0.0, reward(arm, g), predicted};
    REQUIRE(j.add({{&shown, 1}, 1, predicted}) == errc::ok);
  }
  return j;
}

} // namespace

TEST_CASE("three estimators of a log worked out by hand", "[off_policy]") {
  // Two rounds of two slots: w = 2, 0.5 and then 0, 1.
  const impressions first{{0.5, 1, 1, 0.5}, {0.5, 0.25, 2, 1}}, second{{0.25, 0, 9, 7}, {0.5, 0.5, -1, 0}};
  off_policy_judge j;
  REQUIRE(j.add({first, 2, 1.5}) == errc::ok);
  REQUIRE(j.add({second, 2, 0.5}) == errc::ok);

  const auto ips = j.importance_weighted().value(); // rounds give 3 and −1
  CHECK(ips.mean == Approx(1));
  CHECK(ips.standard_error == Approx(2));
  CHECK(ips.high == Approx(1 + 1.959964 * 2));
  CHECK(ips.low == Approx(1 - 1.959964 * 2));
  CHECK(ips.effective_size == Approx(3.5 * 3.5 / 5.25));
  CHECK(ips.rounds == 2);

  const auto self = j.self_normalised().value(); // 2 · 2 / 3.5; residuals ±(3 − 2.5 · 4/7)
  CHECK(self.mean == Approx(8.0 / 7));
  CHECK(self.standard_error == Approx(2 * std::sqrt(2.0 * 2) * (3 - 2.5 * 4 / 7) / 3.5));

  const auto robust = j.doubly_robust().value(); // 1.5 + 1 + 0.5 and 0.5 − 1
  CHECK(robust.mean == Approx(1.25));
  CHECK(robust.standard_error == Approx(1.75));

  CHECK(j.overlap().value().mean == Approx(3.5 / 4));
}

TEST_CASE("a policy judged from its own log is worth what it got", "[off_policy]") {
  const auto j = judge_of({{{0.5, 0.5, 1}, {0.25, 0.25, 3}}, {{0.75, 0.75, 2}, {1, 1, 0}}}, 2);
  for (const auto& v : {j.importance_weighted(), j.self_normalised(), j.doubly_robust()})
    CHECK(v.value().mean == Approx(3));
  CHECK(j.importance_weighted().value().effective_size == Approx(4));
  CHECK(j.overlap().value().mean == 1);
  CHECK(j.overlap().value().standard_error == 0);
}

TEST_CASE("the error of importance weights has its closed form: c sqrt((K − 1) / n) for a constant reward c",
          "[off_policy]") {
  constexpr int n = 20'000;
  const auto j = one_arm_of(10, n, [](std::size_t, splitmix64&) { return 0.7; }, 0.7);
  const auto ips = j.importance_weighted().value();
  CHECK(ips.standard_error == Approx(0.7 * std::sqrt(9.0 / n)).epsilon(0.03));
  CHECK(ips.low < 0.7);
  CHECK(ips.high > 0.7);
  CHECK(ips.effective_size == Approx(n / 10.0).epsilon(0.1));
  for (const auto& exact : {j.self_normalised().value(), j.doubly_robust().value()}) {
    CHECK(exact.mean == Approx(0.7));
    CHECK(exact.standard_error == Approx(0).margin(1e-6));
  }
}

TEST_CASE("doubly robust: right predictions mend wrong propensities, right propensities mend wrong predictions",
          "[off_policy]") {
  constexpr int n = 20'000;
  const auto noisy = [](std::size_t arm, splitmix64& g) { return (arm == 0 ? 0.6 : -0.2) + uniform01(g) - 0.5; };
  const auto covers = [](const policy_value& v) { return v.low < 0.6 && 0.6 < v.high; };
  const auto wrong_propensities = one_arm_of(5, n, noisy, 0.6, 0.1);
  CHECK(covers(wrong_propensities.doubly_robust().value()));
  CHECK_FALSE(covers(wrong_propensities.importance_weighted().value()));
  const auto wrong_predictions = one_arm_of(5, n, noisy, -3);
  CHECK(covers(wrong_predictions.doubly_robust().value()));
  const auto right = one_arm_of(5, n, noisy, 0.6);
  CHECK(right.doubly_robust().value().standard_error < right.importance_weighted().value().standard_error);
}

TEST_CASE("a constant added to all rewards moves the self-normalised value by just that", "[off_policy]") {
  const auto plus = [](double c) {
    return one_arm_of(4, 50,
                      [c](std::size_t arm, splitmix64& g) { return c + static_cast<double>(arm) + uniform01(g); });
  };
  const auto plain = plus(0), moved = plus(10);
  CHECK(moved.self_normalised().value().mean == Approx(plain.self_normalised().value().mean + 10));
  CHECK(moved.self_normalised().value().standard_error == Approx(plain.self_normalised().value().standard_error));
  CHECK(std::abs(moved.importance_weighted().value().mean - plain.importance_weighted().value().mean - 10) > 0.1);
}

TEST_CASE("self-normalised is consistent: its bias is there in short logs and shrinks", "[off_policy]") {
  // One slot, two creations, uniform log; the target shows each with probability 0.9 and 0.1: worth 0.9.
  splitmix64 g(3);
  const auto bias = [&](int rounds) {
    double sum = 0;
    constexpr int logs = 20'000;
    for (int l = 0; l < logs; ++l) {
      off_policy_judge j;
      for (int t = 0; t < rounds; ++t) {
        const bool first = uniform01(g) < 0.5;
        const judged_impression shown{0.5, first ? 0.9 : 0.1, first ? 1.0 : 0.0};
        REQUIRE(j.add({{&shown, 1}, 1}) == errc::ok);
      }
      sum += j.self_normalised().value().mean;
    }
    return std::abs(sum / logs - 0.9);
  };
  const double two = bias(2), twenty = bias(20);
  CHECK(two == Approx(0.9 - (0.25 + 0.5 * 0.9)).margin(0.01)); // of the four logs: 1, 0.9 twice, 0
  CHECK(twenty < two / 5);
}

TEST_CASE("what a log can't tell is said by name", "[off_policy]") {
  off_policy_judge j;
  CHECK(j.importance_weighted().code() == errc::no_overlap);
  CHECK(j.self_normalised().code() == errc::no_overlap);
  CHECK(j.doubly_robust().code() == errc::no_overlap);
  CHECK(j.overlap().code() == errc::no_overlap);
  const judged_impression never{1, 0, 5};
  REQUIRE(j.add({{&never, 1}, 1, 0, 1}) == errc::ok); // a greedy log, of what the target never shows
  CHECK(j.importance_weighted().code() == errc::no_overlap);
  CHECK(j.unsupported_rounds() == 1);

  const judged_impression now{1, 0.5, 5};
  REQUIRE(j.add({{&now, 1}, 1, 0, 0.5}) == errc::ok);
  CHECK(std::isfinite(j.importance_weighted().value().standard_error));
  CHECK(j.unsupported_rounds() == 2);
  CHECK(j.overlap().value().mean == Approx(0.25));
  off_policy_judge once;
  REQUIRE(once.add({{&now, 1}, 1}) == errc::ok);
  CHECK(std::isinf(once.importance_weighted().value().standard_error));
  CHECK(std::isinf(once.self_normalised().value().standard_error));
}

TEST_CASE("a round that isn't one is refused whole", "[off_policy]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  off_policy_judge j;
  const auto refused = [&](const judged_impression& bad, double slots = 2) {
    const std::array shown{judged_impression{0.5, 0.5, 1}, bad};
    return j.add({shown, slots});
  };
  for (double p : {0.0, -0.1, 1.001, nan, inf})
    CHECK(refused({p, 0.5, 1}) == errc::bad_propensity);
  for (double t : {-0.1, 1.001, nan})
    CHECK(refused({0.5, t, 1}) == errc::bad_value);
  CHECK(refused({0.5, 0.5, nan}) == errc::not_finite);
  CHECK(refused({0.5, 0.5, 1, inf}) == errc::not_finite);
  CHECK(refused({0.5, 0.5, 1}, -1) == errc::bad_value);
  CHECK(refused({0.5, 0.5, 1}, 0.9) == errc::bad_value);
  CHECK(refused({0.5, 0.5, 1}, nan) == errc::not_finite);
  CHECK(j.add({{}, 1, 0, -1}) == errc::bad_value);
  CHECK(j.rounds() == 0);
  CHECK(j.importance_weighted().code() == errc::no_overlap);
}

TEST_CASE("a reward model predicts from what it has learned", "[off_policy]") {
  reward_model m(2, 1e-6);
  const std::array<float, 2> x{1, 0}, y{0, 1}, both{1, 1};
  CHECK(m.predict(both) == 0);
  REQUIRE(m.learn(x, 0.5) == errc::ok);
  REQUIRE(m.learn(y, -0.25) == errc::ok);
  CHECK(m.predict(both) == Approx(0.25).epsilon(1e-4));
  CHECK(m.learn(std::array<float, 1>{1}, 0) == errc::wrong_dimension);
  CHECK(m.learn(x, std::numeric_limits<double>::quiet_NaN()) == errc::not_finite);
  CHECK(m.predict(both) == Approx(0.25).epsilon(1e-4));
}
