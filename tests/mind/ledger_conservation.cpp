#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "tests/mind/world.hpp"

#include <limits>
#include <map>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t authors = 6;

fixed_sum fixed(double x) {
  exact_sum s;
  s.add(x);
  return wire_of(s);
}

/// A subspace, Goal Buddies that create, crash and come back, and a second account of their money.
struct game {
  subspace_mind subspace;
  splitmix64 g;
  std::vector<goal_mind> minds;
  std::int64_t granted = 0, spent = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, creation_verdict> seen; // by goal and key

  game(std::uint64_t seed, subspace_config config) : subspace(config), g(seed) {
    for (std::size_t i = 0; i < authors; ++i) {
      const auto budget = static_cast<std::int64_t>(g() % 400'000);
      REQUIRE(subspace.join({goal_id{i}, owner_id{i}, budget}));
      granted += budget;
      minds.push_back(fresh(i));
    }
  }
  goal_mind fresh(std::size_t i) {
    return {{.policy = goal_policy::exploiter, .step = 0.5, .patience = 1}, goal_id{i}, owner_id{i}, i, random_vector(g, 2, 0.5)};
  }
  /// The Goal Buddy failed and starts again from nothing, as the Supervisor has it.
  void restart(std::size_t i) {
    minds[i] = fresh(i);
    const auto before = subspace.accounts().balance(goal_id{i});
    if (subspace.join({goal_id{i}, owner_id{i}, 300'000})) { // nothing of it was ever taken: it joins anew
      granted += 300'000 - before;
      std::erase_if(seen, [i](const auto& s) { return s.first.first == i; });
    }
    if (auto standing = subspace.standing_of(goal_id{i}))
      minds[i].told(*standing);
    minds[i].see(subspace.publish().snapshot);
  }
  creation_verdict deliver(const creation_offer& o) {
    const auto v = subspace.offer(o);
    const auto [first, unheard] = seen.try_emplace({raw(o.goal), o.key}, v);
    if (unheard)
      spent += v.cost_micros; // a key is charged the first time, and never again
    if (v.code != errc::ok)
      CHECK(v.cost_micros == 0);
    return v;
  }
  void balanced() {
    const auto& l = subspace.accounts();
    std::int64_t balances = 0;
    for (std::size_t i = 0; i < authors; ++i) {
      CHECK(l.balance(goal_id{i}) >= 0);
      balances += l.balance(goal_id{i});
    }
    CHECK(l.granted() == granted);
    CHECK(l.spent() == spent);
    CHECK(l.reserved() == 0);
    CHECK(l.granted() == l.spent() + balances);
  }
};

} // namespace

TEST_CASE("money is conserved to the micro-unit whatever is created, refused, lost on its way, or crashes", "[ledger][subspace]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    game t(seed, {.id = subspace_id{0}, .coordinates = {0, 2}, .capacity = 5, .price_micros = 7'001,
                  .distance_price_micros = 99'991, .income_micros = 13});
    std::uint64_t period = 0;
    for (int step = 0; step < 120; ++step) {
      const auto i = static_cast<std::size_t>(t.g() % authors);
      auto& mind = t.minds[i];
      switch (t.g() % 6) {
        case 0: t.restart(i); [[fallthrough]];
        case 1:
          if (mind.creation() == no_creation)
            mind.told(t.deliver(mind.first()));
          break;
        case 2: // offers, twice, and crashes before the verdict
          if (mind.creation() == no_creation) {
            const auto o = mind.first();
            CHECK(t.deliver(o) == t.deliver(o));
            t.restart(i);
          }
          break;
        default: {
          regret_feedback f{.subspace = subspace_id{0}, .period = ++period, .rounds = 10, .demand = {random_vector(t.g, 2)}, .exposures = {}};
          if (mind.creation() != no_creation) {
            const double e = static_cast<double>(t.g() % 4'000'000'000) / 4'294'967'296.0 * 3 - 0.5;
            f.exposures = {{mind.creation(), 3, fixed(e)}};
          }
          (void)t.subspace.publish();
          const auto before = t.subspace.accounts().granted();
          CHECK(t.subspace.earn(f) == 0);
          (void)t.subspace.sell(f);
          const auto earned = t.subspace.accounts().granted() - before;
          CHECK(earned >= 0);
          t.granted += earned;
          for (const auto& x : f.exposures)
            CHECK(static_cast<double>(earned) <= 1 + 13 * std::max(0.0, sum_of(x.engagement).value()));
          auto answer = mind.hear(f);
          if (const auto* o = std::get_if<creation_offer>(&answer))
            mind.told(t.deliver(*o));
        }
      }
      t.balanced();
    }
  }
}

TEST_CASE("a Goal Buddy that comes back after many moves goes on where it was", "[goal][subspace]") {
  subspace_mind s({.id = subspace_id{0}, .coordinates = {0, 2}, .price_micros = 1, .distance_price_micros = 1});
  REQUIRE(s.join({goal_id{1}, owner_id{1}, 1'000'000}));
  const goal_config config{.policy = goal_policy::exploiter, .lambda = 0, .step = 0.1, .patience = 1};
  goal_mind mind{config, goal_id{1}, owner_id{1}, 9, {0.5f, 0}};
  std::uint64_t moves = 0, period = 0;
  const auto play = [&](goal_mind& m) {
    m.see(s.publish().snapshot);
    auto answer = m.hear({.subspace = subspace_id{0}, .period = ++period, .rounds = 10, .demand = {{0, 1}}, .exposures = {{m.creation(), period % 5, {}}}});
    if (const auto* o = std::get_if<creation_offer>(&answer)) {
      const auto v = s.offer(*o);
      REQUIRE(v.code == errc::ok);
      CHECK_FALSE(m.told(v));
      ++moves;
    }
  };
  CHECK_FALSE(mind.told(s.offer(mind.first())));
  while (moves < 2 * subspace_mind::remembered)
    play(mind);
  const auto spent = s.accounts().spent();

  goal_mind back{config, goal_id{1}, owner_id{1}, 9, {0.5f, 0}};
  CHECK(s.join({goal_id{1}, owner_id{1}, 1'000'000}).code() == errc::duplicate_goal);
  const auto standing = s.standing_of(goal_id{1});
  REQUIRE(standing);
  CHECK(back.told(*standing));
  CHECK(back.creation() == mind.creation());
  CHECK(back.balance_micros() == s.accounts().balance(goal_id{1}));
  CHECK(s.accounts().spent() == spent);
  back.see(s.publish().snapshot);
  CHECK(back.e() == mind.e());
  for (moves = 0; moves < 3;)
    play(back);
  CHECK(s.accounts().spent() > spent);
  CHECK(s.live() == 1);

  CHECK(s.withdraw({goal_id{1}, back.creation()}).code == errc::ok);
  CHECK_FALSE(s.standing_of(goal_id{1}));
  CHECK_FALSE(s.standing_of(goal_id{2}));
}

TEST_CASE("engagement earns exactly, with what is left over kept", "[ledger]") {
  earnings e;
  std::int64_t sum = 0;
  exact_sum third;
  third.add(1.0 / 3);
  for (int i = 0; i < 3'000'000 / 1'000; ++i)
    sum += e.of(third, 1).value();
  // 3,000 times what the sum holds of a third: 1,431,655,765 / 2^32
  CHECK(sum == static_cast<std::int64_t>(3'000ull * 1'431'655'765ull >> 32));
  exact_sum none;
  none.add(-5);
  CHECK(earnings{}.of(none, 100).value() == 0);
  exact_sum much;
  much.add(4e9);
  CHECK(earnings{}.of(much, 2).value() == 8'000'000'000);
  CHECK(earnings{}.of(much, most).code() == errc::budget_overflow);
}

TEST_CASE("budgets at the edges of 64 bits are refused by name, and nothing moves", "[ledger][subspace]") {
  subspace_mind s({.id = subspace_id{0}, .coordinates = {0, 2}, .price_micros = most, .income_micros = most});
  REQUIRE(s.join({goal_id{1}, owner_id{1}, most}));
  CHECK(s.join({goal_id{2}, owner_id{2}, 1}).code() == errc::budget_overflow);
  CHECK(s.join({goal_id{3}, owner_id{3}, -1}).code() == errc::budget_negative);
  CHECK(s.join({goal_id{3}, owner_id{3}, std::numeric_limits<std::int64_t>::min()}).code() == errc::budget_negative);
  const auto far = s.offer({.goal = goal_id{1}, .key = 1, .e = {{1, 0}}, .grounded = {{0, 0}}});
  CHECK(far.code == errc::budget_overflow); // the price and a distance's on top
  CHECK(far.balance_micros == most);
  const auto near = s.offer({.goal = goal_id{1}, .key = 2, .e = {{1, 0}}, .grounded = {{1, 0}}});
  CHECK(near.code == errc::ok);
  CHECK(near.balance_micros == 0);
  (void)s.publish();
  const regret_feedback f{.subspace = subspace_id{0}, .period = 1, .rounds = 1, .demand = {}, .exposures = {{near.creation, 1, fixed(1)}}};
  CHECK(s.earn(f) == 1); // the sum of all grants would leave 64 bits
  CHECK(s.accounts().granted() == most);
  CHECK(s.accounts().balance(goal_id{1}) == 0);
}
