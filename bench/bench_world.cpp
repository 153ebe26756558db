/// What a round costs the minds of the world: MetaSpace's grant, AiPP's answer, and the best slates once a period.
/// 100,000 simulated people, 1,000 creations, d = 32, N = 5, unless an argument says otherwise.
#include "actors/aipp/aipp_mind.hpp"
#include "actors/metaspace/metaspace_mind.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <fstream>
#include <unistd.h>

using namespace ammo;

namespace {

constexpr std::uint32_t dim = 32, slots = 5, creations = 1'000;
constexpr std::uint64_t people = 100'000;

std::vector<float> unit(splitmix64& g) {
  std::vector<float> v(dim);
  double square = 0;
  for (auto& x : v) {
    x = static_cast<float>(uniform01(g) - 0.5);
    square += double{x} * x;
  }
  for (auto& x : v)
    x = static_cast<float>(x / std::sqrt(square));
  return v;
}

std::shared_ptr<const catalogue_version> next_period(catalogue& c) {
  splitmix64 g{7};
  if (c.live() == 0)
    for (std::uint64_t i = 0; i < creations; ++i)
      (void)c.add(goal_id{i}, owner_id{i % 100}, i, unit(g));
  else
    (void)c.move(goal_id{0}, c.publish()->info(0).id, unit(g));
  return c.publish();
}

slate_proposal proposal_of(std::uint64_t user, const catalogue_version& c, splitmix64& g) {
  slate_proposal p{.user = user_id{user}, .round = 1, .slots = slots, .candidates = {}};
  for (std::uint32_t i = 0; i < slots; ++i)
    p.candidates.push_back({c.info(static_cast<std::uint32_t>(g() % creations)).id, -static_cast<float>(i)});
  return p;
}

std::size_t resident() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Proposals of random users, so that a user's memory is as cold as in a deployment.
struct world {
  catalogue c{subspace_id{0}, {0, dim}};
  std::shared_ptr<const catalogue_version> period = next_period(c);
  std::vector<slate_proposal> proposals;
  world() {
    splitmix64 g{3};
    for (int i = 0; i < 1 << 14; ++i)
      proposals.push_back(proposal_of(g() % people, *period, g));
  }
};

aipp_mind crowd(feedback_model model) {
  splitmix64 g{5};
  aipp_mind m{{.space = *layout::make(dim, {{"coin", {0, dim}}}), .people = {.model = model}, .slots = slots}};
  for (std::uint64_t u = 0; u < people; ++u)
    (void)m.add(user_id{u}, person{unit(g), {}});
  return m;
}

void grant(benchmark::State& state) {
  world w;
  slate_caps caps;
  if (state.range(0))
    caps.per_goal = caps.per_owner = 2;
  metaspace_mind m({.caps = caps});
  m.see(w.period);
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(m.grant(w.proposals[i++ % w.proposals.size()]));
}
BENCHMARK(grant)->ArgName("caps")->Arg(0)->Arg(1);

/// The best slates are known already, as they are for all but the first round of a period.
void granted(benchmark::State& state) {
  world w;
  auto m = crowd(static_cast<feedback_model>(state.range(0)));
  metaspace_mind metaspace({});
  metaspace.see(w.period);
  m.see(w.period);
  m.begin({1, 1'000});
  std::vector<slate_granted> grants;
  for (const auto& p : w.proposals)
    m.granted(grants.emplace_back(metaspace.grant(p)));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(m.granted(grants[i++ % grants.size()]));
}
BENCHMARK(granted)->ArgName("model")->DenseRange(0, 2);

/// A new period's best slates, a person, with the bytes that a simulated person holds.
void best_slates(benchmark::State& state) {
  world w;
  auto before = resident();
  auto m = crowd(feedback_model::linear);
  for (auto _ : state) {
    m.see(next_period(w.c));
    for (std::uint64_t u = 0; u < people; u += 64)
      m.granted({.user = user_id{u}, .round = 1, .impressions = {}});
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(people) * state.iterations());
  state.counters["bytes_per_person"] = static_cast<double>(resident() - before) / people;
}
BENCHMARK(best_slates)->Unit(benchmark::kMillisecond)->Iterations(3);

} // namespace

BENCHMARK_MAIN();
