/// Policies judged from another's log, where the truth is known: unbiased within their own interval, over 200 logs.
#include "tests/support/off_policy_world.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace off_policy;

namespace {

constexpr int logs = 200;

/// The mean over all logs is as near the truth as its own standard error allows (99 %), and intervals of 95 % hold it
/// in that share of the logs (three standard errors of such a share are 5 %).
void agrees(const account& a, double truth, const char* estimator) {
  INFO(estimator << ": bias " << a.mean() - truth << " ± " << a.error() << ", coverage " << a.coverage());
  CHECK(a.logs == logs);
  CHECK(std::abs(a.mean() - truth) < 2.58 * a.error());
  CHECK(a.coverage() >= 0.90);
  CHECK(a.coverage() <= 0.99);
}

void all_agree(const world& w, const user_config& config, const std::vector<marginals>& targets, int rounds) {
  const auto all = over_logs(w, config, targets, rounds, logs);
  for (std::size_t k = 0; k < targets.size(); ++k) {
    INFO("target " << k);
    const double truth = true_value(w, targets[k]);
    agrees(all[k].weighted, truth, "importance weighted");
    agrees(all[k].normalised, truth, "self-normalised");
    agrees(all[k].robust, truth, "doubly robust");
    CHECK(all[k].robust.deviation() <= all[k].weighted.deviation());
    CHECK(all[k].overlap == Approx(1).margin(0.03));
  }
}

} // namespace

TEST_CASE("ε-greedy's log judges uniform, another's greedy and another's Thompson sampling", "[.science][oracle][off_policy]") {
  const world w;
  all_agree(w, logging(user_policy::epsilon_greedy),
            {uniform_target(), greedy_target(w, 3, 0.4f), thompson_target(w, 0.8f, 0.5f)}, 300);
}

TEST_CASE("Thompson sampling's log judges what it could have shown, by redrawn propensities", "[.science][oracle][off_policy]") {
  const world w;
  user_config config = logging(user_policy::thompson);
  config.propensity_draws = 1'000;
  all_agree(w, config, {greedy_target(w, 3, 0.4f), thompson_target(w, 1, 0.15f)}, 200);
}

TEST_CASE("a log that couldn't show what the target shows is found out by its overlap", "[.science][oracle][off_policy]") {
  const world w;
  user_config config = logging(user_policy::thompson);
  config.propensity_draws = 30;
  const auto far = judged(w, config, {uniform_target()}, 400, 1).front();
  CHECK(far.overlap().value().high < 1);
  config.policy = user_policy::greedy;
  const auto never = judged(w, config, {greedy_target(w, 5, 1.5f)}, 100, 1).front();
  const auto overlap = never.overlap();
  CHECK((overlap.code() == errc::no_overlap || overlap.value().high < 1));
}
