/// What a host's rewards count for beside each other, whatever their unit: engagement in [−1, 1], of which budgets, prices and
/// strains are made. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ammo {

/// Of one subspace in one shard. Rewards within [−1, 1] are engagement as they are. Once one was beyond, all are divided by the
/// power of two above the typical size of those seen so far, and clipped: so no single reward says what the others are worth.
struct engagement_scale {
  std::uint64_t rewards = 0; ///< other than 0
  std::int64_t exponents = 0; ///< Σ of their binary exponents
  bool beyond = false;        ///< was one outside of [−1, 1]?

  /// Of a finite reward. Counts it.
  [[nodiscard]] double engagement(double reward) noexcept {
    if (reward != 0) {
      ++rewards;
      exponents += std::ilogb(reward);
    }
    beyond = beyond || std::abs(reward) > 1;
    return worth(reward);
  }
  /// The same of one that was counted.
  [[nodiscard]] double worth(double reward) const noexcept { return std::clamp(beyond ? std::ldexp(reward, -unit()) : reward, -1.0, 1.0); }
  /// Binary exponent of the unit.
  [[nodiscard]] int unit() const noexcept {
    if (!beyond)
      return 0;
    return static_cast<int>(std::lround(static_cast<double>(exponents) / static_cast<double>(rewards))) + 1;
  }
  friend bool operator==(const engagement_scale&, const engagement_scale&) = default;
};

} // namespace ammo
