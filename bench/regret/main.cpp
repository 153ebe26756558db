/// Total slate regret of every policy, side by side: the same creations, people and noise, over several settings.
#include "bench/estimate.hpp"
#include "bench/regret/contest.hpp"
#include "runtime/report/braille_chart.hpp"
#include "runtime/report/report_style.hpp"
#include "runtime/report/svg_chart.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

namespace {

using namespace regret_bench;
using namespace ammo::bench;

struct request {
  std::uint64_t seeds = 20, first_seed = 1, rounds = 10'000;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::string> settings{"clustered", "heavy_tailed", "near_duplicates", "small_gaps", "drifting"};
  std::vector<std::string> policies;
  std::string html;
  bool growth = false;
};

std::vector<contender> chosen(const request& r) {
  auto all = contenders();
  if (!r.policies.empty())
    std::erase_if(all, [&](const contender& c) { return std::ranges::find(r.policies, c.name) == r.policies.end(); });
  return all;
}

std::vector<std::vector<curve>> play_with_progress(const request& r, const std::vector<contender>& all, setting s) {
  std::atomic<std::size_t> done = 0;
  const std::size_t runs = all.size() * r.seeds;
  std::jthread reporter;
  if (isatty(STDERR_FILENO))
    reporter = std::jthread([&](const std::stop_token& stop) {
      for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(200)))
        std::fprintf(stderr, "\r%zu of %zu runs ", done.load(), runs);
      std::fprintf(stderr, "\r\033[K");
    });
  return play_all(all, s, r.first_seed, r.seeds, r.rounds, r.threads, done);
}

std::vector<double> totals(const std::vector<curve>& runs) {
  std::vector<double> last;
  for (const curve& c : runs)
    last.push_back(c.back());
  return last;
}

std::vector<double> mean_curve(const std::vector<curve>& runs) {
  std::vector<double> mean(runs.front().size());
  for (const curve& c : runs)
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += c[i] / static_cast<double>(runs.size());
  return mean;
}

/// Of the contender's excess over the lowest, seed by seed.
void table(const std::vector<contender>& all, const std::vector<std::vector<curve>>& runs, std::string_view name) {
  std::vector<std::vector<double>> total;
  for (const auto& r : runs)
    total.push_back(totals(r));
  const auto& lowest = *std::ranges::min_element(total, {}, [](const auto& t) { return estimate_of(t).mean; });
  std::printf("\n%-20.*s %10s %9s %10s %18s\n", static_cast<int>(name.size()), name.data(), "regret", "± 95 %", "worst",
              "above the lowest");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const estimate e = estimate_of(total[i]), d = paired(total[i], lowest);
    const char* verdict = &total[i] == &lowest ? "lowest" : d.mean - d.half <= 0 ? "equal" : "";
    std::printf("%-18s %10.1f ± %7.1f %10.1f %8.1f ± %7.1f  %s\n", all[i].name.c_str(), e.mean, e.half,
                std::ranges::max(total[i]), d.mean, &total[i] == &lowest ? 0.0 : d.half, verdict);
  }
}

void growth(const std::vector<contender>& all, const std::vector<std::vector<curve>>& runs) {
  std::printf("\ngrowth exponent of slate regret, from a tenth of the rounds on\n");
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<double> slopes;
    for (const curve& c : runs[i])
      slopes.push_back(growth_exponent(c));
    const estimate e = estimate_of(slopes);
    std::printf("%-18s %6.3f ± %5.3f  upper end %6.3f\n", all[i].name.c_str(), e.mean, e.half, e.mean + e.half);
  }
}

void show(const request& r, const std::string& name, std::string& page) {
  const auto all = chosen(r);
  const auto s = static_cast<setting>(std::ranges::find(setting_names, name) - std::begin(setting_names));
  const auto runs = play_with_progress(r, all, s);
  table(all, runs, name);
  if (r.growth)
    growth(all, runs);
  std::vector<ammo::braille_curve> terminal;
  std::vector<ammo::svg_curve> drawn;
  for (std::size_t i = 0; i < all.size(); ++i) {
    drawn.push_back({all[i].name, mean_curve(runs[i])});
    if (all[i].name != "uniform" && all[i].name != "ftrl") // they would flatten the others
      terminal.push_back({all[i].name, drawn.back().values, terminal.size(), {}});
  }
  if (!terminal.empty())
    std::printf("\n%s", ammo::braille_chart(terminal, "round 1", std::to_string(r.rounds), 100, 12).c_str());
  page += "<div class=\"card\"><h2>" + ammo::escaped(name) + "</h2><figure>" +
          ammo::svg_chart(drawn, r.rounds, "Total slate regret, " + name) + "</figure></div>\n";
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
  request r;
  CLI::App app("Total slate regret of every policy: the same creations, people and noise, by setting.");
  app.add_option("--seeds", r.seeds, "Worlds, one person each")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--first-seed", r.first_seed, "The first of them")->capture_default_str();
  auto* rounds = app.add_option("--rounds", r.rounds, "Rounds of a run, at least 100")
                   ->check(CLI::Range(100, 100'000'000))->capture_default_str();
  app.add_option("--threads", r.threads, "Threads")->check(CLI::Range(1, 1024))->capture_default_str();
  auto* settings = app.add_option("--setting", r.settings, "Only these settings")
                     ->check(CLI::IsMember(std::vector<std::string>(std::begin(setting_names), std::end(setting_names))));
  std::vector<std::string> names;
  for (const contender& c : contenders())
    names.push_back(c.name);
  app.add_option("--policy", r.policies, "Only these policies")->check(CLI::IsMember(names));
  app.add_option("--html", r.html, "Write the curves to this file");
  app.add_flag("--growth", r.growth, "Growth exponents: 20,000 rounds of setting still, unless said otherwise");
  CLI11_PARSE(app, argc, argv);
  if (r.growth && !*rounds)
    r.rounds = 20'000;
  if (r.growth && !*settings)
    r.settings = {"still"};
  std::string page;
  for (const std::string& s : r.settings)
    show(r, s, page);
  if (r.html.empty())
    return 0;
  std::ofstream out(r.html);
  out << "<!doctype html><meta charset=\"utf-8\"><title>Regret</title><style>" << ammo::report_style
      << "</style><main><h1>Total slate regret</h1>\n" << page << "</main>\n";
  if (out.flush())
    return 0;
  std::fprintf(stderr, "can't write %s\n", r.html.c_str());
  return 1;
}
