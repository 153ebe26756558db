/// What it costs to arbitrate one slate.
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/base/random.hpp"

#include <benchmark/benchmark.h>

using namespace ammo;

namespace {

/// Three subspaces with 200 creations each, 50 Goal Buddies of 20 owners a subspace.
struct world {
  std::vector<std::shared_ptr<const catalogue_version>> periods;
  slate_proposal p{.user = user_id{1}, .round = 1, .slots = 5, .candidates = {}};

  world() {
    splitmix64 g{1};
    for (std::uint16_t s = 0; s < 3; ++s) {
      catalogue c{subspace_id{s}, {s * 32u, 32}};
      std::vector<float> e(32);
      for (std::uint64_t i = 0; i < 200; ++i) {
        for (float& x : e)
          x = static_cast<float>(uniform01(g) - 0.5) / 4;
        (void)c.add(goal_id{i % 50}, owner_id{i % 20}, i, e);
      }
      periods.push_back(c.publish());
    }
    for (std::uint32_t i = 0; i < 50; ++i)
      p.candidates.push_back({periods[g() % 3]->info(static_cast<std::uint32_t>(g() % 200)).id, 1.0f - static_cast<float>(i) / 50});
  }
};

void arbitrate_a_slate(benchmark::State& state, const slate_caps& caps) {
  const world w;
  metaspace_mind m({.caps = caps});
  for (const auto& c : w.periods)
    m.see(c);
  for (auto _ : state)
    benchmark::DoNotOptimize(m.grant(w.p));
}

} // namespace

BENCHMARK_CAPTURE(arbitrate_a_slate, no_caps, slate_caps{});
BENCHMARK_CAPTURE(arbitrate_a_slate, all_caps, slate_caps{.per_goal = 1, .per_owner = 2, .per_subspace = {2, 2, 2}});
BENCHMARK_CAPTURE(arbitrate_a_slate, all_caps_and_floors,
                  slate_caps{.per_goal = 1, .per_owner = 2, .per_subspace = {3, 3, 3}, .floors = {1, 1, 1}});
BENCHMARK_MAIN();
