/// Values that many messages carry.
#pragma once

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// One entry a slot; no allocation up to 8 slots.
template <class T>
using per_slot = boost::container::small_vector<T, 8>;

/// Coordinates in float32; on the wire EXT type 1, little-endian, 4·dim bytes. Must be finite.
struct embedding {
  std::vector<float> values;
  friend bool operator==(const embedding&, const embedding&) = default;
};

/// Fixed-point sum (see exact_sum) as it crosses the wire.
struct fixed_sum {
  std::int64_t high = 0;
  std::uint64_t low = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.high, s.low); }
  friend bool operator==(const fixed_sum&, const fixed_sum&) = default;
};

} // namespace ammo
