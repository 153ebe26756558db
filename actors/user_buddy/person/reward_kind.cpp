#include "actors/user_buddy/person/reward_kind.hpp"

#include "actors/base/named.hpp"

#include <array>
#include <cmath>

namespace ammo {

namespace {

/// Positive rewards from which on their spread is trusted.
constexpr std::uint64_t enough = 30;
/// Variance of log₂ of the positive rewards from which on they are heavy: a factor of 2.4 is one standard deviation.
constexpr double heavy_variance = 1.6;

constexpr std::array<std::string_view, reward_kinds> names{"two_valued", "linear", "heavy"};

} // namespace

std::string_view name_of(reward_kind k) noexcept { return name_in(names, k); }

void reward_counts::add(double r) noexcept {
  if (different == 0 || (different == 1 && r != first)) {
    (different == 0 ? first : second) = r;
    ++different;
  } else if (different == 2 && r != first && r != second) {
    different = 3;
  }
  ++rewards;
  negative += r < 0;
  if (r > 0) {
    ++positive;
    const std::int64_t e = std::ilogb(r);
    exponents += e;
    squared_exponents += static_cast<std::uint64_t>(e * e);
  }
}

bool reward_counts::sure() const noexcept { return different == 3 && (negative > 0 || positive >= enough); }

reward_kind reward_counts::kind() const noexcept {
  if (different <= 2)
    return reward_kind::two_valued;
  if (negative > 0 || positive < enough || 2 * positive < rewards)
    return reward_kind::linear;
  const double n = static_cast<double>(positive), mean = static_cast<double>(exponents) / n;
  const double variance = static_cast<double>(squared_exponents) / n - mean * mean;
  return variance > heavy_variance ? reward_kind::heavy : reward_kind::linear;
}

int reward_counts::typical_exponent() const noexcept {
  if (positive == 0)
    return 0;
  const auto n = static_cast<std::int64_t>(positive);
  const std::int64_t twice = 2 * exponents + n; // floor(mean + 1/2), exactly
  return static_cast<int>(twice >= 0 ? twice / (2 * n) : -((-twice + 2 * n - 1) / (2 * n)));
}

} // namespace ammo
