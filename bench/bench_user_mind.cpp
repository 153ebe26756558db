/// What a User Buddy's mind costs: time of each step, and memory of a mind with one slate outstanding.
#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>

#include <cmath>
#include <memory>
#include <vector>

namespace {

using namespace ammo;

constexpr std::uint32_t slots = 5, live = 1'000;

std::vector<float> unit_rows(std::size_t rows, std::size_t d) {
  splitmix64 g(7);
  std::vector<float> e(rows * d);
  standard_normal(g, e);
  for (float& x : e)
    x /= 1.2f * std::sqrt(static_cast<float>(d));
  return e;
}

std::shared_ptr<const user_config> config_of(std::uint32_t d) {
  user_config c;
  c.space = layout::make(d, {{"bench", {0, d}}}).value();
  c.exactly = true;
  return std::make_shared<const user_config>(std::move(c));
}

std::shared_ptr<const catalogue_version> catalogue_of(std::uint32_t d) {
  catalogue c(subspace_id{0}, {0, d}, 10.0f);
  const auto e = unit_rows(live, d);
  for (std::uint32_t i = 0; i < live; ++i)
    if (!c.add(goal_id{i}, owner_id{i}, i, std::span(e).subspan(std::size_t{i} * d, d)))
      std::abort();
  return c.publish();
}

reward reward_for(const slate_proposal& p) {
  reward r{p.user, p.round, {}};
  for (const candidate& c : p.candidates)
    r.entries.push_back({c.creation, 0.3f});
  return r;
}

void posterior_update(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  const auto m = static_cast<std::size_t>(state.range(1));
  ridge_posterior<float> p(d, 1);
  const auto e = unit_rows(64 * m, d);
  const std::vector<float> r(m, 0.3f);
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(p.observe(std::span(e).subspan(i++ % 64 * m * d, m * d), r));
}
BENCHMARK(posterior_update)->ArgNames({"d", "rank"})->ArgsProduct({{16, 32, 64, 96}, {1, 5}});

void posterior_sample(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  ridge_posterior<float> p(d, 1);
  std::vector<float> z(d);
  std::uint64_t round = 0;
  for (auto _ : state) {
    splitmix64 g = generator(1, stream::policy, 1, ++round);
    standard_normal(g, z);
    p.sample(z, 0.3f, z);
    benchmark::DoNotOptimize(z.data());
  }
}
BENCHMARK(posterior_sample)->ArgName("d")->Arg(16)->Arg(32)->Arg(64)->Arg(96);

void posterior_width(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  const ridge_posterior<float> p(d, 1);
  const auto e = unit_rows(1, d);
  for (auto _ : state)
    benchmark::DoNotOptimize(p.width(e));
}
BENCHMARK(posterior_width)->ArgName("d")->Arg(32);

void propose(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  user_mind mind(config_of(d), user_id{1});
  mind.see(catalogue_of(d));
  for (auto _ : state)
    benchmark::DoNotOptimize(mind.propose(occasion::round, 0, slots));
}
BENCHMARK(propose)->ArgName("d")->Arg(32)->Arg(64);

/// Proposal and learning of one mind over and over: all in the first-level cache.
void round_of_one(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  user_mind mind(config_of(d), user_id{1});
  mind.see(catalogue_of(d));
  for (auto _ : state)
    benchmark::DoNotOptimize(mind.learn(reward_for(mind.propose(occasion::round, 0, slots).value())));
}
BENCHMARK(round_of_one)->ArgName("d")->Arg(32)->Arg(64);

/// The same in turn over many minds, as in a deployment: each comes from main memory.
void round_of_many(benchmark::State& state) {
  const auto d = static_cast<std::uint32_t>(state.range(0));
  const auto users = static_cast<std::size_t>(state.range(1));
  const auto config = config_of(d);
  const auto snapshot = catalogue_of(d);
  const auto before = mallinfo2();
  std::vector<user_mind> minds;
  minds.reserve(users);
  for (std::size_t u = 0; u < users; ++u) {
    minds.emplace_back(config, user_id{u});
    minds.back().see(snapshot);
    benchmark::DoNotOptimize(minds.back().propose(occasion::round, 0, slots));
  }
  const auto after = mallinfo2();
  state.counters["bytes_per_mind"] =
    static_cast<double>(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / static_cast<double>(users);
  std::size_t u = 0;
  for (auto _ : state) {
    user_mind& mind = minds[u++ % users];
    benchmark::DoNotOptimize(mind.learn(reward_for(mind.propose(occasion::round, 0, slots).value())));
  }
}
BENCHMARK(round_of_many)->ArgNames({"d", "users"})->Args({32, 10'000});

} // namespace

BENCHMARK_MAIN();
