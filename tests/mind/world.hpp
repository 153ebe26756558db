/// Small worlds for the tests of minds: layouts, catalogues and proposals in a line.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/base/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <memory>
#include <vector>

namespace ammo::testing {

/// Who makes a creation, and where it stands.
struct made {
  goal_id goal{};
  owner_id owner{};
  std::vector<float> e;
};

/// One subspace's period with these creations in rows 0, 1, …; the content number of each is 100 + its row.
inline std::shared_ptr<const catalogue_version> period_of(const std::vector<made>& all, subspace_id s = subspace_id{0},
                                                       block coordinates = {0, 2}) {
  catalogue c{s, coordinates};
  for (std::size_t i = 0; i < all.size(); ++i)
    REQUIRE(c.add(all[i].goal, all[i].owner, 100 + i, all[i].e));
  return c.publish();
}

/// The id of the creation in a row of a period.
inline creation_id at(const catalogue_version& c, std::uint32_t row) { return c.info(row).id; }

/// A layout of one subspace, "coin", that owns all coordinates.
inline layout coin_layout(std::uint32_t dim) { return *layout::make(dim, {{"coin", {0, dim}}}); }

/// A vector of that norm in a random direction.
inline std::vector<float> random_vector(splitmix64& g, std::size_t dim, double norm = 1) {
  std::vector<float> v(dim);
  double square = 0;
  for (auto& x : v) {
    x = static_cast<float>(uniform01(g) - 0.5);
    square += double{x} * x;
  }
  for (auto& x : v)
    x = static_cast<float>(x * norm / std::sqrt(square));
  return v;
}

} // namespace ammo::testing
