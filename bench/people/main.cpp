// Regret in the worlds of "People as they are": mean over people with its 95 % interval, and the worst person.
#include "bench/estimate.hpp"
#include "bench/people/play.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

using namespace people_bench;

int main(int argc, char** argv) {
  CLI::App app{"Regret where people are as they are: nothing of their rewards is told."};
  std::vector<std::string> names, off;
  std::string learner = "default";
  std::uint64_t seed = 1, seeds = 1;
  std::size_t people = 20;
  std::uint32_t period = 8;
  bool unlisted = false, notes = false;
  player_options options;
  app.add_option("worlds", names, "names, or beginnings of names; all if none");
  app.add_option("--learner", learner, "default or classic");
  app.add_option("--seed", seed, "first seed: creations and people follow from it");
  app.add_option("--seeds", seeds, "how many");
  app.add_option("--people", people, "a seed");
  app.add_option("--period", period, "rounds between poolings; 0: everybody is alone");
  app.add_option("--optimism", options.optimism, "alpha");
  app.add_option("--change", options.people.change_threshold, "ln Bayes factor of a change");
  app.add_option("--split", options.people.split_threshold, "ln Bayes factor of situations");
  app.add_option("--off", off, "drift,situations,positions,heavy,two_valued")->delimiter(',')->expected(1);
  app.add_flag("--unlisted", unlisted, "the worlds that are not listed");
  app.add_flag("--notes", notes, "what the worst person's learner believes");
  std::uint32_t rounds = 0;
  app.add_option("--rounds", rounds, "instead of the world's own");
  CLI11_PARSE(app, argc, argv);
  for (const auto& o : off) {
    auto& p = options.people;
    (o == "drift" ? p.drift : o == "situations" ? p.situations
                            : o == "positions"  ? p.positions
                            : o == "heavy"      ? p.heavy
                                                : p.two_valued) = false;
  }
  std::printf("%-18s %8s %8s  %9s %8s  %9s %8s %6s\n", "world", "rounds", "bar", "regret", "±", "worst", "restarts", "cpu s");
  for (world w : unlisted ? unlisted_worlds() : listed_worlds()) {
    w.rounds = rounds > 0 ? rounds : w.rounds;
    if (!names.empty() && std::ranges::none_of(names, [&](const auto& n) { return w.name.starts_with(n); }))
      continue;
    const std::clock_t start = std::clock();
    std::vector<double> regret, restarts, back;
    std::string note;
    for (std::uint64_t s = seed; s < seed + seeds; ++s) {
      const auto here = make_people(w, s, people);
      const auto result = play(here, people, period, [&](const subspace_of_people& p, std::size_t who) {
        return learner == "classic" ? make_classic(p, who) : make_default(p, who, options);
      });
      regret.insert(regret.end(), result.regret.begin(), result.regret.end());
      restarts.insert(restarts.end(), result.restarts.begin(), result.restarts.end());
      back.insert(back.end(), result.back.begin(), result.back.end());
      note = result.note;
    }
    const auto& shown = back.empty() ? regret : back;
    const auto [mean, half] = ammo::bench::estimate_of(shown);
    const double worst = *std::ranges::max_element(shown);
    const bool over = w.bar > 0 && (back.empty() ? mean : worst) > w.bar;
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%-18s %8u %8.0f  %9.1f %8.1f  %9.1f %8.1f %6.1f %s\n", w.name.c_str(), w.rounds, w.bar, mean, half, worst,
                ammo::bench::estimate_of(restarts).mean, took, over ? "OVER" : "");
    if (notes)
      std::printf("    %s\n", note.c_str());
    std::fflush(stdout);
  }
}
