/// A newcomer's first rounds: the flat prior, the population's, a stated interest, both. Real choices of coin and edu.
#include "bench/estimate.hpp"
#include "tests/support/cold_start_world.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace {

using namespace cold_start;
using ammo::bench::estimate_of;

/// Of each newcomer.
using measured = std::vector<double>;

struct row {
  const char* name;
  measured regret, less, hit;
};

bool show(const std::string& name, const std::string& data_root, std::uint64_t first_deal, std::uint64_t deals,
          double confidence) {
  row rows[] = {{"flat prior", {}, {}, {}},        {"population's prior", {}, {}, {}}, {"prior from the true q", {}, {}, {}},
                {"flat, interest stated", {}, {}, {}}, {"population's, interest", {}, {}, {}}};
  measured popular, constant, known;
  for (std::uint64_t seed = first_deal; seed < first_deal + deals; ++seed) {
    auto c = load_content(name, data_root, {.seed = seed});
    if (!c)
      return std::fprintf(stderr, "%s\n", c.error().text().c_str()), false;
    const world w(std::move(*c), seed);
    const auto learned = w.learned(), told = w.told();
    const auto most_chosen = w.popular(), best_constant = w.best_constant();
    for (auto who : w.newcomers()) {
      const outcome met[] = {w.meet(w.flat(), who, false), w.meet(learned, who, false), w.meet(told, who, false),
                             w.meet(w.flat(), who, true, confidence), w.meet(learned, who, true, confidence)};
      for (std::size_t i = 0; i < std::size(rows); ++i) {
        rows[i].regret.push_back(met[i].regret);
        rows[i].less.push_back(met[i].regret - 0.5 * met[0].regret);
        rows[i].hit.push_back(met[i].hit);
      }
      popular.push_back(w.hits(most_chosen, who));
      constant.push_back(w.hits(best_constant, who));
      known.push_back(w.hits(w.best_for(who), who));
    }
  }
  std::printf("%s\n%-24s %18s %10s %22s %18s\n", name.c_str(), "start", "regret, 20 rounds", "of flat's",
              "less half of flat's", "first slate hits");
  const double flat = estimate_of(rows[0].regret).mean;
  for (const row& r : rows) {
    const auto regret = estimate_of(r.regret), less = estimate_of(r.less), hit = estimate_of(r.hit);
    std::printf("%-24s %10.2f ± %5.2f %10.3f %14.2f ± %5.2f %10.3f ± %5.3f\n", r.name, regret.mean, regret.half,
                regret.mean / flat, less.mean, less.half, hit.mean, hit.half);
  }
  const auto p = estimate_of(popular), c = estimate_of(constant), k = estimate_of(known);
  std::printf("hits of: popularity %.3f ± %.3f; the best slate for all, chosen in hindsight %.3f ± %.3f; their true q %.3f ± %.3f\n\n",
              p.mean, p.half, c.mean, c.half, k.mean, k.half);
  return true;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t deals = 5, first_deal = 1;
  double confidence = 0.5;
  std::vector<std::string> names{"coin", "edu"};
  std::string data = "subspaces";
  CLI::App app{"Regret of a newcomer's first 20 rounds, by what they start from"};
  app.add_option("--deals", deals, "Deals of the choosers, a third of them new")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--first-deal", first_deal)->capture_default_str();
  app.add_option("--confidence", confidence, "In the one thing that is stated")->check(CLI::Range(0.01, 0.99))->capture_default_str();
  app.add_option("--subspace", names)->capture_default_str();
  app.add_option("--data", data)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::printf("± is half of the 95 %% interval of a mean over newcomers of %llu deals. \"less half of flat's\" below 0: at most half.\n\n",
              static_cast<unsigned long long>(deals));
  for (const auto& name : names)
    if (!show(name, data, first_deal, deals, confidence))
      return 1;
  return 0;
}
