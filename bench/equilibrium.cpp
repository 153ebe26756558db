/// How far from equilibrium creators are. First the best-response dynamics of arXiv 2401.16641: the whole published table for
/// one embedding seed, uniform and skewed users, linear and softmax serving, with its time. With --draw, what happens on the
/// way there, and how the market of the coin deployment moves under exposure and under backward rewards.
#include "actors/diagnosis/visibility.hpp"
#include "bench/papers/creator_market.hpp"
#include "ammo/simulation.hpp"
#include "runtime/report/braille_chart.hpp"
#include "runtime/report/report_format.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace {

using namespace ammo;
using clock_type = std::chrono::steady_clock;

constexpr std::uint32_t embedding_seed = 13, table_seed = 505;
constexpr std::array<std::size_t, 12> creators{2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

void show(std::size_t d, std::size_t n, const market_outcome& o) {
  std::printf("%3zu %4zu %8zu %-8s %.17g  ", d, n, o.iterations, o.settled ? "settled" : o.cycle ? "cycles" : "moving",
              o.mean_user_utility);
  for (const auto k : o.creators)
    std::printf(" %u", k);
  std::printf("\n");
}

void table(user_kind kind, const char* users, serving how, const char* rule) {
  const auto start = clock_type::now();
  std::printf("\n%s users, %s serving\n", users, rule);
  std::printf("  d    n    moves end      mean user utility     creators per direction\n");
  word_stream random(table_seed);
  for (const std::size_t d : {5, 10, 15, 20}) {
    auto market = creator_market::open(draw_users(kind, 10'000, d, embedding_seed), how).value();
    for (const std::size_t n : creators)
      show(d, n, market.run(n, random));
  }
  std::printf("%.2f s\n", seconds_since(start));
}

constexpr std::size_t columns = 100, rows = 8;

void chart(const char* title, std::vector<braille_curve> curves, const std::string& last) {
  for (std::size_t i = 0; i < curves.size(); ++i) {
    curves[i].values = resampled(curves[i].values, columns);
    curves[i].dash = i;
  }
  std::printf("\n%s\n%s", title, braille_chart(curves, "1", last, columns, rows).c_str());
}

/// What each creator gets, from what one about each direction gets.
std::vector<double> of_each(std::span<const std::uint32_t> about, const std::vector<double>& by_direction) {
  std::vector<double> out;
  for (std::size_t k = 0; k < about.size(); ++k)
    out.insert(out.end(), about[k], by_direction[k]);
  return out;
}

void draw_dynamics(user_kind kind, serving how, const char* what) {
  constexpr std::size_t d = 20, n = 40;
  auto market = creator_market::open(draw_users(kind, 10'000, d, embedding_seed), how).value();
  word_stream random(table_seed);
  std::vector<double> gain, inequality;
  const auto o = market.run(n, random, 500, [&](std::span<const std::uint32_t> about) {
    gain.push_back(market.nash_conv(about));
    inequality.push_back(gini(of_each(about, market.exposures(about))));
  });
  const auto moves = std::to_string(gain.size());
  std::printf("\n%s, %zu creators about %zu directions: %s after %zu moves\n", what, n, d,
              o.settled ? "settled" : o.cycle ? "still circling" : "still moving", o.iterations);
  chart("NashConv: what creators could gain by moving, by move", {{"NashConv", gain, 0, {}}}, moves);
  chart("Gini index of exposure, by move", {{"Gini", inequality, 0, {}}}, moves);
}

bool draw_market(const std::string& data) {
  auto o = *options::built_in("coin");
  o.data_root = data;
  o.simulation.baselines = false;
  o.goal.policy = "exploiter";
  o.goal.share = 1;
  o.goal.lambda = 0.1;
  o.goal.patience = 1;
  std::array<std::vector<braille_curve>, 4> drawn;
  for (const char* rule : {"exposure", "backward"}) {
    o.goal.reward = rule;
    const auto r = simulate(o);
    if (!r)
      return std::fprintf(stderr, "%s\n", r.error().text().c_str()), false;
    drawn[0].push_back({rule, market_curve(r->main, &market_shape::gini), 0, {}});
    drawn[1].push_back({rule, market_curve(r->main, &market_shape::top_share), 0, {}});
    drawn[2].push_back({rule, market_curve(r->main, &market_shape::user_welfare), 0, {}});
    drawn[3].push_back({rule, resampled(r->main.slate_by_round, r->main.market.size()), 0, {}});
  }
  const auto last = std::to_string(o.simulation.rounds / o.simulation.rounds_per_epoch);
  std::printf("\ncoin, every Goal Buddy an exploiter (λ = %.1f)\n", o.goal.lambda);
  chart("Gini index of impressions, by period", drawn[0], last);
  chart("Share of the most seen tenth", drawn[1], last);
  chart("Mean reward of a person's round", drawn[2], last);
  chart("Slate regret a round", drawn[3], last);
  return true;
}

} // namespace

int main(int argc, char** argv) {
  bool draw = false;
  std::string data = "subspaces";
  CLI::App app{"How far from equilibrium creators are"};
  app.add_flag("--draw", draw, "Draw the way there, and the coin deployment's market over time");
  app.add_option("--data", data)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (draw) {
    draw_dynamics(user_kind::uniform, {}, "uniform users, linear serving");
    draw_dynamics(user_kind::skewed, {0.1}, "skewed users, softmax serving (temperature 0.1)");
    return draw_market(data) ? 0 : 1;
  }
  const auto start = clock_type::now();
  for (const auto& [kind, users] : {std::pair{user_kind::uniform, "uniform"}, std::pair{user_kind::skewed, "skewed"}}) {
    table(kind, users, {}, "linear");
    table(kind, users, {100.0}, "softmax (temperature 100)");
    table(kind, users, {10.0}, "softmax (temperature 10)");
    table(kind, users, {1.0}, "softmax (temperature 1)");
    table(kind, users, {0.1}, "softmax (temperature 0.1)");
    table(kind, users, {0.01}, "softmax (temperature 0.01)");
  }
  std::printf("\nall tables: %.2f s\n", seconds_since(start));
}
