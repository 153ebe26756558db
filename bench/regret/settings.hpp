/// The settings of bench/regret: 500 creations in R^16, a person, and how the person changes.
#pragma once

#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace regret_bench {

inline constexpr std::uint32_t dim = 16, creations = 500, slots = 5;
inline constexpr double noise = 0.3; ///< σ of a reward around e·q

/// - clustered: unit vectors around 10 random directions, each 0.3 off or so.
/// - heavy_tailed: multivariate Student t with 2 degrees of freedom, scaled by 0.3, clipped to the unit ball (9 % are).
/// - near_duplicates: 25 copies of each of 20 random unit vectors, with 0.01 of noise a coordinate.
/// - small_gaps: the values of the 50 best lie within 0.02 of each other, those of the rest up to 0.18 or more below.
/// - drifting: random unit vectors; q is drawn anew after each quarter of the rounds, and nobody says so.
/// - still: the same unit vectors without a change.
/// In all, q is a random unit vector, so that a reward's mean lies in [-1, 1].
enum class setting : std::uint8_t { clustered, heavy_tailed, near_duplicates, small_gaps, drifting, still };
inline constexpr std::string_view setting_names[] = {"clustered", "heavy_tailed", "near_duplicates",
                                                     "small_gaps", "drifting",    "still"};

struct scene {
  std::shared_ptr<const ammo::catalogue_version> live;
  std::vector<std::vector<float>> preferences; ///< q of each equal stretch of the rounds
};

/// The same scene for the same seed.
[[nodiscard]] scene make_scene(setting s, std::uint64_t seed);

} // namespace regret_bench
