/// How a slate is chosen from a person's belief: sampled UCB, with equals by chance.
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/base/random.hpp"
#include "actors/space/top_n.hpp"
#include "bench/people/learner/person_belief.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

struct slate_choice {
  std::vector<scored> creations; ///< by slot
  bool shuffled = false;         ///< in random order
};

/// N creations where the catalogue has them. `learned`: rounds this belief has learned from; up to 32 of them every creation is
/// valued by its bound, later those of a shortlist that a sample draws up. α = `optimism`.
[[nodiscard]] slate_choice choose_slate(const person_belief& person, std::uint32_t situation, const catalogue_version& c,
                                        std::size_t n, double optimism, splitmix64& g);

} // namespace ammo
