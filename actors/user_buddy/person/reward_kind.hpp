/// What kind of number a subspace's rewards are, told from the numbers alone.
/// Lives here: exact integer counts of rewards, the kind that they speak for. May not live here: beliefs about q.
#pragma once

#include "actors/protocol/pooled.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ammo {

enum class reward_kind : std::uint8_t {
  two_valued, ///< clicks and the like, whatever the two numbers: logistic
  linear,     ///< a line and noise
  heavy,      ///< never negative, seldom zero, over orders of magnitude: log1p(r / unit)
};
static_assert(reward_kinds == 3);

[[nodiscard]] std::string_view name_of(reward_kind k) noexcept;

/// Counts of one person's rewards. All integers: order-free, and the same for rewards × 2^k but for `exponents`, which
/// moves by k times the count.
struct reward_counts {
  std::uint64_t rewards = 0, positive = 0, negative = 0;
  std::int64_t exponents = 0;         ///< Σ of the positive ones' binary exponents
  std::uint64_t squared_exponents = 0; ///< Σ of their squares
  double first = 0, second = 0;        ///< the first two different values
  std::uint8_t different = 0;          ///< values seen: 0, 1, 2, or 3 for more than two

  void add(double reward) noexcept;
  /// Does it have enough to tell by itself?
  [[nodiscard]] bool sure() const noexcept;
  [[nodiscard]] reward_kind kind() const noexcept;
  /// Mean binary exponent of positive rewards, rounded: the unit of `heavy` is 2 to this.
  [[nodiscard]] int typical_exponent() const noexcept;
  friend bool operator==(const reward_counts&, const reward_counts&) = default;
};

} // namespace ammo
