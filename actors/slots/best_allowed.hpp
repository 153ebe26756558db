/// The best slate that caps and floors allow, under a known q: what a simulation's regret compares with.
#pragma once

#include "actors/slots/arbitration.hpp"
#include "actors/space/catalogue.hpp"
#include "actors/space/top_n.hpp"

#include <memory>
#include <span>
#include <vector>

namespace ammo {

/// Of creations of one subspace, best first, those that its caps leave: `n` at most. n ≤ max_slots.
[[nodiscard]] std::vector<scored> within_caps(const slate_caps& caps, const catalogue_version& c,
                                              std::span<const scored> best_first, std::uint32_t n);

/// Of one subspace, best first: the creations that would get `n` slots if it had them all. Its caps concern nobody else,
/// so whatever its share of a slate, that share's best are the first of these. `part`: its block of q. Creations of
/// less value than `least` are left out unless `exactly`. Exact: looks at the best 256 first, and at all where that isn't enough.
/// n ≤ max_slots. `who`: of eligible creations alone; null: of all.
[[nodiscard]] std::vector<scored> allowed_share(const slate_caps& caps, const catalogue_version& c,
                                                std::span<const float> part, std::uint32_t n, bool exactly,
                                                const eligibility* who = nullptr, float least = 0);

/// e·q of each creation of the best slate of at most `n`, best first. `live`: the subspaces' snapshots, null where there is
/// none. `q`: all D coordinates. `exactly`, `least` and n as for `allowed_share`.
[[nodiscard]] boost::container::small_vector<float, 8> best_allowed(
  const slate_caps& caps, std::span<const std::shared_ptr<const catalogue_version>> live, std::span<const float> q,
  std::uint32_t n, bool exactly, float least = 0);

} // namespace ammo
