/// What share of the full-information best response's utility an attacker reaches in 200 periods against fixed
/// people. Each seed has people, movers and randomness of its own.
///     bench_attack [--movers 10] [--seeds 5] [--first-seed 1] [--each] [coin job edu]
#include "bench/estimate.hpp"
#include "bench/attack/attacker.hpp"
#include "bench/attack/still_world.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

using namespace ammo;

namespace {

struct settings {
  std::size_t movers = 10, seeds = 5;
  std::uint64_t first_seed = 1;
  bool each = false;
};

int run(const std::string& name, const settings& s) {
  const auto c = load_content(name, AMMO_SOURCE_DATA, {});
  if (!c) {
    std::fprintf(stderr, "%s\n", c.error().detail.c_str());
    return 1;
  }
  constexpr std::size_t periods = 200;
  std::vector<double> shares, of_facts;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t seed = s.first_seed; seed < s.first_seed + s.seeds; ++seed) {
    reached sum;
    for (std::size_t m = 0; m < s.movers; ++m) {
      const std::size_t tenths = 10 * m + (seed - 1) * 7 % 10; // other movers with each seed
      const std::size_t mover = tenths * c->items.size() / (10 * s.movers);
      const auto one = play_still(*c, mover, {.policy = goal_policy::host, .patience = 1, .seed = seed, .host = attackers()}, periods, seed);
      if (s.each)
        std::printf("%s %4zu facts %.4f reached %.4f best %.4f\n", name.c_str(), mover, one.facts, one.utility, one.best);
      sum.facts += one.facts;
      sum.utility += one.utility;
      sum.best += one.best;
    }
    shares.push_back(sum.utility / sum.best);
    of_facts.push_back(sum.facts / sum.best);
    if (s.each)
      std::printf("%s seed %llu share %.3f\n", name.c_str(), static_cast<unsigned long long>(seed), shares.back());
    std::fflush(stdout);
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  const auto share = bench::estimate_of(shares);
  std::printf("%-5s share of the best response %.3f ± %.3f (its facts as they are: %.3f); %.1f ms a period, with the people\n",
              name.c_str(), share.mean, share.half, bench::estimate_of(of_facts).mean,
              spent.count() / static_cast<double>(s.seeds * s.movers * periods));
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  std::vector<std::string> names{"coin", "job", "edu"};
  CLI::App app{"Share of the best response that an attacker reaches"};
  app.add_option("--movers", s.movers, "creations that move, one at a time")->check(CLI::PositiveNumber);
  app.add_option("--seeds", s.seeds, "seeds")->check(CLI::PositiveNumber);
  app.add_option("--first-seed", s.first_seed, "the first of them")->check(CLI::PositiveNumber);
  app.add_flag("--each", s.each, "print each mover");
  app.add_option("subspaces", names, "coin, job, edu");
  CLI11_PARSE(app, argc, argv);
  for (const auto& name : names)
    if (const int failed = run(name, s))
      return failed;
}
