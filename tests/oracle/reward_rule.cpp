/// A creators' game that cycles under exposure and settles under backward rewards (arXiv 2306.07893).
#include "actors/slots/reward_rule.hpp"

#include "actors/diagnosis/normal_form.hpp"
#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <numeric>

using namespace ammo;

namespace {

using rule = std::function<std::vector<double>(std::span<const double>)>;
using tastes = std::vector<std::vector<double>>; // by user: the score of each topic

/// What creators earn who choose topics: their rewards, summed over users.
payoff_function creators_game(const tastes& users, const rule& rewards) {
  return [=](std::size_t creator, const pure_profile& topics) {
    double sum = 0;
    for (const auto& user : users) {
      std::vector<double> scores;
      for (const std::size_t topic : topics)
        scores.push_back(user[topic]);
      sum += rewards(scores)[creator];
    }
    return sum;
  };
}

rule exposure(std::size_t slots, double temperature) {
  return [=](std::span<const double> scores) { return exposure_rewards(scores, slots, temperature).value(); };
}
rule backward(std::vector<double> weights) {
  return [=](std::span<const double> scores) { return backward_rewards(scores, weights).value(); };
}

/// Condorcet's users: two of three prefer topic 0 to 1, two prefer 1 to 2, and two prefer 2 to 0.
const tastes condorcet{{.9, .6, .3}, {.3, .9, .6}, {.6, .3, .9}};

} // namespace

TEST_CASE("two creators circle under exposure and settle under backward rewards", "[oracle][reward_rule]") {
  const std::array<std::size_t, 2> topics{3, 3};
  const auto monotone = creators_game(condorcet, exposure(1, 0.05));
  const auto chosen = normal_form::tabulate({3, 3}, monotone).value();
  CHECK(pure_equilibria(chosen).empty());

  const auto backed = creators_game(condorcet, backward({1}));
  for (std::size_t start = 0; start < chosen.profiles(); ++start) {
    const auto circling = best_response_path(topics, monotone, chosen.profile(start));
    CHECK(!circling.settled);
    CHECK(circling.cycle.size() >= 3);
    const auto settling = best_response_path(topics, backed, chosen.profile(start));
    CHECK(settling.settled);
    CHECK(settling.cycle.empty());
    CHECK(settling.last[0] != settling.last[1]); // and they serve different users
  }
}

TEST_CASE("a softmax over two slots circles as well, with three creators", "[oracle][reward_rule]") {
  const std::array<std::size_t, 3> topics{3, 3, 3};
  const auto monotone = creators_game(condorcet, exposure(2, 0.05));
  const auto backed = creators_game(condorcet, backward({1, 1}));
  const auto game = normal_form::tabulate({3, 3, 3}, monotone).value();
  for (std::size_t start = 0; start < game.profiles(); ++start) {
    CHECK(!best_response_path(topics, monotone, game.profile(start)).cycle.empty());
    CHECK(best_response_path(topics, backed, game.profile(start)).settled);
  }
}

TEST_CASE("backward rewards have their potential, exactly, in random games", "[oracle][reward_rule]") {
  splitmix64 g(5);
  for (int game = 0; game < 200; ++game) {
    std::vector<double> scores(6), weights(4);
    for (double& s : scores)
      s = std::floor(8 * uniform01(g)) / 8; // with ties
    for (double& w : weights)
      w = uniform01(g);
    std::ranges::sort(weights, std::greater{});
    for (std::size_t i = 0; i < scores.size(); ++i) {
      auto moved = scores;
      moved[i] = uniform01(g);
      const double own = backward_rewards(moved, weights).value()[i] - backward_rewards(scores, weights).value()[i];
      const double all = backward_potential(moved, weights).value() - backward_potential(scores, weights).value();
      CHECK(own == Approx(all).margin(1e-12));
    }
  }
}

TEST_CASE("rewards of ranks by hand, in the order of the creations", "[oracle][reward_rule]") {
  const auto b = backward_rewards(std::array{.2, .8, .5}, std::array{1., .5}).value();
  CHECK(b[1] == Approx(1 * .3 + .5 * .3)); // best
  CHECK(b[2] == Approx(.5 * .3));
  CHECK(b[0] == 0); // third, of two that count
  const auto equal = backward_rewards(std::array{.5, .5}, std::array{1.}).value();
  CHECK(equal == std::vector<double>{0, 0}); // who adds nothing earns nothing

  const auto e = exposure_rewards(std::array{.2, .8, .5}, 2, 0.3).value();
  CHECK(e[0] == 0);
  CHECK(e[1] / e[2] == Approx(std::exp(1.)));
  CHECK(e[1] + e[2] == Approx(1));
  const auto tied = exposure_rewards(std::array{.4, .4, .4, .1}, 1, 0.01).value();
  CHECK(tied == std::vector<double>{1 / 3., 1 / 3., 1 / 3., 0});
  CHECK(exposure_rewards(std::array{.4, .1}, 9, 1e-4).value()[0] == Approx(1));
}

TEST_CASE("what can't be rewarded is refused by name", "[oracle][reward_rule]") {
  const std::array ok{.5, .1}, bad{.5, std::nan("")}, negative{.5, -.1}, rising{.1, .5};
  CHECK(exposure_rewards(bad, 1, 1).code() == errc::not_finite);
  CHECK(exposure_rewards(ok, 0, 1).code() == errc::no_slots);
  CHECK(exposure_rewards(ok, 1, 0).code() == errc::bad_value);
  CHECK(backward_rewards(bad, ok).code() == errc::not_finite);
  CHECK(backward_rewards(negative, ok).code() == errc::bad_value);
  CHECK(backward_rewards(ok, rising).code() == errc::bad_value);
  CHECK(backward_potential(ok, negative).code() == errc::bad_value);
  CHECK(backward_rewards({}, ok).value().empty());
  CHECK(exposure_rewards({}, 1, 1).value().empty());
}
