/// Equals share: where more creations are worth the last place than there are places, chance decides. Pure.
#pragma once

#include "actors/base/random.hpp"
#include "actors/user_buddy/slate/ranking.hpp"

#include <cstddef>
#include <span>

namespace ammo {

/// As `top_n`, and equals by chance: which of them are among the best n, and their order. A top-N search for one more; where the
/// last place is shared, a dot product a row beside it.
std::size_t top_n_by_chance(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out, splitmix64& g,
                            const eligibility* who = nullptr);

/// As `best_slate`, and equals of one subspace by chance.
[[nodiscard]] ranking best_slate_by_chance(const slate_options& options, snapshots_view snapshots, std::span<const float> q,
                                           std::size_t n, splitmix64& g, const eligibility* who = nullptr);

} // namespace ammo
