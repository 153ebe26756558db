/// How near the judged value of a policy comes to the true one from another's log, and what propensities cost.
#include "actors/user_buddy/belief/ridge_belief.hpp"
#include "tests/support/off_policy_world.hpp"

#include <chrono>
#include <cstdio>
#include <map>

namespace {

using namespace off_policy;

constexpr int logs = 400;

struct log_kind {
  const char* name;
  user_policy policy;
  std::uint32_t draws;
  int rounds;
};

void show(const char* log, const char* target, double truth, const accounts& a) {
  for (const auto& [name, x] : {std::pair{"IPS", a.weighted}, {"SNIPS", a.normalised}, {"DR", a.robust}})
    std::printf("%-24s %-14s %6.3f  %-5s %+7.4f ± %6.4f  %7.4f  %7.4f  %5.3f  %6.1f  %5.2f  %d\n", log, target, truth,
                name, x.mean() - truth, 1.96 * x.error(), x.deviation(), x.told_error / x.logs, x.coverage(),
                x.effective / x.logs, a.overlap, x.silent);
}

void judge_all(const world& w) {
  const std::vector<std::pair<const char*, marginals>> targets{{"uniform", uniform_target()},
                                                               {"greedy near q", greedy_target(w, 3, 0.4f)},
                                                               {"greedy far", greedy_target(w, 5, 1.5f)},
                                                               {"thompson", thompson_target(w, 0.8f, 0.5f)}};
  std::vector<marginals> only;
  for (const auto& t : targets)
    only.push_back(t.second);
  std::printf("%-24s %-14s %6s  %-5s %16s  %7s  %7s  %5s  %6s  %5s  %s\n", "log", "target", "truth", "", "bias (95 %)",
              "sd", "told se", "cover", "n eff", "ovlap", "silent");
  for (const log_kind& kind : {log_kind{"uniform, 200", user_policy::uniform, 0, 200},
                               {"eps-greedy .5, 400", user_policy::epsilon_greedy, 0, 400},
                               {"ftrl, 200", user_policy::ftrl, 0, 200},
                               {"thompson M=30, 100", user_policy::thompson, 30, 100},
                               {"thompson M=1000, 100", user_policy::thompson, 1'000, 100},
                               {"thompson M=1000, 400", user_policy::thompson, 1'000, 400}}) {
    user_config config = logging(kind.policy);
    config.propensity_draws = kind.draws;
    const auto all = over_logs(w, config, only, kind.rounds, logs);
    for (std::size_t k = 0; k < targets.size(); ++k)
      show(kind.name, targets[k].first, true_value(w, only[k]), all[k]);
  }
}

/// A mind of d = 32 that has learned for 300 rounds, and 1,000 creations: its fastest block of rounds.
void cost_of(user_policy policy, std::uint32_t draws) {
  constexpr std::uint32_t d = 32, live = 1'000, n = 5;
  constexpr int warm = 300, block = 100, blocks = 10;
  splitmix64 g(7);
  catalogue c(subspace_id{0}, {0, d}, 10.0f);
  std::vector<vec> e;
  vec q(d);
  for (std::uint32_t i = 0; i <= live; ++i) {
    vec& v = i < live ? e.emplace_back(d) : q;
    standard_normal(g, v);
    for (float& x : v)
      x /= std::sqrt(static_cast<float>(d));
    if (i < live && !c.add(goal_id{i}, owner_id{i}, i, v))
      std::abort();
  }
  auto config = std::make_shared<user_config>();
  config->space = layout::make(d, {{"bench", {0, d}}}).value();
  config->exactly = true;
  config->policy = policy;
  config->propensity_draws = draws;
  user_mind mind(config, user_id{1});
  mind.see(c.publish());
  auto start = std::chrono::steady_clock::now();
  double least = 1, fastest = 1e9;
  for (int t = 0; t < warm + block * blocks; ++t) {
    if (t >= warm && t % block == 0)
      start = std::chrono::steady_clock::now();
    const auto p = mind.propose(occasion::round, 0, n).value();
    reward r{p.user, p.round, {}};
    for (const candidate& x : p.candidates) {
      const vec& v = e[row_of(x.creation)];
      r.entries.push_back({x.creation, std::inner_product(v.begin(), v.end(), q.begin(), 0.0f)});
      if (x.propensity.known())
        least = std::min(least, static_cast<double>(x.propensity.value));
    }
    if (mind.learn(r) != errc::ok)
      std::abort();
    if (t >= warm && t % block == block - 1)
      fastest = std::min(fastest,
                         std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("%-14s M = %-6u %8.2f us a round, least propensity %.4f\n", std::string(name_of(policy)).c_str(), draws,
              fastest / block, least);
}

/// The mean of 1 / propensity over rounds in which a creation is shown, 0 elsewhere: 1 where propensities are right.
void approximation(const world& w) {
  user_config config = logging(user_policy::thompson);
  std::printf("\nclosed form instead of redraws, P = Phi((e·m − tau) / w), tau the best left out: "
              "mean weights, 1 if right\n");
  for (int learned : {3, 10, 30, 100}) {
    ridge_posterior<float> belief(dim, 4 * static_cast<float>(dim));
    splitmix64 g(9);
    for (int i = 0; i < static_cast<int>(slots) * learned; ++i) {
      const vec& e = w.e[g() % creations];
      const float r = static_cast<float>(std::inner_product(e.begin(), e.end(), w.q.begin(), 0.0));
      if (!belief.observe(e, {&r, 1}))
        std::abort();
    }
    vec m(dim);
    belief.mean(m);
    factor_posteriors factors;
    factors.of.push_back(belief);
    const linear_belief believed(std::move(factors));
    constexpr int rounds = 40'000;
    std::vector<double> weight(creations), frequency(creations);
    for (int t = 1; t <= rounds; ++t) {
      const slate_view view{.space = config.space, .options = config, .believed = believed, .explores = config.explores(),
                            .noise = config.noise, .user = user_id{1}, .round = static_cast<std::uint64_t>(t), .slots = slots,
                            .n = slots, .snapshots = {&w.live, 1}};
      const auto q = sampled_preference(view, view.randomness());
      std::array<scored, slots + 1> best;
      top_n(*w.live, span_of(q), slots + 1, best);
      for (std::size_t i = 0; i < slots; ++i) {
        const auto row = row_of(best[i].creation);
        const double width = config.noise * belief.width(w.e[row]);
        const double p = 0.5 * std::erfc((best[slots].score - w.value(row, m)) / width / std::sqrt(2.0));
        frequency[row] += 1.0 / rounds;
        weight[row] += 1 / p / rounds;
      }
    }
    double worst = 1, most = 1, all = 0;
    int counted = 0;
    for (std::uint32_t row = 0; row < creations; ++row)
      if (frequency[row] > 0.01) {
        worst = std::min(worst, weight[row]);
        most = std::max(most, weight[row]);
        all += weight[row];
        ++counted;
      }
    std::printf("after %3d rounds: %5.2f … %5.2f, mean %5.2f (%d creations shown in over 1 %% of rounds)\n", learned,
                worst, most, all / counted, counted);
  }
}

} // namespace

int main() {
  const world w;
  judge_all(w);
  approximation(w);
  std::printf("\nd = 32, 1,000 creations, 5 slots\n");
  for (auto policy : {user_policy::thompson, user_policy::greedy, user_policy::epsilon_greedy, user_policy::uniform})
    cost_of(policy, 0);
  for (std::uint32_t draws : {10, 100, 1'000})
    cost_of(user_policy::thompson, draws);
}
