/// The n best rows seen so far by one top-N search, in a form that vector code can shift. Private to this room.
#pragma once

#include "actors/space/catalogue.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ammo {

/// Users that share one pass over the catalogue in a batched search: few enough for their q to stay in the first
/// cache, and a multiple of what any tile takes.
inline constexpr std::size_t users_a_pass = 96;

/// A view of n places, best first. Storage is `room_for(n)` floats and as many rows: a guard that no score exceeds
/// stands right before the first place, and the last vector of places is padded.
struct best_list {
  static constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();
  float* scores; ///< of the places
  std::uint32_t* rows;
  std::size_t n;

  [[nodiscard]] static constexpr std::size_t padded(std::size_t n) noexcept { return (n + lanes - 1) / lanes * lanes; }
  [[nodiscard]] static constexpr std::size_t room_for(std::size_t n) noexcept { return lanes + padded(n); }
  /// An empty list in that storage.
  best_list(float* score_room, std::uint32_t* row_room, std::size_t places) noexcept
    : scores(score_room + lanes), rows(row_room + lanes), n(places) {
    std::fill_n(scores, padded(n), -std::numeric_limits<float>::infinity());
    std::fill_n(rows, padded(n), no_row);
    scores[-1] = std::numeric_limits<float>::infinity();
    rows[-1] = no_row;
  }
  /// What a row's score must exceed to enter. NaN never does.
  [[nodiscard]] float bar() const noexcept { return scores[n - 1]; }
};

} // namespace ammo
