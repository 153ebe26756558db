/// Cumulative regret where preferences change and nobody says when: 100 runs of 6,000 rounds for each method.
#include "tests/support/drift_world.hpp"

#include <cstdio>

namespace {

using namespace drift;

constexpr std::uint64_t runs = 100;
constexpr double z95 = 1.96;

struct row {
  const char* name;
  world where;
  const char* published;
};

template <class Posterior>
std::vector<double> show(const row& r, const learner<Posterior>& l) {
  std::vector<double> regret;
  double restarts = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const outcome o = play(l, r.where, seed);
    regret.push_back(o.regret);
    restarts += static_cast<double>(o.restarts) / static_cast<double>(runs);
  }
  const estimate e = estimate_of(regret);
  std::printf("%-42s %-9s %7.1f ± %5.1f  %9s  %8.2f\n", r.name, r.where == world::still ? "still" : "changing", e.mean,
              z95 * e.error, r.published, restarts);
  return regret;
}

} // namespace

int main() {
  std::printf("%-42s %-9s %15s  %9s  %8s\n", "method", "q", "mean regret", "published", "restarts");
  show({"LinUCB", world::changing, "4174"}, lin_ucb);
  show({"D-LinUCB", world::changing, "1032"}, d_lin_ucb);
  show({"LinUCB, told of each change", world::changing, "151"}, oracle_lin_ucb);
  show({"Thompson", world::changing, "-"}, thompson);
  show({"D-LinTS", world::changing, "-"}, d_lin_ts);
  show({"Thompson, told of each change", world::changing, "-"}, oracle_thompson);
  show({"Thompson with restarts", world::changing, "-"}, restarting_thompson);
  const auto still = show({"Thompson", world::still, "-"}, thompson);
  auto extra = show({"Thompson with restarts", world::still, "-"}, restarting_thompson);
  for (std::size_t i = 0; i < extra.size(); ++i)
    extra[i] -= still[i];
  const estimate e = estimate_of(extra);
  std::printf("cost of restarts where nothing changes, run by run: %.1f ± %.1f, a factor of %.3f\n", e.mean,
              z95 * e.error, 1 + e.mean / estimate_of(still).mean);
  std::printf("± is half of the 95 %% interval of a mean of %d runs\n", static_cast<int>(runs));
}
