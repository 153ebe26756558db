/// Budgets that last: a market of slots around real arbitration and a real ledger.
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "tests/mind/world.hpp"

#include <map>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr std::uint64_t horizon = 100, rounds = 50;

/// Goal Buddies with these budgets, each with one creation; in each round a user gives every creation a value in [0, 1].
struct market_world {
  subspace_mind subspace;
  metaspace_mind metaspace{metaspace_config{}};
  std::shared_ptr<const catalogue_version> live;
  std::vector<std::int64_t> budgets;
  splitmix64 g{9};
  std::vector<std::uint64_t> shown;      ///< by Goal Buddy
  std::vector<std::int64_t> spent_by;    ///< period

  market_world(slot_sale sale, std::vector<std::int64_t> micros)
    : subspace({.id = subspace_id{0}, .coordinates = {0, 2}, .price_micros = 0, .slot_price_micros = 1'000, .sale = sale, .horizon = horizon}),
      budgets(std::move(micros)), shown(budgets.size()) {
    for (std::uint64_t i = 0; i < budgets.size(); ++i) {
      REQUIRE(subspace.join({goal_id{i}, owner_id{i}, budgets[i]}));
      REQUIRE(subspace.offer({.goal = goal_id{i}, .key = 1, .content = i, .e = {{1, 0}}, .grounded = {{1, 0}}}).code == errc::ok);
    }
    live = subspace.publish().snapshot;
    metaspace.see(live);
  }

  void period(std::uint64_t number) {
    std::map<creation_id, std::pair<std::uint64_t, exact_sum>> seen;
    for (std::uint64_t r = 0; r < rounds; ++r) {
      slate_proposal p{.user = user_id{r}, .round = number, .slots = 1, .candidates = {}};
      std::map<creation_id, float> value;
      for (std::uint32_t i = 0; i < budgets.size(); ++i) {
        value[at(*live, i)] = static_cast<float>(uniform01(g));
        p.candidates.push_back({at(*live, i), value[at(*live, i)]});
      }
      for (const auto& i : metaspace.grant(p).impressions) {
        ++seen[i.creation].first;
        seen[i.creation].second.add(value[i.creation]);
        ++shown[raw(live->find(i.creation)->goal)];
      }
    }
    attention_report a{.period = number, .rounds = rounds, .stated = {}, .slate = {}, .exposures = {}};
    for (const auto& [id, x] : seen)
      a.exposures.push_back({id, x.first, wire_of(x.second)});
    const auto before = subspace.accounts().spent();
    if (auto terms = subspace.sell(subspace.merge(number, {a})))
      metaspace.price(*terms);
    spent_by.push_back(subspace.accounts().spent() - before);
    const auto& l = subspace.accounts();
    std::int64_t balances = 0;
    for (std::uint64_t i = 0; i < budgets.size(); ++i) {
      REQUIRE(l.balance(goal_id{i}) >= 0);
      balances += l.balance(goal_id{i});
    }
    REQUIRE(l.granted() == l.spent() + balances); // to the micro-unit
  }
  void play(std::uint64_t periods) {
    for (std::uint64_t i = 1; i <= periods; ++i)
      period(i);
  }
  [[nodiscard]] double spent_share(std::uint64_t goal) const {
    return 1 - static_cast<double>(subspace.accounts().balance(goal_id{goal})) / static_cast<double>(budgets[goal]);
  }
};

} // namespace

TEST_CASE("a priced budget lasts its horizon, and is used", "[market]") {
  // Goal Buddy 0 could spend its budget in a fifth of the horizon; the others have plenty.
  market_world w{slot_sale::priced, {250'000, 50'000'000, 50'000'000, 50'000'000}};
  w.play(horizon / 2);
  CHECK(w.spent_share(0) > 0.3);
  CHECK(w.spent_share(0) < 0.7);
  w.play(horizon / 2);
  CHECK(w.spent_share(0) > 0.85);
}

TEST_CASE("where slots aren't sold nothing is charged", "[market]") {
  market_world w{slot_sale::value, {250'000, 250'000}};
  w.play(20);
  CHECK(w.subspace.accounts().spent() == 0);
}

TEST_CASE("who can't pay a slot isn't shown, and owes nothing", "[market]") {
  market_world w{slot_sale::priced, {1'500, 50'000'000}};
  w.play(horizon);
  CHECK(w.subspace.accounts().balance(goal_id{0}) < 1'000);
  const auto shown = w.shown[0];
  w.play(10);
  CHECK(w.shown[0] == shown);
}

TEST_CASE("paced bids spend what each has, in proportion", "[market]") {
  market_world w{slot_sale::pace, {300'000, 600'000, 1'200'000}};
  w.play(horizon);
  for (std::uint64_t goal = 0; goal < 3; ++goal) {
    INFO(goal);
    CHECK(w.spent_share(goal) > 0.8);
  }
  CHECK(w.shown[0] < w.shown[1]);
  CHECK(w.shown[1] < w.shown[2]);
}

TEST_CASE("an owner has at most its quota of Goal Buddies", "[subspace]") {
  subspace_mind s{{.id = subspace_id{0}, .coordinates = {0, 2}, .goals_per_owner = 2}};
  REQUIRE(s.join({goal_id{1}, owner_id{7}, 10}));
  REQUIRE(s.join({goal_id{2}, owner_id{7}, 10}));
  CHECK(s.join({goal_id{3}, owner_id{7}, 10}).code() == errc::cap_owner);
  CHECK(s.accounts().granted() == 20);
  REQUIRE(s.join({goal_id{3}, owner_id{8}, 10}));
  REQUIRE(s.forget(goal_id{2}));
  CHECK(s.join({goal_id{4}, owner_id{7}, 10}));
}

TEST_CASE("what was shown is paid for, also when it was moved or withdrawn before the period's end", "[market]") {
  subspace_mind s{{.id = subspace_id{0}, .coordinates = {0, 2}, .price_micros = 0, .distance_price_micros = 0,
                   .slot_price_micros = 100, .sale = slot_sale::priced, .horizon = horizon}};
  std::vector<creation_id> shown;
  for (std::uint64_t i = 1; i <= 2; ++i) {
    REQUIRE(s.join({goal_id{i}, owner_id{i}, 10'000}));
    shown.push_back(s.offer({.goal = goal_id{i}, .key = 1, .content = i, .e = {{1, 0}}, .grounded = {{1, 0}}}).creation);
  }
  s.publish();
  REQUIRE(s.withdraw({.goal = goal_id{1}, .creation = shown[0]}).code == errc::ok);
  REQUIRE(s.offer({.goal = goal_id{2}, .key = 2, .replaces = shown[1], .content = 2, .e = {{0, 1}}, .grounded = {{1, 0}}}).code ==
          errc::ok);
  s.publish();
  attention_report a{.period = 1, .rounds = 7, .stated = {}, .slate = {}, .exposures = {{shown[0], 7, {}}, {shown[1], 3, {}}}};
  REQUIRE(s.sell(s.merge(1, {a})));
  CHECK(s.accounts().balance(goal_id{1}) == 10'000 - 700);
  CHECK(s.accounts().balance(goal_id{2}) == 10'000 - 300);
  a.period = 2; // a slate that was under way when the period closed
  a.exposures = {{shown[0], 1, {}}};
  REQUIRE(s.sell(s.merge(2, {a})));
  CHECK(s.accounts().balance(goal_id{1}) == 10'000 - 800);
}
