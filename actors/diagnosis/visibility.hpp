/// Who is seen, and who gains by it: how unequal visibility is, and the welfare of users and creators. Pure.
#pragma once

#include <cstddef>
#include <span>

namespace ammo {

/// Gini's index of shares ≥ 0: half the mean difference of two of them over their mean. 0: all alike; 1 − 1/n: one has
/// everything. 0 where there are none or all are 0. O(n log n).
[[nodiscard]] double gini(std::span<const double> shares);
/// The part of the whole that the largest ⌈fraction · n⌉ of the shares have; `fraction` in (0, 1]. 0 where the whole
/// is 0. O(n log n).
[[nodiscard]] double top_share(std::span<const double> shares, double fraction = 0.1);

/// Utilities of one side of the game.
struct welfare {
  double total = 0, mean = 0, least = 0, most = 0;
};
[[nodiscard]] welfare welfare_of(std::span<const double> utilities); ///< all 0 of none

/// What users get: by user Σ_j p_j v_j of users × creators, written to `utilities` (one a user). Sizes asserted.
void user_utilities(std::span<const double> exposure, std::span<const double> values, std::span<double> utilities);
/// What creators get: by creator the mean of its exposure over users − λ · cost, written to `utilities` (one a
/// creator); `exposure` users × creators, `costs` one a creator. Sizes asserted.
void creator_utilities(std::span<const double> exposure, std::span<const double> costs, double lambda,
                       std::span<double> utilities);

} // namespace ammo
