/// Points and steps in the ball of a block's creations. Pure arithmetic on short vectors, in double.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/base/gaussian.hpp"
#include "actors/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace ammo::ball {

[[nodiscard]] inline double dot(std::span<const float> a, std::span<const float> b) noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    sum += double{a[k]} * b[k];
  return sum;
}

/// The same in single precision and eight lanes, for loops in which it is what takes the time.
[[nodiscard]] inline float quick_dot(std::span<const float> a, std::span<const float> b) noexcept {
  constexpr std::size_t width = 8;
  float sums[width] = {}, sum = 0;
  std::size_t k = 0;
  for (; k + width <= a.size(); k += width)
    for (std::size_t i = 0; i < width; ++i)
      sums[i] += a[k + i] * b[k + i];
  for (; k < a.size(); ++k)
    sum += a[k] * b[k];
  for (float x : sums)
    sum += x;
  return sum;
}

[[nodiscard]] inline double norm(std::span<const float> v) noexcept { return std::sqrt(dot(v, v)); }

[[nodiscard]] inline double squared_distance(std::span<const float> a, std::span<const float> b) noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    sum += (double{a[k]} - b[k]) * (double{a[k]} - b[k]);
  return sum;
}

/// ½|a − b|²: what it costs a creation to be at one and have its facts at the other. Not finite where a coordinate isn't.
[[nodiscard]] inline double half_squared_distance(std::span<const float> a, std::span<const float> b) noexcept {
  return squared_distance(a, b) / 2;
}

[[nodiscard]] inline bool finite(std::span<const float> v) noexcept {
  return std::ranges::all_of(v, [](float x) { return std::isfinite(x); });
}

/// a += t·b.
inline void add(std::span<float> a, std::span<const float> b, double t) noexcept {
  for (std::size_t k = 0; k < a.size(); ++k)
    a[k] += static_cast<float>(t) * b[k];
}

/// Scales v to a length; zero stays zero.
inline void rescale(std::span<float> v, double length) noexcept {
  if (const double size = norm(v); size > 0)
    for (float& x : v)
      x = static_cast<float>(x * length / size);
}

/// Pulled back into the ball of radius `cap`, if it is outside.
inline void pull_back(std::span<float> v, double cap) noexcept {
  if (norm(v) > cap)
    rescale(v, cap);
}

/// May a creation be there? `wrong_dimension`, `not_finite`, `norm_over_cap` (with a tolerance of 1e-4), or `ok`.
[[nodiscard]] inline errc check(std::span<const float> e, std::size_t width, double cap) noexcept {
  if (e.size() != width)
    return errc::wrong_dimension;
  if (!finite(e))
    return errc::not_finite;
  return norm(e) > cap + 1e-4 ? errc::norm_over_cap : errc::ok;
}

/// a + t·(b − a), pulled back into the ball of radius `cap`.
[[nodiscard]] inline std::vector<float> between(std::span<const float> a, std::span<const float> b, double t, double cap) {
  std::vector<float> out(a.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    out[k] = static_cast<float>(a[k] + t * (double{b[k]} - a[k]));
  pull_back(out, cap);
  return out;
}

/// a + length·direction, pulled back into the ball of radius `cap`.
[[nodiscard]] inline std::vector<float> along(std::span<const float> a, std::span<const float> direction, double length,
                                              double cap) {
  std::vector<float> to(a.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    to[k] = static_cast<float>(a[k] + length * double{direction[k]});
  pull_back(to, cap);
  return to;
}

/// A direction of length 1, uniform on the sphere.
[[nodiscard]] inline std::vector<float> direction(splitmix64& g, std::size_t dim) {
  std::vector<float> u(dim);
  standard_normal(g, u);
  const double size = std::max(norm(u), 1e-12);
  for (float& x : u)
    x = static_cast<float>(x / size);
  return u;
}

} // namespace ammo::ball
