#include "actors/slots/arbitration.hpp"

#include <algorithm>

namespace ammo {

bool slate_caps::any() const noexcept {
  const auto set = [](std::uint32_t x) { return x > 0; };
  return per_goal > 0 || per_owner > 0 || near_duplicate > 0 || std::ranges::any_of(per_subspace, set) || std::ranges::any_of(floors, set);
}

std::uint32_t picks::of(subspace_id s) const noexcept {
  return static_cast<std::uint32_t>(
    std::count_if(picked_.begin(), picked_.begin() + size_, [s](const contender& p) { return p.subspace == s; }));
}

picks::verdict picks::judge(const contender& c) const noexcept {
  std::uint32_t subspace = 0, goal = 0, owner = 0;
  for (std::uint32_t i = 0; i < size_; ++i) {
    const bool here = picked_[i].subspace == c.subspace;
    subspace += here;
    goal += here && picked_[i].goal == c.goal;
    owner += here && picked_[i].owner == c.owner;
    if (picked_[i].likeness == c.likeness)
      return verdict::near_duplicate;
  }
  if (caps_.per_goal > 0 && goal >= caps_.per_goal)
    return verdict::cap_goal;
  if (caps_.per_owner > 0 && owner >= caps_.per_owner)
    return verdict::cap_owner;
  if (const auto cap = caps_.cap_of(c.subspace); cap > 0 && subspace >= cap)
    return verdict::cap_subspace;
  return verdict::fits;
}

boost::container::small_vector<std::uint32_t, 8> arbitrate(const slate_caps& caps, std::span<const contender> best_first,
                                                           std::uint32_t n) {
  boost::container::small_vector<std::uint32_t, 8> granted;
  picks so_far(caps);
  const auto take = [&](std::uint32_t i) {
    so_far.add(best_first[i]);
    granted.push_back(i);
  };
  if (!caps.floors.empty())
    for (std::uint32_t i = 0; i < best_first.size() && so_far.size() < n; ++i)
      if (const auto s = best_first[i].subspace;
          so_far.of(s) < caps.floor_of(s) && so_far.judge(best_first[i]) == picks::verdict::fits)
        take(i);
  const auto reserved = granted.size();
  for (std::uint32_t i = 0; i < best_first.size() && so_far.size() < n; ++i)
    if (std::find(granted.begin(), granted.begin() + static_cast<std::ptrdiff_t>(reserved), i) ==
          granted.begin() + static_cast<std::ptrdiff_t>(reserved) &&
        so_far.judge(best_first[i]) == picks::verdict::fits)
      take(i);
  std::ranges::sort(granted);
  return granted;
}

} // namespace ammo
