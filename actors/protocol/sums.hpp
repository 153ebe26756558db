/// Exact sums as they cross the wire, and back.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/regret.hpp"

namespace ammo {

/// The wire's form of a sum; what it ignored stays behind.
[[nodiscard]] inline fixed_sum wire_of(const exact_sum& s) noexcept { return {s.high(), s.low()}; }
[[nodiscard]] inline exact_sum sum_of(const fixed_sum& f) noexcept { return exact_sum::from_parts(f.high, f.low); }

} // namespace ammo
