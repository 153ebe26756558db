/// Evolution on the coin deployment, from random hyper-parameters: the same founders in the same worlds, evolved and not, and
/// a run without strains for throughput. Runs are paired by seed; intervals are 95 % of Student's t.
#include "ammo/simulation.hpp"
#include "bench/estimate.hpp"

#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace {

using namespace ammo;
using namespace ammo::bench;

/// How a bench's games are set up.
struct setting {
  std::uint32_t seeds = 10, first_seed = 1, users = 435, strains = 20, generations = 50, generation_epochs = 2, period_rounds = 20;
  std::uint32_t judged = 5; ///< last generations that welfare is a mean over
  std::string goal_policy;
  std::vector<std::string> settings{};
  bool verbose = false;
};

/// What one game came to.
struct outcome {
  double welfare = 0, utility = 0;   ///< means over the last generations
  double regret = 0;                 ///< mean slate regret of a round of theirs
  double total_regret = 0;           ///< of a person, over all rounds
  double least_user_diversity = 1, least_goal_diversity = 1;
  double seconds = 0, cpu = 0;       ///< of the game; processor time from the first period's end on
  std::vector<evolved_buddies> evolved;
};

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double of_last(const evolved_buddies& e, std::uint32_t n) {
  double sum = 0;
  for (auto g = e.generations.end() - n; g != e.generations.end(); ++g)
    sum += g->welfare / n;
  return sum;
}

double least_diversity(const evolved_buddies& e) {
  return std::ranges::min_element(e.generations, {}, &evolved_generation::diversity)->diversity;
}

outcome played(const setting& s, std::uint64_t seed, bool strains, bool selection) {
  auto o = options::built_in("coin").value();
  o.data_root = AMMO_SOURCE_DATA;
  o.seed = seed;
  o.threads = 1;
  o.simulation.baselines = false;
  o.simulation.users = s.users;
  o.simulation.rounds_per_epoch = s.period_rounds;
  o.simulation.rounds = s.generations * s.generation_epochs * s.period_rounds;
  if (!s.goal_policy.empty())
    o.goal.policy = s.goal_policy;
  o.evolution.strains = strains ? s.strains : 0;
  o.evolution.generation_epochs = s.generation_epochs;
  for (const auto& one : s.settings)
    if (auto set = o.set(one.substr(0, one.find('=')), one.substr(one.find('=') + 1)); !set)
      std::fprintf(stderr, "%s\n", set.error().text().c_str());
  if (!selection)
    o.evolution.truncation = 0;
  double before = 0; // with everything loaded
  auto r = simulate(o, [&](const progress&) {
    before = before > 0 ? before : processor_seconds();
    return true;
  });
  if (!r) {
    std::fprintf(stderr, "%s\n", r.error().text().c_str());
    std::exit(1);
  }
  outcome out;
  out.cpu = processor_seconds() - before;
  out.seconds = r->seconds;
  const std::size_t rounds = s.judged * s.generation_epochs * s.period_rounds;
  for (auto x = r->main.slate_by_round.end() - static_cast<std::ptrdiff_t>(rounds); x != r->main.slate_by_round.end(); ++x)
    out.regret += *x / static_cast<double>(rounds);
  out.total_regret = r->main.slate;
  out.evolved = std::move(r->evolved);
  for (const auto& e : out.evolved) {
    const bool users = e.name == "User Buddies";
    (users ? out.welfare : out.utility) = of_last(e, s.judged);
    (users ? out.least_user_diversity : out.least_goal_diversity) = least_diversity(e);
  }
  return out;
}

void row(const char* what, const std::vector<double>& unevolved, const std::vector<double>& evolved) {
  const auto before = estimate_of(unevolved), after = estimate_of(evolved), gain = paired(evolved, unevolved);
  std::printf("%-34s %9.5f ± %.5f  %9.5f ± %.5f  %+9.5f ± %.5f\n", what, before.mean, before.half, after.mean, after.half,
              gain.mean, gain.half);
}

void curves(const outcome& o) {
  for (const auto& e : o.evolved) {
    std::printf("  %s; best strain %llu:", e.name.c_str(), static_cast<unsigned long long>(e.best));
    for (std::size_t k = 0; k < e.best_values.size(); ++k)
      std::printf(" %s %.3f", e.hyper_parameters[k].c_str(), e.best_values[k]);
    std::printf("\n   ");
    for (std::size_t g = 0; g < e.generations.size(); g += 7)
      std::printf(" %zu: %.4f (%.3f)", g + 1, e.generations[g].welfare, e.generations[g].diversity);
    std::printf("\n");
  }
}

} // namespace

int main(int argc, char** argv) {
  setting s;
  CLI::App app{"Evolution on the coin deployment"};
  app.add_option("--seeds", s.seeds);
  app.add_option("--first-seed", s.first_seed);
  app.add_option("--users", s.users);
  app.add_option("--strains", s.strains);
  app.add_option("--generations", s.generations);
  app.add_option("--generation-periods", s.generation_epochs);
  app.add_option("--period-rounds", s.period_rounds);
  app.add_option("--judged", s.judged, "Last generations that are compared");
  app.add_option("--goal-policy", s.goal_policy, "Instead of the deployment's");
  app.add_option("--set", s.settings, "KEY=VALUE")->allow_extra_args(false);
  app.add_flag("--verbose", s.verbose, "How every run went");
  CLI11_PARSE(app, argc, argv);

  std::vector<double> welfare[2], utility[2], regret[2], total[2], ratio, cpu_ratio;
  double user_diversity = 1, goal_diversity = 1;
  for (std::uint32_t i = 0; i < s.seeds; ++i) {
    const std::uint64_t seed = s.first_seed + i;
    const auto plain = played(s, seed, false, false), still = played(s, seed, true, false), evolved = played(s, seed, true, true);
    for (const auto& [o, at] : {std::pair{&still, 0}, std::pair{&evolved, 1}}) {
      welfare[at].push_back(o->welfare);
      utility[at].push_back(o->utility);
      regret[at].push_back(o->regret);
      total[at].push_back(o->total_regret);
    }
    ratio.push_back(plain.seconds / evolved.seconds);
    cpu_ratio.push_back(plain.cpu / evolved.cpu);
    user_diversity = std::min(user_diversity, evolved.least_user_diversity);
    goal_diversity = std::min(goal_diversity, evolved.least_goal_diversity);
    std::printf("seed %llu: welfare %.4f → %.4f, regret %.4f → %.4f (defaults, no strains: %.4f), utility %.5f → %.5f; %.1f s\n",
                static_cast<unsigned long long>(seed), still.welfare, evolved.welfare, still.regret, evolved.regret, plain.regret,
                still.utility, evolved.utility, evolved.seconds);
    if (s.verbose) {
      curves(still);
      curves(evolved);
    }
    std::fflush(stdout);
  }
  std::printf("\n%u seeds, %u people, %u generations of %u periods of %u rounds; means over the last %u generations\n", s.seeds, s.users,
              s.generations, s.generation_epochs, s.period_rounds, s.judged);
  std::printf("%-34s %-20s  %-20s  %-20s\n", "", "unevolved", "evolved", "difference (paired)");
  row("user welfare (reward of a slate)", welfare[0], welfare[1]);
  row("slate regret of a round", regret[0], regret[1]);
  row("slate regret, all rounds", total[0], total[1]);
  row("creator utility", utility[0], utility[1]);
  std::printf("least diversity: User Buddies %.3f, Goal Buddies %.3f\n", user_diversity, goal_diversity);
  const auto [t, dt] = estimate_of(ratio);
  const auto [c, dc] = estimate_of(cpu_ratio);
  std::printf("throughput, of the run without evolution: %.3f ± %.3f (by processor time %.3f ± %.3f)\n", t, dt, c, dc);
}
