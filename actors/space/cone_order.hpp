/// Points in a hierarchy of groups that are near. Private to this room: see cone_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// A run of points and the groups that it consists of; none where it is small.
struct point_group {
  std::size_t first = 0, count = 0;
  std::vector<point_group> parts = {}; ///< at most 16, without gaps; empty where count ≤ smallest_group
};

/// Points that aren't divided any further.
inline constexpr std::size_t smallest_group = 256;

/// Hierarchical k-means (k = 16 of the remaining points, or fewer; Lloyd's iterations on a sample). `points`: `width`
/// floats each, one after the other; the last coordinate counts only between -2 and 2. Writes to `order` the indices
/// of the points, group by group. O(width · points · log points) or so.
[[nodiscard]] point_group grouped(std::span<const float> points, std::size_t width, std::vector<std::uint32_t>& order);

} // namespace ammo
