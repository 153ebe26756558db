/// The Euclidean length of a vector, the same wherever it is asked for.
#pragma once

#include <cmath>
#include <span>

namespace ammo {

/// Summed in double precision, coordinate by coordinate. Not finite where a coordinate isn't.
[[nodiscard]] inline double length_of(std::span<const float> v) noexcept {
  double square = 0;
  for (float x : v)
    square += double{x} * x;
  return std::sqrt(square);
}

} // namespace ammo
