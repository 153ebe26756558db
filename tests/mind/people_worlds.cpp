// The default learner in small editions of the worlds of "People as they are": cheap, with wide margins.
#include "bench/people/play.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

using namespace people_bench;

namespace {

double mean_regret(const world& w, std::uint32_t period = 8) {
  const auto s = make_people(w, 11, 8);
  const auto r = play(s, 8, period, [](const auto& p, std::size_t who) { return make_default(p, who, {}); });
  return std::accumulate(r.regret.begin(), r.regret.end(), 0.0) / 8;
}

world listed(std::string_view name, std::uint32_t rounds = 0) {
  const auto all = listed_worlds();
  world w = *std::ranges::find(all, name, &world::name);
  w.creations = 200;
  w.rounds = rounds > 0 ? rounds : w.rounds;
  return w;
}

} // namespace

TEST_CASE("an offset of all rewards costs nothing") {
  world w = listed("offset0", 400);
  const double plain = mean_regret(w);
  CHECK(plain < 100); // at random: more than 1,000
  for (double offset : {-0.6, 3.0, -40.0}) {
    w.offset = offset;
    CHECK(mean_regret(w) < 1.4 * plain + 10);
  }
}

TEST_CASE("somebody alone learns, too") { CHECK(mean_regret(listed("offset-0.6", 400), 0) < 120); }

TEST_CASE("noise is learned: a quiet person costs little") { CHECK(mean_regret(listed("quiet", 400)) < 20); }

TEST_CASE("a jump of taste is noticed") {
  world w = listed("drift-jumps", 600);
  w.pieces = 2;
  CHECK(mean_regret(w) < 250);
}

TEST_CASE("after a quarter of dislike everybody comes back within 60 rounds") {
  const auto s = make_people(listed("heart", 600), 11, 8);
  const auto r = play(s, 8, 8, [](const auto& p, std::size_t who) { return make_default(p, who, {}); });
  CHECK(*std::ranges::max_element(r.back) < 60);
}

TEST_CASE("situations are told apart where people differ by them, and only there") {
  CHECK(mean_regret(listed("dayparts-0", 600)) < 300);
  CHECK(mean_regret(listed("dayparts-same", 600)) < 120);
}
