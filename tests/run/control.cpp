/// What slates at random say of the policy: the lift and its interval, in a live runtime and in a simulation.
#include "actors/aipp/control_tally.hpp"
#include "ammo/simulation.hpp"
#include "runtime/system/control_lift.hpp"
#include "tests/support/films.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a lift is the difference of two means, with Student's interval over groups of people", "[control]") {
  std::vector<compared_arms> groups;
  for (int i = 0; i < 8; ++i) // policies' means 0.5 ± 0.1, control's 0.2 everywhere
    groups.push_back({100, 10, 50 + (i % 2 == 0 ? 10.0 : -10.0), 2});
  const auto c = lift_of(groups);
  REQUIRE(c);
  CHECK(c->policy.impressions == 800);
  CHECK(c->control.impressions == 80);
  CHECK(*c->policy.mean_reward == Approx(0.5));
  CHECK(*c->control.mean_reward == Approx(0.2));
  CHECK(*c->lift == Approx(0.3));
  const double half = 2.364624 * std::sqrt(8.0 / 7 * 8 * (10.0 / 800) * (10.0 / 800)); // t of 7 degrees of freedom
  REQUIRE((c->low && c->high));
  CHECK(*c->low == Approx(0.3 - half));
  CHECK(*c->high == Approx(0.3 + half));
}

TEST_CASE("a lift says nothing of what isn't known", "[control]") {
  CHECK_FALSE(lift_of({}));
  const std::vector<compared_arms> nobody(compared_groups);
  CHECK_FALSE(lift_of(nobody));
  std::vector<compared_arms> few(compared_groups);
  for (int i = 0; i < 7; ++i)
    few[static_cast<std::size_t>(i)] = {10, 1, 5, 0.5};
  few[9] = {10, 0, 5, 0};
  const auto c = lift_of(few);
  REQUIRE(c);
  CHECK(c->lift);
  CHECK_FALSE((c->low || c->high)); // seven groups have seen both
  const std::vector<compared_arms> one_arm{{10, 0, 5, 0}};
  const auto alone = lift_of(one_arm);
  REQUIRE(alone);
  CHECK(alone->policy.mean_reward);
  CHECK_FALSE((alone->control.mean_reward || alone->lift));
}

TEST_CASE("an interval holds the true lift in 95 of 100 comparisons, although people and slates have moods", "[control]") {
  std::mt19937_64 dice(7);
  std::normal_distribution<double> normal;
  constexpr double truth = 0.2;
  constexpr int games = 600;
  int held = 0;
  for (int game = 0; game < games; ++game) {
    control_tally tally;
    for (std::uint64_t user = 0; user < 120; ++user) {
      const double person = normal(dice);
      for (int slate = 0; slate < 12; ++slate) {
        const auto of = std::uniform_real_distribution<double>()(dice) < 0.25 ? arm::control : arm::policy;
        const double mood = normal(dice);
        for (int slot = 0; slot < 3; ++slot) {
          tally.shown(user_id{user}, of);
          tally.rewarded(user_id{user}, of, person + mood + (of == arm::policy ? truth : 0) + normal(dice));
        }
      }
    }
    const auto c = lift_of(tally.save());
    REQUIRE((c && c->low));
    held += *c->low <= truth && truth <= *c->high;
  }
  CHECK(held == Approx(0.95 * games).margin(4 * std::sqrt(0.95 * 0.05 * games)));
}

TEST_CASE("a runtime with slates of control tells what its policy earns above them", "[control]") {
  auto o = films();
  o.slots = 1;
  o.user.control_share = 0.3;
  auto rt = started(o);
  add_films(*rt, 12);
  for (std::uint64_t u = 0; u < 40; ++u) {
    REQUIRE(rt->add_user(user_id{u}));
    like(*rt, user_id{u}, 25);
  }
  const auto s = rt->statistics();
  REQUIRE(s);
  REQUIRE(s->control);
  const auto& c = *s->control;
  CHECK(c.policy.impressions + c.control.impressions == 1'000);
  CHECK(static_cast<double>(c.control.impressions) == Approx(300).margin(60)); // 4 standard deviations
  CHECK(*c.control.mean_reward == Approx(0).margin(0.17));                     // 12 directions, all around
  REQUIRE((c.lift && c.low && c.high));
  CHECK(*c.low > 0.2);
  CHECK(*c.low < *c.lift);
  CHECK(*c.lift < *c.high);

  auto without = films();
  auto plain = started(without);
  add_films(*plain, 12);
  REQUIRE(plain->add_user(user_id{1}));
  like(*plain, user_id{1}, 2);
  CHECK_FALSE(plain->statistics()->control);
}

TEST_CASE("the key is a share", "[control][bad-input]") {
  const std::string space = "\n[[subspace]]\nname = \"film\"\nkind = \"host\"\nwidth = 2\n";
  const auto read = options::from_toml("[user]\ncontrol_share = 0.05" + space);
  REQUIRE(read);
  CHECK(read->user.control_share == 0.05);
  CHECK(options::from_toml("[user]\ncontrol_share = 1.5" + space).code() == errc::bad_value);
  CHECK(options{}.user.control_share == 0);
}
