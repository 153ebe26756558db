/// The toy of population-based training (arXiv 1711.09846, figure 2): maximise Q = 1.2 − (θ₀² + θ₁²), where each of
/// two workers follows the gradient of 1.2 − (h₀θ₀² + h₁θ₁²).
#include "actors/evolution/pbt.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <map>

using namespace ammo;

namespace {

using theta = std::array<double, 2>;

double quality(const theta& t) { return 1.2 - (t[0] * t[0] + t[1] * t[1]); }

void descend(theta& t, std::span<const double> h) {
  for (std::size_t k = 0; k < 2; ++k)
    t[k] -= 0.05 * 2 * h[k] * t[k];
}

/// Q of both workers after `steps` steps from (.9, .9); with exploitation, a generation every ten of them.
std::vector<double> train(bool exploitation, int steps, std::uint64_t seed) {
  const pbt_options options{.ranges = {{0, 1}, {0, 1}}, .inherited = 0, .patience = 0, .diversity_floor = 0};
  auto workers = strain_population::found(options, seed).value();
  std::map<lineage_id, theta> states;
  for (const auto& h : {std::vector<double>{1, 0}, std::vector<double>{0, 1}})
    states[workers.admit(0, h).value()] = {.9, .9};
  for (int step = 1; step <= steps; ++step) {
    for (const auto& worker : workers.members())
      descend(states[worker.id], worker.genes);
    if (!exploitation || step % 10 != 0)
      continue;
    for (const auto& [id, state] : states)
      REQUIRE(workers.report(id, quality(state), true));
    for (const auto& change : workers.next_generation()) {
      states[change.heir.id] = states[change.parent];
      states.erase(change.retired);
    }
  }
  std::vector<double> q;
  for (const auto& [id, state] : states)
    q.push_back(quality(state));
  return q;
}

} // namespace

TEST_CASE("without exploitation both workers end at exactly 0.39", "[oracle][pbt]") {
  for (const double q : train(false, 2000, 1))
    CHECK(q == 1.2 - .9 * .9);
}

TEST_CASE("with exploitation the population reaches 1.2", "[oracle][pbt]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const double q : train(true, 2000, seed)) {
      INFO("seed " << seed);
      CHECK(q == Approx(1.2).margin(1e-3));
    }
}
