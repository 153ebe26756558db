/// When an adaptive Goal Buddy goes where others are seen, what it makes of what it gets there, and when it stays.
#include "actors/goal_buddy/adaptive.hpp"

#include "actors/protocol/fixed_sums.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/catalogue.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

namespace {

using vec = std::vector<float>;

/// A Goal Buddy whose facts are on the second axis. One of 40 others is on the first axis, and 400 of 1,000 slates show it.
struct game {
  catalogue creations{subspace_id{0}, {0, 3}, 1.0f};
  std::vector<creation_id> others;
  creation_id mine;
  goal_config config{.policy = goal_policy::adaptive, .lambda = 0.1};
  adaptive policy;
  vec facts{0, 1, 0}, e = facts;
  std::uint64_t asked = 0;
  double shown_there = 0.4; ///< share of slates that show its creation next to the visible one

  game() {
    mine = *creations.add(goal_id{0}, owner_id{0}, 0, facts);
    for (std::uint64_t i = 1; i <= 40; ++i)
      others.push_back(*creations.add(goal_id{i}, owner_id{i}, i, i == 1 ? vec{1, 0, 0} : vec{0, 0, 1}));
  }

  /// One turn; true where it moves.
  bool turn(bool others_move = false) {
    if (others_move)
      for (std::size_t i = 1; i < others.size(); ++i)
        others[i] = *creations.move(goal_id{i + 1}, others[i], vec{0, 0, 1});
    const auto live = creations.publish();
    exact_sum liked;
    liked.add(320);
    const regret_feedback heard{.rounds = 1'000,
                                .demand = {{0.8f, 0, 0}},
                                .exposures = {{others[0], 400, wire_of(liked), {}}},
                                .group = {}};
    const double visibility = shown_there * std::max(0.0, double{e[0]});
    const goal_view view{.config = config,
                         .goal = goal_id{0},
                         .grounded = facts,
                         .e = e,
                         .creation = mine,
                         .utility = visibility - config.lambda * ball::half_squared_distance(e, facts),
                         .asked = asked++,
                         .heard = heard,
                         .interests = {},
                         .creations = live.get()};
    const auto to = policy.move(view);
    if (!to)
      return false;
    e = to->to;
    mine = *creations.move(goal_id{0}, mine, e);
    return true;
  }
  [[nodiscard]] std::size_t moves(int turns, bool others_move = false) {
    std::size_t n = 0;
    for (int i = 0; i < turns; ++i)
      n += turn(others_move);
    return n;
  }
};

} // namespace

TEST_CASE("an adaptive Goal Buddy goes where others are seen, and stays where that pays", "[goal][adaptive]") {
  game g;
  CHECK(g.moves(20) >= 1);
  CHECK(g.e[0] > 0.5f);
  CHECK(ball::norm(g.e) == Approx(1).epsilon(1e-4));
}

TEST_CASE("it goes back from where it isn't seen, and soon believes no promise", "[goal][adaptive]") {
  game g;
  g.config.curiosity = 0;
  g.shown_there = 0;
  (void)g.moves(20);
  CHECK(g.e == g.facts);
  CHECK(g.moves(40) == 0);
}

TEST_CASE("it goes back when others have come and what it measures has fallen", "[goal][adaptive]") {
  game g;
  (void)g.moves(20);
  REQUIRE(g.e != g.facts);
  g.shown_there = 0;
  (void)g.moves(30);
  CHECK(g.e == g.facts);
}

TEST_CASE("it stays where a promise isn't worth its cost", "[goal][adaptive]") {
  game g;
  g.config.lambda = 1;
  CHECK(g.moves(40) == 0);
}

TEST_CASE("where all others move it tries more seldom", "[goal][adaptive]") {
  std::size_t alone = 0, among = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const bool others_move : {false, true}) {
      game g;
      g.config.seed = seed;
      g.shown_there = 0;
      (others_move ? among : alone) += g.moves(6, others_move) > 0;
    }
  CAPTURE(alone, among);
  CHECK(alone >= 16);
  CHECK(among <= alone);
}
