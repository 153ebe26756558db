/// Every user policy's slate regret where Goal Buddies adapt: full games of real coins through the actors, the same people
/// and creations for each policy, over seeds.
#include "ammo/simulation.hpp"
#include "bench/estimate.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace ammo;
using namespace ammo::bench;

struct contender {
  std::string policy;
  std::vector<double> regret, welfare; ///< by seed
};

bool play(options o, contender& who, std::uint64_t seed) {
  o.seed = seed;
  o.user.policy = who.policy;
  const auto r = simulate(o);
  if (!r)
    return std::fprintf(stderr, "%s\n", r.error().text().c_str()), false;
  double gained = 0;
  for (const auto& m : r->main.market)
    gained += m.user_welfare / static_cast<double>(r->main.market.size());
  who.regret.push_back(r->main.slate);
  who.welfare.push_back(gained);
  return true;
}

void show(const std::vector<contender>& all) {
  const auto& lowest = *std::ranges::min_element(all, {}, [](const auto& c) { return estimate_of(c.regret).mean; });
  std::printf("%-16s %22s %26s %22s\n", "policy", "slate regret", "more than the lowest", "mean reward a round");
  for (const auto& c : all) {
    const auto regret = estimate_of(c.regret), more = paired(c.regret, lowest.regret), gained = estimate_of(c.welfare);
    std::printf("%-16s %12.2f ± %7.2f %16.2f ± %7.2f %12.3f ± %7.3f\n", c.policy.c_str(), regret.mean, regret.half, more.mean,
                &c == &lowest ? 0.0 : more.half, gained.mean, gained.half);
  }
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 20, first_seed = 1;
  std::string goals = "adaptive", data = "subspaces";
  std::vector<std::string> policies{"sampled_ucb", "thompson", "c2ucb", "greedy", "epsilon_greedy", "ftrl", "uniform"}, settings;
  auto o = *options::built_in("coin");
  o.simulation.users = 87;
  o.simulation.rounds = 1'000;
  o.goal.share = 0.05;
  CLI::App app{"Slate regret of every user policy against Goal Buddies that adapt"};
  app.add_option("--seeds", seeds)->check(CLI::Range(2, 1000))->capture_default_str();
  app.add_option("--first-seed", first_seed)->capture_default_str();
  app.add_option("--policy", policies, "User policies")->capture_default_str();
  app.add_option("--set", settings, "KEY=VALUE of the deployment");
  app.add_option("--goals", goals, "Policy of the Goal Buddies that move")->capture_default_str();
  app.add_option("--share", o.goal.share, "Share of the Goal Buddies that move")->capture_default_str();
  app.add_option("--users", o.simulation.users)->capture_default_str();
  app.add_option("--rounds", o.simulation.rounds)->capture_default_str();
  app.add_option("--data", data)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  o.goal.policy = goals;
  o.goal.patience = 1;
  o.data_root = data;
  o.simulation.baselines = false;

  for (const auto& one : settings)
    if (auto set = o.set(one.substr(0, one.find('=')), one.substr(one.find('=') + 1)); !set)
      return std::fprintf(stderr, "%s\n", set.error().text().c_str()), 2;

  std::vector<contender> all;
  for (const auto& policy : policies)
    all.push_back({policy, {}, {}});
  std::printf("coin, %u people × %u rounds, %.0f %% of the Goal Buddies %s; seeds %llu to %llu; ± half of a 95 %% interval (t)\n",
              o.simulation.users, o.simulation.rounds, 100 * o.goal.share, goals.c_str(),
              static_cast<unsigned long long>(first_seed), static_cast<unsigned long long>(first_seed + seeds - 1));
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed)
    for (auto& who : all) {
      if (!play(o, who, seed))
        return 1;
      std::fprintf(stderr, "\rseed %llu, %-16s", static_cast<unsigned long long>(seed), who.policy.c_str());
    }
  std::fprintf(stderr, "\n");
  show(all);
}
