/// The best slate that caps and floors allow, under a known q: what a simulation's regret compares with.
#pragma once

#include "actors/metaspace/arbitration.hpp"
#include "actors/space/catalogue.hpp"

#include <memory>
#include <span>

namespace ammo {

/// e·q of each creation of the best slate of at most `n`, best first. `live`: the subspaces' snapshots, null where there is
/// none. `q`: all D coordinates. Creations of negative value are left out unless `exactly`. Exact: looks at the best 256
/// of each subspace first, and at all where caps may reach beyond them. n ≤ max_slots.
[[nodiscard]] boost::container::small_vector<float, 8> best_allowed(
  const slate_caps& caps, std::span<const std::shared_ptr<const catalogue_epoch>> live, std::span<const float> q,
  std::uint32_t n, bool exactly);

} // namespace ammo
