/// Points in an order in which neighbours are near. Private to this room: see cone_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// The indices of the points, such that 16 neighbours from a multiple of 16 on are near one another, and so are 256,
/// 4096 and so on: divided in two by 2-means on a sample, again and again, each cut moved to such a multiple. `points`:
/// `width` floats each, one after the other; the last coordinate counts only between -2 and 2. O(width · points · log
/// points).
[[nodiscard]] std::vector<std::uint32_t> near_order(std::span<const float> points, std::size_t width);

} // namespace ammo
