/// NashConv, α-Rank and best-response cycles of games whose answers are published or known in closed form.
#include "actors/diagnosis/alpha_rank.hpp"
#include "actors/diagnosis/normal_form.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <numeric>

using namespace ammo;

namespace {

/// A game of two from the payoffs of each, rows × columns.
template <std::size_t R, std::size_t C>
normal_form bimatrix(const double (&row)[R][C], const double (&column)[R][C]) {
  return normal_form::tabulate({R, C}, [&](std::size_t p, const pure_profile& a) {
           return p == 0 ? row[a[0]][a[1]] : column[a[0]][a[1]];
         })
    .value();
}

normal_form biased_rps() {
  return bimatrix<3, 3>({{0, -.25, .5}, {.25, 0, -.05}, {-.5, .05, 0}}, {{0, .25, -.5}, {-.25, 0, .05}, {.5, -.05, 0}});
}
normal_form battle_of_the_sexes() { return bimatrix<2, 2>({{3, 0}, {0, 2}}, {{2, 0}, {0, 3}}); }
normal_form matching_pennies() { return bimatrix<2, 2>({{1, -1}, {-1, 1}}, {{-1, 1}, {1, -1}}); }

mixed_profile uniform(const normal_form& game) {
  mixed_profile mixed;
  for (const std::size_t n : game.actions())
    mixed.emplace_back(n, 1 / static_cast<double>(n));
  return mixed;
}

void check_even(const std::vector<double>& shares) {
  for (const double share : shares)
    CHECK(share == Approx(1 / static_cast<double>(shares.size())));
}

} // namespace

TEST_CASE("NashConv: 1/6 for uniform biased rock-paper-scissors, 0 in equilibrium", "[oracle][empirical_games]") {
  CHECK(nash_conv(biased_rps(), uniform(biased_rps())) == Approx(1 / 6.).epsilon(1e-14));
  CHECK(exploitability(biased_rps(), uniform(biased_rps())) == Approx(1 / 12.).epsilon(1e-14));
  const std::vector<double> x{1 / 16., 10 / 16., 5 / 16.};
  CHECK(std::abs(nash_conv(biased_rps(), {x, x})) <= 1e-15);
  CHECK(std::abs(biased_rps().value(0, {x, x})) <= 1e-15);
  CHECK(std::abs(nash_conv(battle_of_the_sexes(), {{.6, .4}, {.4, .6}})) <= 1e-15);
}

TEST_CASE("three players: NashConv is what each would gain, summed", "[oracle][empirical_games]") {
  // Who is alone in a choice of two gets 1.
  const auto minority = normal_form::tabulate({2, 2, 2}, [](std::size_t p, const pure_profile& a) {
                          return std::ranges::count(a, a[p]) == 1 ? 1.0 : 0.0;
                        }).value();
  CHECK(std::abs(nash_conv(minority, uniform(minority))) <= 1e-15);
  CHECK(nash_conv(minority, {{1, 0}, {1, 0}, {1, 0}}) == 3);
  CHECK(pure_equilibria(minority).size() == 6); // all but the two where everyone agrees
  for (std::size_t at = 0; at < minority.profiles(); ++at)
    CHECK(minority.number(minority.profile(at)) == at);
}

// google-deepmind/open_spiel, alpharank_test.py, after Han et al. 2013: the figures hold to 1e-4 there.
TEST_CASE("α-Rank of the published five strategies", "[oracle][alpha_rank]") {
  constexpr double r = 1, t = 2, p = 0, s = -1, delta = 4, eps = 0.25;
  const std::array<double, 25> payoffs{r - eps / 2, r - eps, 0, s + delta - eps, r - eps, // proposes commitments
                                       r,           r,       s, s,               s,       //
                                       0,           t,       p, p,               p,       //
                                       t - delta,   t,       p, p,               p,       //
                                       r,           t,       p, p,               p};
  const std::array<double, 5> published{0.40966787, 0.07959841, 0.20506998, 0.08505983, 0.2206039};
  const auto pi = alpha_rank(5, payoffs, {.alpha = 0.1, .population = 20}).value();
  for (std::size_t i = 0; i < 5; ++i) {
    INFO("strategy " << i << ": " << pi[i]);
    CHECK(std::abs(pi[i] - published[i]) <= 1e-7);
  }
}

TEST_CASE("α-Rank in closed form: rock-paper-scissors, two strategies, battle of the sexes", "[oracle][alpha_rank]") {
  const std::array<double, 9> rps{0, -1, 1, 1, 0, -1, -1, 1, 0};
  for (const bool local : {false, true})
    check_even(alpha_rank(3, rps, {.local_selection = local}).value());

  // Of two strategies the better is e^(u(m−1)) times as often found: the ratio of the chances to take over.
  const std::array<double, 4> better{0, 0.3, 0.1, 0};
  const auto two = alpha_rank(2, better, {.alpha = 2, .population = 10, .local_selection = true}).value();
  CHECK(two[0] / two[1] == Approx(std::exp(2 * 0.2 * 9)));

  const auto sexes = alpha_rank(battle_of_the_sexes()).value(); // the paper: half of the time at each equilibrium
  CHECK(sexes[0] == Approx(0.5));
  CHECK(sexes[3] == Approx(0.5));
  check_even(alpha_rank(matching_pennies()).value());
}

TEST_CASE("α-Rank stays a distribution where selection is as strong as it gets", "[oracle][alpha_rank]") {
  for (const double alpha : {0.0, 1.0, 1e3, 1e6}) {
    const auto pi = alpha_rank(biased_rps(), {.alpha = alpha}).value();
    CHECK(std::accumulate(pi.begin(), pi.end(), 0.0) == Approx(1));
    for (const double share : pi)
      CHECK((share >= 0 && share <= 1));
  }
  const auto dominated = alpha_rank(2, std::array<double, 4>{1, 1, 0, 0}, {.alpha = 1e6}).value();
  CHECK(dominated[0] == Approx(1));
}

TEST_CASE("best responses settle where they can, and a cycle is named", "[oracle][empirical_games]") {
  const auto settled = best_response_path(battle_of_the_sexes(), {0, 1});
  CHECK(settled.settled);
  CHECK(settled.cycle.empty());
  CHECK(settled.last == pure_profile{1, 1});
  CHECK(pure_equilibria(battle_of_the_sexes()) == std::vector<pure_profile>{{0, 0}, {1, 1}});

  const auto cycle = best_response_path(matching_pennies(), {0, 0});
  CHECK(!cycle.settled);
  CHECK(cycle.cycle == std::vector<pure_profile>{{0, 1}, {1, 1}, {1, 0}, {0, 0}});
  CHECK(pure_equilibria(matching_pennies()).empty());

  const auto cut_short = best_response_path(matching_pennies(), {0, 0}, 2);
  CHECK((!cut_short.settled && cut_short.cycle.empty() && cut_short.moves == 2));
}

TEST_CASE("a table that can't be is refused by name", "[oracle][empirical_games]") {
  const auto nothing = [](std::size_t, const pure_profile&) { return 0.0; };
  CHECK(normal_form::tabulate({}, nothing).code() == errc::wrong_dimension);
  CHECK(normal_form::tabulate({2, 0}, nothing).code() == errc::wrong_dimension);
  CHECK(normal_form::tabulate(std::vector<std::size_t>(64, 2), nothing).code() == errc::overloaded);
  CHECK(normal_form::tabulate({1}, [](std::size_t, const pure_profile&) { return std::nan(""); }).code() ==
        errc::not_finite);
  CHECK(alpha_rank(2, std::array<double, 3>{}).code() == errc::wrong_dimension);
  CHECK(alpha_rank(1, std::array{std::nan("")}).code() == errc::not_finite);
  CHECK(alpha_rank(1, std::array{0.0}, {.population = 1}).code() == errc::bad_value);
  CHECK(alpha_rank(matching_pennies(), {.alpha = -1}).code() == errc::bad_value);
  CHECK(alpha_rank(1, std::array{0.0}).value() == std::vector<double>{1});
}
