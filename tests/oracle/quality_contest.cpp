/// Creating at a cost: the mixture that self-play learns is the equilibrium that is known in closed form.
#include "bench/papers/quality_contest.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace ammo;

TEST_CASE("self-play learns F(q) = min(1, (λq^β/M)^{1/(P−1)})", "[.science][oracle][quality_contest]") {
  for (const std::size_t creators : {2, 3, 5})
    for (const double exponent : {1.0, 2.0})
      for (const double prize : {1.0, 7.0}) {
        const quality_contest contest{creators, prize, 0.4, exponent};
        const auto learned = learn_qualities(contest).value();
        const double distance = distance_from_equilibrium(contest, learned), spent = expected_cost(contest, learned);
        INFO("P " << creators << ", β " << exponent << ", M " << prize);
        INFO("distance " << distance << ", spent " << spent);
        CHECK(std::accumulate(learned.probabilities.begin(), learned.probabilities.end(), 0.0) == Approx(1));
        CHECK(distance <= 0.05);
        CHECK(std::abs(spent - prize) <= 0.05 * prize);
        CHECK(std::ranges::max(contest_gains(contest, learned)) <= 0.05 * prize); // and nobody profits
      }
}

TEST_CASE("who ties with whom shares the prize by lot", "[oracle][quality_contest]") {
  const quality_contest three{3, 6, 1, 1};
  const auto all_alike = contest_gains(three, {{0, 1}, {0, 1}});
  CHECK(all_alike[0] == Approx(0).margin(1e-12)); // never wins
  CHECK(all_alike[1] == Approx(6 / 3. - 1));
  const auto mixed = contest_gains(three, {{0, 1}, {.5, .5}});
  CHECK(mixed[0] == Approx(6 * .25 / 3));                          // wins only if all are at 0, a third of the time
  CHECK(mixed[1] == Approx(6 * (.25 + .5 / 2 + .25 / 3) - 1));     // both, one, none of the others below
  const auto outside = contest_gains(three, {{0, 1, 2}, {.5, .5, 0}});
  CHECK(outside[2] == Approx(6 - 2));                              // surely wins
}

TEST_CASE("the closed form, and how far from it a mixture is", "[oracle][quality_contest]") {
  const quality_contest contest{3, 4, 1, 2};
  CHECK(equilibrium_cdf(contest, 0) == 0);
  CHECK(equilibrium_cdf(contest, 1) == Approx(0.5)); // (1/4)^(1/2)
  CHECK(equilibrium_cdf(contest, 2) == 1);
  CHECK(equilibrium_cdf(contest, 9) == 1);
  CHECK(distance_from_equilibrium(contest, {{1}, {1}}) == Approx(0.5));
  CHECK(quality_mixture{{0, 1}, {.3, .7}}.cdf(0.5) == Approx(.3));
}

TEST_CASE("a contest that can't be is refused by name", "[oracle][quality_contest]") {
  CHECK(learn_qualities({1, 1, 1, 1}).code() == errc::bad_value);
  CHECK(learn_qualities({2, 0, 1, 1}).code() == errc::bad_value);
  CHECK(learn_qualities({2, 1, -1, 1}).code() == errc::bad_value);
  CHECK(learn_qualities({2, 1, 1, std::numeric_limits<double>::infinity()}).code() == errc::bad_value);
  CHECK(learn_qualities({2, std::nan(""), 1, 1}).code() == errc::bad_value);
  CHECK(learn_qualities({}, 0).code() == errc::bad_value);
  CHECK(learn_qualities({}, 1, 0).code() == errc::bad_value);
}
