/// An order of points in which neighbours are near. Private to this room: see cone_tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// Indices of the points (`width` floats each, one after the other; the last coordinate counts only between -2 and 2),
/// so that every run of 16·2^k from a multiple of its own length lies together: halves are split at the median along
/// the principal axis of their sample, then along the line between the halves' means.
/// O(width · points · log points).
[[nodiscard]] std::vector<std::uint32_t> cone_order(std::span<const float> points, std::size_t width);

} // namespace ammo
