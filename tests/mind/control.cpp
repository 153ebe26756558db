/// Slates of control: how many there are, how likely what they show was, and what each arm is said to have earned.
#include "actors/aipp/aipp_mind.hpp"
#include "actors/protocol/state/aipp_state.hpp"
#include "tests/mind/world.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <cmath>
#include <map>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 4, n = 3, creations = 12;

user_config controlled(double share, user_policy policy = user_policy::greedy) {
  auto c = config_of(dim, {{"coin", {0, dim}}}, policy);
  c.exactly = true; // whatever is believed of the others
  c.control_share = share;
  return c;
}

bool of_control(const slate_proposal& p) {
  return std::ranges::all_of(p.candidates, [](const candidate& c) { return c.propensity.source == propensity_source::control; });
}

constexpr user_id ann{1};

slate_granted granted(std::uint64_t counter, creation_id creation, propensity_source source, occasion why = occasion::request) {
  return {.user = ann, .round = counter, .why = why, .request = 42, .impressions = {{make_impression_id(0, counter), creation, {0.5f, source}}}};
}

aipp_config comparing() {
  aipp_config c{.space = ammo::testing::coin_layout(2), .people = {}};
  c.compares = true;
  return c;
}

compared_arms summed(const aipp_mind& m) {
  std::vector<compared_arms> all(1);
  for (const auto& g : m.compared()) {
    std::vector<compared_arms> one{g};
    add(all, one);
  }
  return all[0];
}

} // namespace

TEST_CASE("a share of the slates is of control, and shows every creation as often", "[control]") {
  const auto policy = GENERATE(user_policy::greedy, user_policy::sampled_ucb, user_policy::thompson, user_policy::ftrl);
  INFO(name_of(policy));
  auto mind = mind_of(controlled(0.2, policy));
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, creations).publish());
  std::map<creation_id, int> seen;
  constexpr int rounds = 5'000;
  int drawn = 0;
  for (int t = 0; t < rounds; ++t) {
    const auto p = mind.propose(occasion::request, 0, n).value();
    REQUIRE(p.candidates.size() == n);
    if (!of_control(p))
      continue;
    ++drawn;
    for (const candidate& c : p.candidates) {
      ++seen[c.creation];
      CHECK(c.propensity == propensity{float{n} / creations, propensity_source::control});
      CHECK(c.propensity.known());
    }
  }
  CHECK(drawn == Approx(0.2 * rounds).margin(4 * std::sqrt(0.2 * 0.8 * rounds)));
  REQUIRE(seen.size() == creations);
  const double expected = drawn * double{n} / creations;
  for (const auto& [creation, times] : seen)
    CHECK(times == Approx(expected).margin(4.5 * std::sqrt(expected * (1 - double{n} / creations))));
}

TEST_CASE("no push is of control, and without a share nothing is", "[control]") {
  const auto [share, why] = GENERATE(std::pair(1.0, occasion::push), std::pair(0.0, occasion::request));
  auto mind = mind_of(controlled(share));
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, creations).publish());
  for (int t = 0; t < 200; ++t)
    CHECK_FALSE(of_control(mind.propose(why, 0, n).value()));
}

TEST_CASE("control draws of what is eligible, and says what is known of spares", "[control]") {
  auto mind = mind_of(controlled(1));
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, creations).publish());
  content_set only;
  for (std::uint64_t content : {2, 5, 7, 11})
    only.contents.push_back(content);
  const auto among = eligibility::of(only, {}).value();
  for (int t = 0; t < 50; ++t) {
    const auto p = mind.propose({.why = occasion::request, .n = n, .eligible = among}).value();
    REQUIRE(p.candidates.size() == n);
    for (const candidate& c : p.candidates) {
      const auto content = mind.catalogues()[0]->find(c.creation)->content;
      CHECK(std::ranges::find(only.contents, content) != only.contents.end());
      CHECK(c.propensity == propensity{float{n} / 4, propensity_source::control});
    }
  }
  auto config = controlled(1);
  config.spare_candidates = 2;
  auto spared = mind_of(config);
  spared.see(random_catalogue(subspace_id{0}, {0, dim}, creations).publish());
  const auto p = spared.propose(occasion::request, 0, n).value();
  REQUIRE(p.candidates.size() == n + 2);
  CHECK(of_control(p));
  for (const candidate& c : p.candidates) {
    CHECK_FALSE(c.propensity.known());
    CHECK(c.propensity.sound());
  }
}

TEST_CASE("rewards are counted by arm, pushes and what nobody was shown in none", "[control]") {
  for (const bool strict : {false, true}) {
    INFO((strict ? "noted first" : "noted when shown"));
    auto config = comparing();
    config.noted_first = strict;
    aipp_mind m{config};
    const auto c = ammo::testing::period_of({{goal_id{1}, owner_id{1}, {1, 0}}});
    m.see(c);
    REQUIRE(m.add(ann, {}));
    const auto creation = c->info(0).id;
    const auto show = [&](const slate_granted& g, bool shown = true) {
      const auto out = m.granted(g);
      REQUIRE(out.delivered);
      (void)m.take(slate_outcome{ann, out.delivered->delivery, shown});
    };
    show(granted(1, creation, propensity_source::exact));
    show(granted(2, creation, propensity_source::unknown));
    show(granted(3, creation, propensity_source::control));
    show(granted(4, creation, propensity_source::exact, occasion::push));
    show(granted(5, creation, propensity_source::control), false);
    const auto say = [&](std::uint64_t counter, double value) { return m.take(feedback{ann, make_impression_id(0, counter), value, 0}); };
    REQUIRE(say(1, 0.75));
    REQUIRE(say(3, 0.25));
    REQUIRE(say(4, 1));
    CHECK(summed(m) == compared_arms{2, 1, 0.75, 0.25});
    auto again = aipp_mind::restore(config, m.save());
    REQUIRE(again);
    CHECK(again->compared() == m.compared());
    REQUIRE(again->take(feedback{ann, make_impression_id(0, 2), -0.5, 0})); // its arm is remembered
    CHECK(summed(*again) == compared_arms{2, 1, 0.25, 0.25});
  }
}

TEST_CASE("nothing is counted by arm where nothing is compared", "[control]") {
  auto config = comparing();
  config.compares = false;
  aipp_mind m{config};
  const auto c = ammo::testing::period_of({{goal_id{1}, owner_id{1}, {1, 0}}});
  m.see(c);
  REQUIRE(m.add(ann, {}));
  const auto out = m.granted(granted(1, c->info(0).id, propensity_source::exact));
  REQUIRE(out.delivered);
  REQUIRE(m.take(slate_outcome{ann, out.delivered->delivery, true}));
  CHECK(m.compared().empty());
}

TEST_CASE("a state with groups that are none is refused", "[control][bad-input]") {
  auto saved = aipp_mind{comparing()}.save();
  saved.compared.resize(3);
  CHECK(aipp_mind::restore(comparing(), saved).code() == errc::bad_state);
  saved.compared.assign(compared_groups, {});
  CHECK(aipp_mind::restore(comparing(), saved));
  saved.compared[4].control_reward = std::nan("");
  CHECK(aipp_mind::restore(comparing(), saved).code() == errc::bad_state);
}
