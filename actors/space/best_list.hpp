/// The n best rows seen so far by one top-N search: what the vector code of top_n.cpp falls back to for the few rows
/// that enter. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace ammo {

/// Users that share one pass over the catalogue in a batched search.
inline constexpr std::size_t users_a_pass = 64;

/// A row and its score.
struct ranked_row {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  float score;
  std::uint32_t row;
};

/// Forgets what `best` holds; best.size() is n.
inline void clear(std::span<ranked_row> best) noexcept {
  for (ranked_row& place : best)
    place = {-std::numeric_limits<float>::infinity(), ranked_row::none};
}

/// What a row's score must exceed to enter. NaN never does.
inline float bar_of(std::span<const ranked_row> best) noexcept { return best.back().score; }

/// Enters a row that exceeds the bar, best first. Rows come in ascending order, so an equal score stays behind.
inline void enter(std::span<ranked_row> best, ranked_row next) noexcept {
  std::size_t at = best.size() - 1;
  for (; at > 0 && next.score > best[at - 1].score; --at)
    best[at] = best[at - 1];
  best[at] = next;
}

} // namespace ammo
