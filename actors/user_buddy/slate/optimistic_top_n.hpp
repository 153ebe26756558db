/// Top-N by an upper confidence bound, exact or of a shortlist: what C2UCB makes a slate of. Pure; randomness comes in
/// as an argument.
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/base/random.hpp"
#include "actors/space/top_n.hpp"
#include "actors/user_buddy/belief/belief.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ammo {

/// Decides between equals up to rounding, and nothing else: the most that chance adds to a value. Bounds of creations of equal length
/// differ by 1e-5 or so: with less, rounding would choose.
inline constexpr float optimistic_tie_break = 1e-4f;

/// How a creation is valued: e·m + scale · sqrt(eᵀA⁻¹e).
struct optimism {
  float scale = 0;          ///< α σ
  std::uint32_t offset = 0; ///< where the creations' block begins in the factor's coordinates
};

/// The min(out.size(), live) live creations of the largest optimistic value, best first; equals by chance (`ties`: a
/// draw a row, below `optimistic_tie_break`). Returns how many. O(d²) a live creation, 16 creations at a time. `who`: of
/// eligible creations alone; null: of all.
std::size_t optimistic_top_n(const catalogue_version& c, factor_belief believed, optimism how,
                             splitmix64& ties, std::span<scored> out, const eligibility* who = nullptr);

/// Creations on the shortlist of a slate of n: three times as many, in whole vectors.
[[nodiscard]] constexpr std::size_t shortlist_of(std::size_t n) noexcept {
  return std::min((3 * n + lanes - 1) / lanes * lanes, std::size_t{4} * max_slots);
}

/// As `optimistic_top_n`, of the `shortlist_of(out.size())` live creations whose e·q is largest; equals by chance. `q`: the catalogue's block of a vector, as in `top_n`. O(d) a live creation, O(d²) a creation of the shortlist;
/// out.size() <= max_slots·4.
std::size_t optimistic_of_shortlist(const catalogue_version& c, factor_belief believed, optimism how,
                                    std::span<const float> q, splitmix64& ties, std::span<scored> out,
                                    const eligibility* who = nullptr);

} // namespace ammo
