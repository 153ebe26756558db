/// Random creations for tests: reproducible, on the unit sphere, some of them retired again.
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace ammo::test {

/// A uniform number in [-1, 1).
inline float coordinate(splitmix64& g) { return static_cast<float>(2 * uniform01(g) - 1); }

/// `count` vectors of norm 1, one after the other.
inline std::vector<float> directions(std::size_t count, std::size_t width, splitmix64& g) {
  std::vector<float> all(count * width);
  for (std::size_t i = 0; i < count; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < width; ++k) {
      all[i * width + k] = coordinate(g);
      square += double{all[i * width + k]} * all[i * width + k];
    }
    for (std::size_t k = 0; k < width; ++k)
      all[i * width + k] /= static_cast<float>(std::sqrt(square));
  }
  return all;
}

/// `count` creations of which about `dead` (a share) are retired again.
inline std::shared_ptr<const catalogue_version> random_version(std::size_t count, std::uint32_t width, double dead,
                                                           splitmix64& g) {
  catalogue c(subspace_id{3}, block{7, width});
  const auto e = directions(count, width, g);
  std::vector<creation_id> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back(c.add(goal_id{i}, owner_id{i}, i, std::span(e).subspan(i * width, width)).value());
  for (std::size_t i = 0; i < count; ++i)
    if (uniform01(g) < dead)
      REQUIRE(c.retire(goal_id{i}, ids[i]));
  return c.publish();
}

} // namespace ammo::test
