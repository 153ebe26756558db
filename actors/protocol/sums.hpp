/// Exact sums as they cross the wire, and back.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/regret.hpp"

#include <cstdint>
#include <limits>

namespace ammo {

/// The wire's form of a sum; what it ignored stays behind.
[[nodiscard]] inline fixed_sum wire_of(const exact_sum& s) noexcept { return {s.high(), s.low()}; }
[[nodiscard]] inline exact_sum sum_of(const fixed_sum& f) noexcept { return exact_sum::from_parts(f.high, f.low); }

inline void add(fixed_sum& to, const fixed_sum& more) noexcept {
  auto sum = sum_of(to);
  sum.add(sum_of(more));
  to = wire_of(sum);
}

/// The sum of two amounts ≥ 0, at most the largest that 64 bits hold: each account fits, but all of them may not.
[[nodiscard]] inline std::int64_t capped_sum(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

} // namespace ammo
