/// Standard normal draws from a counter-based generator: the same numbers on every machine and in every build.
#pragma once

#include "actors/base/random.hpp"

#include <span>

namespace ammo {

/// Fills `out` with independent draws from N(0, 1) (ziggurat: Marsaglia and Tsang 2000, as in Boost.Random).
void standard_normal(splitmix64& g, std::span<float> out) noexcept;

} // namespace ammo
