/// What is compared with control is kept over a restart, by snapshot and by log, and the decision log says which slates were of control.
#include "ammo/runtime.hpp"
#include "runtime/state/decisions/decision_export.hpp"
#include "tests/support/films.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a restart forgets neither arm of a comparison with control", "[state][control]") {
  const scratch in("ammo_control");
  for (const auto& slates : {"relaxed", "strict"}) {
    INFO(slates);
    auto o = films_in((in.folder / slates).string());
    o.slots = 2;
    o.user.control_share = 0.4;
    o.durability.slates = slates;
    o.state_decisions = true;
    control_lift before;
    impression_id open{};
    {
      auto rt = started(o);
      add_films(*rt, 12);
      for (std::uint64_t u = 0; u < 12; ++u) {
        REQUIRE(rt->add_user(user_id{u}));
        like(*rt, user_id{u}, 20);
      }
      open = rt->ask(user_id{3})->creations.front().impression;
      REQUIRE(rt->feedback(user_id{2}, rt->ask(user_id{2})->creations.front().impression, 0.5)); // durable: so is what was shown before
      before = *rt->statistics()->control;
      REQUIRE(before.control.impressions > 0);
    }
    for (int starts = 0; starts < 2; ++starts) {
      auto rt = started(o);
      const auto s = rt->statistics();
      REQUIRE(s);
      REQUIRE(s->control);
      CHECK(s->control->policy.impressions == before.policy.impressions);
      CHECK(s->control->control.impressions == before.control.impressions);
      CHECK(s->control->policy.mean_reward == before.policy.mean_reward);
      CHECK(s->control->control.mean_reward == before.control.mean_reward);
      CHECK(s->control->low == before.low);
    }
    auto rt = started(o);
    REQUIRE(rt->feedback(user_id{3}, open, 0.5)); // counts for the arm that it was of
    const auto after = *rt->statistics()->control;
    CHECK((after.policy.mean_reward != before.policy.mean_reward) != (after.control.mean_reward != before.control.mean_reward));
    rt.reset();
    std::uint64_t control = 0, others = 0;
    REQUIRE(export_decisions(o.state, std::nullopt, false, [&](const std::string& line) {
      const auto j = nlohmann::json::parse(line);
      if (j["kind"] == "decision")
        for (const auto& x : j["shown"]) {
          ++(x["source"] == "control" ? control : others);
          if (x["source"] == "control")
            CHECK(x["propensity"].get<double>() == Approx(2.0 / 12));
        }
      return true;
    }));
    CHECK(control == before.control.impressions);
    CHECK(others == before.policy.impressions);
  }
}
