/// What every policy of a Goal Buddy promises, whatever it thinks is best.
#include "actors/space/ball.hpp"
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/space/catalogue.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <limits>
#include <stdexcept>

using namespace ammo;

namespace {

constexpr std::uint32_t dim = 6;
constexpr double cap = 1;
constexpr goal_id me{99};
const std::vector<float> facts{0.3f, 0.2f, 0, 0, -0.4f, 0.1f};

/// A host's policy that does as it is told by a function.
struct scripted final : goal_strategy {
  using script = std::function<std::optional<goal_move>(const goal_view&)>;
  explicit scripted(script s) : script_(std::move(s)) {}
  std::optional<goal_move> move(const goal_view& view) override { return script_(view); }
  script script_;
};

goal_strategy_maker playing(scripted::script s) {
  return [s](goal_id) { return std::make_unique<scripted>(s); };
}

/// Keeps the rules: wanders.
std::optional<goal_move> wander(const goal_view& view) {
  auto g = view.randomness();
  return goal_move{ball::along(view.e, ball::direction(g, view.e.size()), 0.2, view.config.norm_cap),
                   {view.grounded.begin(), view.grounded.end()}};
}

/// One Goal Buddy among 40 static ones and the accounts of its Subspace: a creation costs 10, and 1,000 for a unit of error.
struct one_goal {
  goal_config config;
  std::int64_t balance;
  catalogue creations{subspace_id{0}, {0, dim}};
  goal_mind mind;
  creation_id mine = no_creation;
  std::uint64_t period = 0, moves = 0;

  one_goal(goal_config c, std::int64_t money) : config(std::move(c)), balance(money), mind(config, me, owner_id{1}, 1, facts) {
    splitmix64 g{3};
    for (std::uint64_t i = 0; i < 40; ++i)
      REQUIRE(creations.add(goal_id{i}, owner_id{i}, i, ball::direction(g, dim)));
    take(mind.first());
  }

  /// As a Subspace does: refuses what can't be paid.
  void take(const creation_offer& o) {
    const auto cost = 10 + static_cast<std::int64_t>(std::ceil(500 * ball::squared_distance(o.e.values, facts)));
    REQUIRE(o.e.values.size() == dim);
    CHECK(ball::finite(o.e.values));
    CHECK(ball::norm(o.e.values) <= cap + 1e-4);
    CHECK(o.grounded.values == facts);
    CHECK(o.replaces == mine);
    CHECK(cost <= balance); // asks for no more than it has
    balance -= cost;
    mine = mine == no_creation ? *creations.add(me, owner_id{1}, 1, o.e.values) : *creations.move(me, mine, o.e.values);
    mind.told({{}, {mine, cost, balance}, me, o.key});
    ++moves;
  }

  /// Seen and liked more, the more its creation is like the first axis; so are the others.
  [[nodiscard]] regret_feedback heard() {
    const auto now = creations.publish();
    mind.see(now);
    regret_feedback f{.subspace = subspace_id{0}, .period = ++period, .rounds = 100, .demand = {{1, 0, 0, 0, 0, 0}}, .exposures = {}};
    std::vector<float> e(dim);
    for (std::uint32_t row = 0; row < now->rows(); ++row)
      if (const auto id = now->info(row).id; id != no_creation) {
        now->embedding(row, e);
        if (const double seen = 100.0 * e[0]; seen > 0) {
          exact_sum liked;
          liked.add(seen * e[0]);
          f.exposures.push_back({id, static_cast<std::uint64_t>(seen), wire_of(liked)});
        }
      }
    std::ranges::sort(f.exposures, {}, &exposure::creation);
    return f;
  }
  void play(int periods) {
    for (int i = 0; i < periods; ++i) {
      const auto answer = mind.hear(heard());
      CHECK(mind.refused() == errc::ok);
      if (const auto* o = std::get_if<creation_offer>(&answer))
        take(*o);
    }
  }
};

goal_config config_of(goal_policy policy, std::uint64_t seed = 1) {
  return {.policy = policy, .lambda = 0.5, .step = 0.2, .norm_cap = cap, .patience = 1, .seed = seed, .host = playing(wander)};
}

goal_policy any_policy() {
  return GENERATE(goal_policy::fixed, goal_policy::exploiter, goal_policy::explorer, goal_policy::adaptive, goal_policy::host);
}

} // namespace

TEST_CASE("every goal policy stays in the ball and within its budget", "[conform][goal]") {
  const auto policy = any_policy();
  INFO(name_of(policy));
  const std::int64_t money = GENERATE(10, 500, 1'000'000'000);
  one_goal w(config_of(policy), money);
  w.play(60);
  CHECK(w.balance >= 0);
  CHECK(w.mind.balance_micros() == w.balance);
  CHECK((w.moves > 1) == (policy != goal_policy::fixed && money > 10));
}

TEST_CASE("every goal policy passes while an offer is under way, and without a creation", "[conform][goal]") {
  const auto policy = any_policy();
  INFO(name_of(policy));
  one_goal w(config_of(policy), 1'000'000);
  for (int i = 0; i < 40; ++i)
    if (std::holds_alternative<creation_offer>(w.mind.hear(w.heard()))) {
      for (int j = 0; j < 5; ++j) {
        const auto f = w.heard();
        CHECK(std::get<creation_pass>(w.mind.hear(f)) == creation_pass{me, f.period});
      }
      break;
    }
  goal_mind newcomer(w.config, me, owner_id{1}, 1, facts);
  for (int i = 0; i < 5; ++i)
    CHECK(std::holds_alternative<creation_pass>(newcomer.hear(w.heard())));
}

TEST_CASE("every goal policy stays where it is when its offers are refused, and goes on", "[conform][goal]") {
  const auto policy = any_policy();
  INFO(name_of(policy));
  one_goal w(config_of(policy), 1'000'000);
  std::uint64_t offers = 0;
  for (int i = 0; i < 40; ++i) {
    const auto answer = w.mind.hear(w.heard());
    if (const auto* o = std::get_if<creation_offer>(&answer)) {
      ++offers;
      w.mind.told({{0, errc::catalogue_full}, {no_creation, 0, w.balance}, me, o->key});
    }
    CHECK(w.mind.e() == facts);
  }
  CHECK((offers > 1) == (policy != goal_policy::fixed));
}

TEST_CASE("every goal policy does the same for the same seed", "[conform][goal]") {
  const auto policy = any_policy();
  INFO(name_of(policy));
  one_goal a(config_of(policy), 1'000'000), b(config_of(policy), 1'000'000);
  for (int i = 0; i < 40; ++i) {
    a.play(1);
    b.play(1);
    CHECK(a.mind.e() == b.mind.e());
  }
}

TEST_CASE("every goal policy survives hostile broadcasts", "[conform][goal]") {
  const auto policy = any_policy();
  INFO(name_of(policy));
  one_goal w(config_of(policy), 1'000'000);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 60; ++i) {
    auto f = w.heard();
    switch (i % 7) {
    case 0: f.demand.values.assign(dim, nan); break;
    case 1: f.demand.values = {inf, 1, 1}; break;
    case 2: f.demand.values.clear(); break;
    case 3: f.exposures = {{creation_id{12345678901234}, 50, {}}, {no_creation, most, {}}}; break; // of nobody here
    case 4: f.rounds = 0; break;
    case 5:
      for (auto& x : f.exposures)
        x = {x.creation, most, {std::numeric_limits<std::int64_t>::min(), 0}};
      break;
    default: std::ranges::reverse(f.exposures); break; // not ascending, as they should be
    }
    const auto answer = w.mind.hear(f);
    CHECK(w.mind.refused() == errc::ok);
    if (const auto* o = std::get_if<creation_offer>(&answer))
      w.take(*o);
  }
  catalogue narrow(subspace_id{0}, {0, 2});
  REQUIRE(narrow.add(goal_id{1}, owner_id{1}, 1, std::vector<float>{1, 0}));
  for (int i = 0; i < 100; ++i)
    (void)narrow.publish();
  w.mind.see(narrow.publish()); // another width than its own
  w.mind.see(nullptr);
  w.play(20);
}

TEST_CASE("a host's goal policy that wants what can't be is refused by name", "[conform][goal]") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> short_one{1, 0}, far(dim, 10.0f), not_a_number(dim, nan);
  const auto [script, code] = GENERATE_COPY(
    std::pair{scripted::script([](const goal_view&) -> std::optional<goal_move> { throw std::runtime_error("no"); }),
              errc::policy_failed},
    std::pair{scripted::script([=](const goal_view&) { return goal_move{short_one, facts}; }), errc::wrong_dimension},
    std::pair{scripted::script([=](const goal_view&) { return goal_move{facts, {}}; }), errc::wrong_dimension},
    std::pair{scripted::script([=](const goal_view&) { return goal_move{not_a_number, facts}; }), errc::not_finite},
    std::pair{scripted::script([=](const goal_view&) { return goal_move{facts, far}; }), errc::norm_over_cap});
  one_goal w({.policy = goal_policy::host, .patience = 1, .host = playing(script)}, 1'000'000);
  for (int i = 0; i < 5; ++i) {
    CHECK(std::holds_alternative<creation_pass>(w.mind.hear(w.heard())));
    CHECK(w.mind.refused() == code);
    CHECK(w.mind.refused() == errc::ok); // read once
    CHECK(w.mind.e() == facts);
  }
}

TEST_CASE("a host that makes no goal policy has a static Goal Buddy", "[conform][goal]") {
  const goal_strategy_maker maker = GENERATE(
    goal_strategy_maker{}, goal_strategy_maker([](goal_id) { return std::unique_ptr<goal_strategy>(); }),
    goal_strategy_maker([](goal_id) -> std::unique_ptr<goal_strategy> { throw std::runtime_error("no"); }));
  one_goal w({.policy = goal_policy::host, .patience = 1, .host = maker}, 1'000'000);
  w.play(10);
  CHECK(w.moves == 1);
}
