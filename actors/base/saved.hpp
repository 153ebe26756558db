/// Helpers of every mind's `save` and `restore`: the order of a snapshot's entries, and what is wrong with one.
#pragma once

#include "actors/base/result.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ammo {

/// A map's entries by key, ascending: a hash map's own order depends on its past.
template <class Map>
[[nodiscard]] std::vector<const typename Map::value_type*> by_key(const Map& map) {
  std::vector<const typename Map::value_type*> out;
  out.reserve(map.size());
  for (const auto& entry : map)
    out.push_back(&entry);
  std::ranges::sort(out, {}, [](const auto* entry) { return entry->first; });
  return out;
}

/// Does each key exceed the one before it?
template <class Range, class Projection = std::identity>
[[nodiscard]] bool ascends(const Range& range, Projection key = {}) {
  return std::ranges::adjacent_find(range, std::ranges::greater_equal{}, key) == std::ranges::end(range);
}

[[nodiscard]] inline failure bad_state(std::string detail) { return {errc::bad_state, std::move(detail)}; }

} // namespace ammo
