/// A stated interest reaches the Goal Buddies that could create for it.
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/subspace/subspace_mind.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <variant>

using namespace ammo;

TEST_CASE("the Goal Buddies of the best matching creations hear of an interest", "[subspace][interest]") {
  subspace_mind s{{.id = subspace_id{0}, .coordinates = {0, 2}}};
  const std::vector<std::vector<float>> facts{{1, 0}, {0.8f, 0.6f}, {0, 1}, {-1, 0}};
  for (std::uint64_t goal = 0; goal < facts.size(); ++goal) {
    REQUIRE(s.join({goal_id{goal}, owner_id{goal}, 1'000'000}));
    REQUIRE(s.offer({.goal = goal_id{goal}, .key = 1, .content = goal, .e = {facts[goal]}, .grounded = {facts[goal]}}).code ==
            errc::ok);
  }
  const float v[2] = {2, 0};
  CHECK(s.matching(v, 8)->empty()); // nothing is published
  (void)s.publish();
  CHECK(*s.matching(v, 8) == std::vector{goal_id{0}, goal_id{1}}); // no match: at a right angle, or opposite
  CHECK(*s.matching(v, 1) == std::vector{goal_id{0}});
  CHECK(s.matching(std::span(v).first(1), 8).code() == errc::wrong_dimension);
  const float nan[2] = {std::numeric_limits<float>::quiet_NaN(), 0};
  CHECK(s.matching(nan, 8).code() == errc::not_finite);
}

TEST_CASE("a climbing Goal Buddy's next step leans towards what somebody is interested in", "[goal][interest]") {
  const auto step = [](const std::vector<std::vector<float>>& interests) {
    goal_mind m({.policy = goal_policy::exploiter, .lambda = 0.1, .step = 0.2, .patience = 1}, goal_id{1}, owner_id{1}, 9, {0.5f, 0});
    const auto first = m.first();
    m.told({{}, {creation_id{5}, 10, 10'000}, goal_id{1}, first.key});
    for (const auto& v : interests)
      m.hear(interest_notice{subspace_id{0}, {v}});
    const auto move = m.hear(regret_feedback{.subspace = subspace_id{0}, .period = 1, .rounds = 100, .demand = {{1, 0}},
                                                  .exposures = {}});
    return std::get<creation_offer>(move).e.values;
  };
  CHECK(step({})[1] == Approx(0).margin(1e-6));
  CHECK(step({{0, 3}})[1] == Approx(0.2 / std::sqrt(2)).epsilon(1e-4));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(step({{nan, 1}, {0, 0}, {1}}) == step({}));
}
