/// What control tells of the policy. Pure.
#pragma once

#include "actors/protocol/messages/statistics.hpp"
#include "ammo/report.hpp"

#include <optional>
#include <span>

namespace ammo {

/// Groups of people that were shown slates of both arms, as many as an interval takes.
inline constexpr std::size_t groups_for_interval = 8;

/// Both arms' mean rewards, each a ratio of sums, and the interval of their difference: linearised ratios with groups of people as clusters (Deng,
/// Knoblich, Lu, "Applying the delta method in metric analytics", KDD 2018, §3.1), by Student's t. Nothing where nothing was shown.
[[nodiscard]] std::optional<control_lift> lift_of(std::span<const compared_arms> by_group);

} // namespace ammo
