/// What a broadcast says of one creation's attention.
#pragma once

#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <span>

namespace ammo {

/// The creation's entry of exposures that ascend by id; null: it wasn't shown. O(log).
[[nodiscard]] inline const exposure* exposure_of(std::span<const exposure> ascending, creation_id id) noexcept {
  const auto at = std::ranges::lower_bound(ascending, id, {}, &exposure::creation);
  return at != ascending.end() && at->creation == id ? &*at : nullptr;
}

/// What its attention counts for: impressions, or where Goal Buddies are rewarded so, merit.
[[nodiscard]] inline double attention_in(const exposure& x, bool by_merit) noexcept {
  return by_merit ? sum_of(x.merit).value() : static_cast<double>(x.impressions);
}

/// Mean reward of an impression; 0 of none.
[[nodiscard]] inline double mean_reward(const exposure& x) noexcept {
  return x.impressions == 0 ? 0 : sum_of(x.engagement).value() / static_cast<double>(x.impressions);
}

} // namespace ammo
