/// What one Goal Buddy gains by moving, in the game that `ammo run` plays: its utility (share of slates that show it − λ·cost)
/// if it plays a policy, less its utility if it stays, in the same game of the same seed, while a share of the others adapts.
/// Each focal Goal Buddy moves in a game of its own: thirty who move at once share what one would gain.
///     bench_goals [--seeds 20] [--focal 30] [--users 200] [--rounds 500] [--crowd 5] [coin job edu]
#include "bench/estimate.hpp"
#include "bench/goals/best_response.hpp"
#include "bench/goals/noisy_game.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <ctime>
#include <string>

using namespace ammo;
using namespace ammo::bench;

namespace {

struct settings {
  std::size_t seeds = 20, focal = 30, from = 1;
  std::uint64_t first_seed = 1;
  std::uint32_t users = 200, rounds = 500, period = 10, crowd = 5;
  bool each = false;
  std::vector<double> shares{0.02, 0.2, 1}, lambdas{1, 0.1};
  std::vector<std::string> policies{"adaptive", "exploiter", "best"};
};

/// Goal Buddies whose gain is measured: evenly over the content, others with each seed.
std::vector<std::size_t> focal_of(std::size_t goals, std::size_t n, std::uint64_t seed) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back((i * goals / n + seed * 7919) % goals);
  return out;
}

class measurement {
public:
  measurement(const noisy_world& world, double share, const settings& s)
    : world_(world), settings_(s), focal_(focal_of(world.items.items.size(), s.focal, world.deployment.seed)) {
    for (std::size_t i = 0; i < world.items.items.size(); ++i) {
      auto random = generator(world.deployment.seed, stream::goal, i, 0);
      others_.push_back({uniform01(random) < share ? goal_policy::adaptive : goal_policy::fixed});
    }
    for (auto f : focal_)
      others_[f] = {};
    stay_ = of_focal(others_);
  }

  [[nodiscard]] double stays() const { return std::accumulate(stay_.begin(), stay_.end(), 0.0) / static_cast<double>(stay_.size()); }

  /// The mean gain of the focal Goal Buddies.
  [[nodiscard]] double gain(const std::string& policy) const {
    const player moving = policy == "best" ? player{goal_policy::host, best_responders(world_.q, world_.deployment.slots)}
                                           : player{goal_policy_named(policy).value()};
    double sum = 0;
    auto players = others_;
    for (std::size_t i = 0; i < focal_.size(); ++i) {
      players[focal_[i]] = moving;
      const double moved = of_focal(players)[i];
      players[focal_[i]] = {};
      if (settings_.each)
        std::printf("  %5zu stays %.5f, %s %.5f\n", focal_[i], stay_[i], policy.c_str(), moved);
      sum += moved - stay_[i];
    }
    return sum / static_cast<double>(focal_.size());
  }

private:
  [[nodiscard]] std::vector<double> of_focal(const std::vector<player>& players) const {
    const auto all = play(world_, players, settings_.from);
    std::vector<double> out;
    for (auto f : focal_)
      out.push_back(all[f]);
    return out;
  }

  const noisy_world& world_;
  const settings& settings_;
  std::vector<std::size_t> focal_;
  std::vector<player> others_;
  std::vector<double> stay_;
};

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

int run(const std::string& name, const settings& s) {
  options o;
  o.subspaces.push_back({.name = name, .kind = name, .crowd = s.crowd});
  o.simulation.users = s.users;
  o.simulation.rounds = s.rounds;
  o.simulation.rounds_per_epoch = s.period;
  for (double lambda : s.lambdas)
    for (double share : s.shares) {
      o.goal.lambda = lambda;
      std::vector<double> stays;
      std::vector<std::vector<double>> gains(s.policies.size());
      const double start = processor_seconds();
      for (std::uint64_t seed = s.first_seed; seed < s.first_seed + s.seeds; ++seed) {
        o.seed = seed;
        auto content = load_content(name, AMMO_SOURCE_DATA, {.hold_out = o.simulation.hold_out, .seed = seed});
        if (!content)
          return std::fprintf(stderr, "%s\n", content.error().text().c_str()), 1;
        const auto world = make_world(o, std::move(*content));
        const measurement here(world, share, s);
        stays.push_back(here.stays());
        for (std::size_t p = 0; p < s.policies.size(); ++p)
          gains[p].push_back(here.gain(s.policies[p]));
      }
      std::printf("%-4s λ %-4g others %3.0f %%: stays %.5f", name.c_str(), lambda, 100 * share, estimate_of(stays).mean);
      for (std::size_t p = 0; p < s.policies.size(); ++p)
        std::printf(" | %s %+.5f ± %.5f", s.policies[p].c_str(), estimate_of(gains[p]).mean, estimate_of(gains[p]).half);
      std::printf(" | %.0f s\n", processor_seconds() - start);
      std::fflush(stdout);
    }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  std::vector<std::string> names{"coin", "job", "edu"};
  CLI::App app{"What one Goal Buddy gains by moving, in the game that people run"};
  app.add_option("--seeds", s.seeds, "seeds")->check(CLI::PositiveNumber);
  app.add_option("--first-seed", s.first_seed, "the first of them")->check(CLI::PositiveNumber);
  app.add_option("--focal", s.focal, "Goal Buddies whose gain is measured")->check(CLI::PositiveNumber);
  app.add_option("--users", s.users, "people");
  app.add_option("--rounds", s.rounds, "rounds of each");
  app.add_option("--period", s.period, "rounds between two broadcasts");
  app.add_option("--from", s.from, "the first period that counts");
  app.add_option("--shares", s.shares, "shares of the others that adapt");
  app.add_option("--lambdas", s.lambdas, "weights of the cost");
  app.add_option("--policies", s.policies, "of the focal Goal Buddies: goal policies, and best (the best response)");
  app.add_option("--crowd", s.crowd, "people that a figure of attention stands for; 0: Goal Buddies hear it exactly");
  app.add_flag("--each", s.each, "print each Goal Buddy");
  app.add_option("subspaces", names, "coin, job, edu");
  CLI11_PARSE(app, argc, argv);
  for (const auto& name : names)
    if (const int failed = run(name, s))
      return failed;
}
