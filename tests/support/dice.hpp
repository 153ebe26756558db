/// Random numbers as tests want them.
#pragma once

#include "actors/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ammo::test {

/// Where a driver's random numbers come from.
struct dice {
  splitmix64 g;
  std::uint64_t below(std::uint64_t n) { return g() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  double real(double low, double high) { return low + (high - low) * uniform01(g); }
  /// A vector of a length up to `longest`.
  std::vector<float> vector(std::size_t dim, double longest = 1) {
    std::vector<float> v(dim);
    double square = 0;
    for (float& x : v) {
      x = static_cast<float>(real(-1, 1));
      square += double{x} * x;
    }
    const double scale = longest * real(0, 1) / std::sqrt(std::max(square, 1e-12));
    for (float& x : v)
      x = static_cast<float>(x * scale);
    return v;
  }
};

} // namespace ammo::test
