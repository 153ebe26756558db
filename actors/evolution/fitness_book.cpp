#include "actors/evolution/fitness_book.hpp"

#include "actors/evolution/genes.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

constexpr double forgetting = 0.25; ///< weight of the newest generation in an agent's past

double share(std::uint32_t some, std::uint32_t all) noexcept { return all == 0 ? 0 : static_cast<double>(some) / all; }

fixed_sum sum_of_one(double x) noexcept {
  exact_sum sum;
  sum.add(x);
  return wire_of(sum);
}

} // namespace

void fitness_book::take(record& of, double value, bool first) {
  if (first) {
    ++of.now.firsts;
    of.now.accurate += value * static_cast<double>(of.impressions) >= of.given;
  }
  ++of.now.impressions;
  of.now.satisfied += value > 0;
  of.now.reward += value;
  of.given += value;
  ++of.impressions;
}

void fitness_book::slate(std::uint64_t agent, std::span<const float> rewards) {
  auto& of = agents_[agent];
  ++of.now.rounds;
  for (std::size_t i = 0; i < rewards.size(); ++i)
    take(of, rewards[i], i == 0);
}

double fitness_book::score(const counts& c) const noexcept {
  return c.reward / std::max(c.rounds, 1u) + weights_.satisfaction * share(c.satisfied, c.impressions) +
         weights_.accuracy * share(c.accurate, c.firsts);
}

void fitness_book::deal(std::uint64_t generation, std::size_t strains) {
  generation_ = generation;
  strains_ = strains;
  for (auto& [agent, of] : agents_) {
    if (of.periods > 0) {
      const double mean = of.scores / of.periods;
      of.past = of.known ? of.past + forgetting * (mean - of.past) : mean;
      of.known = true;
    }
    of.scores = 0;
    of.periods = 0;
  }
}

std::vector<strain_tally> fitness_book::close() {
  std::vector<strain_tally> out(strains_);
  for (auto& [agent, of] : agents_) {
    if (of.now.rounds == 0 || strains_ == 0)
      continue; // what late feedback has earned counts with the next round
    const counts now = std::exchange(of.now, {});
    const double scored = score(now);
    add(out[dealt_to(agent, generation_, strains_)],
        {.agents = 1, .judged = of.known, .rounds = now.rounds, .impressions = now.impressions, .satisfied = now.satisfied,
         .firsts = now.firsts, .accurate = now.accurate, .reward = sum_of_one(now.reward),
         .gain = of.known ? sum_of_one(scored - of.past) : fixed_sum{}});
    of.scores += scored;
    ++of.periods;
  }
  return out;
}

} // namespace ammo
