/// How many of something each owner has.
#pragma once

#include "actors/base/ids.hpp"

#include <cstdint>
#include <unordered_map>

namespace ammo {

/// By owner. Who has none takes no memory.
class owner_counts {
public:
  [[nodiscard]] std::uint32_t of(owner_id owner) const {
    const auto it = counts_.find(raw(owner));
    return it == counts_.end() ? 0 : it->second;
  }
  void add(owner_id owner) { ++counts_[raw(owner)]; }
  void remove(owner_id owner) {
    if (const auto it = counts_.find(raw(owner)); it != counts_.end() && --it->second == 0)
      counts_.erase(it);
  }

private:
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

} // namespace ammo
