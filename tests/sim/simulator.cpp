/// Whole clusters under faults: nothing that was promised is broken, whatever the seed.
#include "tests/sim/run.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

using namespace ammo;
using namespace ammo::sim;

namespace {

void play_seeds(std::uint64_t first, std::uint64_t count) {
  std::vector<milliseconds> whole, healed;
  std::uint64_t events = 0, calls = 0, answered = 0, moves = 0, fences = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const outcome o = play(scenario_of(seed));
    if (o.failed)
      FAIL(report_on(seed));
    whole.push_back(o.whole);
    healed.push_back(o.healed);
    events += o.events;
    calls += o.calls;
    answered += o.answered;
    moves += o.moves;
    fences += o.fences;
  }
  std::ranges::sort(whole);
  std::ranges::sort(healed);
  std::cout << count << " seeds: " << events << " events, " << calls << " calls, " << answered << " answered, " << moves << " planned moves, " << fences
            << " fences. In peace all units were served within " << whole[whole.size() / 2].count() << " ms (median), " << whole[whole.size() * 99 / 100].count()
            << " ms (99 %), " << whole.back().count() << " ms (all), and were where they should be within " << healed[healed.size() / 2].count() << ", "
            << healed[healed.size() * 99 / 100].count() << " and " << healed.back().count() << " ms\n";
  CHECK(whole.back() <= milliseconds{5'000});
  CHECK(answered * 10 > calls * 8);
  CHECK((moves > count && fences > count / 4)); // it is no peaceful world
}

} // namespace

TEST_CASE("clusters keep their promises under faults", "[sim]") { play_seeds(1, AMMO_SIMULATED_SEEDS); }

TEST_CASE("many more clusters keep their promises under faults", "[sim][.science][soak]") {
  const char* wanted = std::getenv("AMMO_SEEDS");
  play_seeds(1'001, wanted ? std::strtoull(wanted, nullptr, 10) : 10'000);
}

TEST_CASE("a node that leaves in peace fails no call and holds none up for long", "[sim]") {
  milliseconds slowest{};
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    auto s = scenario_of(seed);
    s.starts.assign(s.starts.size(), {});
    s.faults = {{fault::kind::leave, milliseconds{8'000}, milliseconds{1'000}, static_cast<std::uint32_t>(seed % s.starts.size()), 0}};
    const auto o = play(s);
    INFO("seed " << seed << ", " << text_of(s));
    CHECK_FALSE(o.failed);
    CHECK(o.moves > 0);
    CHECK(o.unanswered == 0);
    slowest = std::max(slowest, o.slowest);
  }
  CHECK(slowest <= milliseconds{250});
  std::cout << "while a node leaves and comes back the slowest call takes " << slowest.count() << " ms\n";
}

TEST_CASE("a seed plays the same every time", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto once = play(scenario_of(seed)), again = play(scenario_of(seed));
    CHECK(once.trace == again.trace);
    CHECK(once.events == again.events);
  }
}

TEST_CASE("one seed is played again and made small", "[sim][.replay]") {
  if (const char* seed = std::getenv("AMMO_SEED"))
    std::cout << report_on(std::strtoull(seed, nullptr, 10)) << '\n';
}
