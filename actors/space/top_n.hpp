/// Exact top-N by dot product, always: what a slate is made of. Vector code with run-time dispatch
/// (Highway), over the panels of a catalogue version.
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/space/eligibility.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// One found creation.
struct scored {
  creation_id creation = no_creation;
  float score = 0;
  friend bool operator==(const scored&, const scored&) = default;
};

/// The min(n, live) live creations with the largest e·q, best first; equal scores by lower row first.
/// `q`: the version's block of a preference vector (width floats). Writes to `out` (out.size() >= n) and
/// returns how many. No allocation; n <= max_slots·4. q must be finite (a NaN score is never chosen).
/// `who`: of eligible creations alone; null: of all. Panels and tiles of which tags rule out every row are skipped; lists are
/// looked into for those rows that would enter.
std::size_t top_n(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out,
                  const eligibility* who = nullptr) noexcept;

/// The same for `q.size() / width` users at once, one after the other in `q`; user u's answers start at
/// `out[u * n]`, and unused places hold `no_creation`. Bit-identical to `top_n` for each user.
void top_n_batch(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out);

} // namespace ammo
