/// What Goal Buddies hear of exposures: rounded, so that it tells of crowds and of no single person. Pure.
/// Lives here: the rounding. May not live here: demand and everything else that follows from it.
#pragma once

#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// How far exposures are rounded.
struct rounding {
  std::uint32_t crowd = 5;           ///< people that a published figure stands for at least; 0: figures are published as they are
  std::uint64_t slates_a_person = 1; ///< of the period: the most impressions of one creation that one person gives
  std::uint64_t seed = 1;            ///< of the offsets
};

/// The exposures as they are published, ascending as they come. With a grain of crowd · slates_a_person impressions:
///   - A creation with less than one grain of impressions is withheld. Whatever is published is of `crowd` people or more.
///   - Impressions are whole grains, off by less than one. Mean engagement is a multiple of 1/8, mean merit of 1/32.
///   - A creation has one offset of its rounding for as long as it is live, uniform in a grain: errors have mean 0 over creations,
///     and a second look at one creation tells nothing new.
/// O(exposures).
[[nodiscard]] std::vector<exposure> published(std::span<const exposure> exact, const rounding& r);

} // namespace ammo
