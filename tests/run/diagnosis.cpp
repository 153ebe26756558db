/// What a simulation says of the market and of the game among policies.
#include "ammo/simulation.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <numeric>

using namespace ammo;
using namespace ammo::testing;

namespace {

options small() {
  auto o = real_game("coin", 12, 40);
  o.simulation.rounds_per_epoch = 10;
  o.simulation.baselines = false;
  o.threads = 2;
  return o;
}

} // namespace

TEST_CASE("a period's market adds up to the game", "[diagnosis]") {
  auto o = small();
  o.goal.policy = "static";
  const auto r = played(o);
  REQUIRE(r.main.market.size() == 4);
  double visible = 0;
  for (const auto& m : r.main.market) {
    CHECK((m.gini > 0 && m.gini < 1));
    CHECK((m.top_share >= 0.1 && m.top_share <= 1));
    CHECK(m.user_welfare > 0);
    visible += m.creator_welfare / 4; // nobody moves, so there is no cost
  }
  const auto slates = static_cast<double>(r.users * r.rounds);
  CHECK(visible == Approx(static_cast<double>(r.slots_granted) / slates / static_cast<double>(r.goals)));
  // What people gained and what they missed is what the best slates are worth: the same for all who play this game.
  auto greedy = o;
  greedy.user.policy = "greedy";
  greedy.simulation.noise = o.simulation.noise = 0;
  const auto worth = [](const report& x) {
    double gained = 0;
    for (const auto& m : x.main.market)
      gained += 10 * m.user_welfare;
    return gained + x.main.slate;
  };
  CHECK(worth(played(greedy)) == Approx(worth(played(o))).epsilon(1e-5));
}

TEST_CASE("moving away from the facts costs a Goal Buddy what it is said to", "[diagnosis]") {
  auto o = small();
  o.subspaces.front().crowd = 0; // so few people are no crowd
  o.goal.policy = "exploiter";
  o.goal.share = 1;
  o.goal.patience = 1;
  const auto at_a_cost_of = [&](double lambda) {
    o.goal.lambda = lambda;
    return played(o).main.market;
  };
  CHECK(at_a_cost_of(0).at(1).creator_welfare > at_a_cost_of(1).at(1).creator_welfare); // the first move is the same
}

TEST_CASE("the game among policies is measured, and judged by its own payoffs", "[.science][diagnosis]") {
  auto o = small();
  o.simulation.users = 6;
  o.simulation.rounds = 10;
  o.simulation.diagnose = true;
  o.simulation.diagnose_rounds = 10;
  o.simulation.rounds_per_epoch = 5;
  const auto r = played(o);
  REQUIRE(r.diagnosed);
  const auto& d = *r.diagnosed;
  CHECK(d.user_policies == std::vector<std::string>{"sampled_ucb", "thompson", "c2ucb", "greedy"});
  CHECK(d.goal_policies == std::vector<std::string>{"exploiter", "static", "explorer", "adaptive"});
  CHECK((d.movers == 200 && d.rounds == 10));
  const std::size_t profiles = 4 * 4 * 4;
  REQUIRE(d.payoffs.size() == 3 * profiles);
  CHECK(std::accumulate(d.alpha_rank.begin(), d.alpha_rank.end(), 0.0) == Approx(1));
  const auto number = [](const diagnosis::profile& p) { return (p.user * 4 + p.first) * 4 + p.second; };
  for (std::size_t k = 0; k < profiles; ++k)
    CHECK(number(d.at(k)) == k);
  double gains = 0;
  for (std::size_t player = 0; player < 3; ++player) {
    CHECK(d.standings[player].payoff == d.payoffs[player * profiles]);
    double best = 0;
    for (std::size_t choice = 0; choice < 4; ++choice) {
      diagnosis::profile p;
      (player == 0 ? p.user : player == 1 ? p.first : p.second) = choice;
      best = std::max(best, d.payoffs[player * profiles + number(p)] - d.payoffs[player * profiles]);
    }
    CHECK(d.standings[player].gain == best);
    gains += best;
  }
  CHECK(d.nash_conv == Approx(gains));
  REQUIRE_FALSE(d.answers.empty());
  CHECK(d.settled == (d.answers.size() == 1));

  const auto j = nlohmann::json::parse(r.to_json());
  CHECK(j.at("diagnosis").at("profiles").size() == profiles);
  CHECK(j.at("games").at(0).at("market").at("gini").size() == r.main.market.size());
  CHECK_THAT(r.to_text(), Catch::Matchers::Contains("NashConv"));
  CHECK_THAT(r.to_html(), Catch::Matchers::Contains("α-Rank"));
  o.threads = 1;
  CHECK(played(o).diagnosed->payoffs == d.payoffs);
}

TEST_CASE("backward rewards are played through the runtime, the same with one thread or two and through the wire", "[simulation]") {
  auto o = small();
  o.goal.policy = "exploiter";
  o.goal.share = 0.3;
  o.goal.patience = 1;
  o.goal.reward = "backward";
  const auto two = played(o);
  o.threads = 1;
  o.wire_check = true;
  const auto one = played(o);
  CHECK(one.main.slate_by_round == two.main.slate_by_round);
  CHECK(one.main.market == two.main.market);
  o.goal.reward = "exposure";
  CHECK(played(o).main.slate_by_round != two.main.slate_by_round);
  for (const auto& m : two.main.market)
    CHECK(m.creator_welfare < 5.0 / static_cast<double>(two.goals)); // a merit is less than a slot
}
