#include "actors/aipp/user_index.hpp"

#include <cassert>
#include <utility>

namespace ammo {

void user_index::set(user_id user, std::uint32_t index) {
  assert(index != none);
  if ((size_ + 1) * 3 > cells_.size() * 2)
    grow();
  auto& to = cells_[probe(user)];
  size_ += to.index == none;
  to = {user, index};
}

void user_index::erase(user_id user) noexcept {
  if (find(user) == none)
    return;
  auto hole = probe(user);
  for (auto at = next(hole); cells_[at].index != none; at = next(at))
    // What stands here may fill the hole unless its home lies behind the hole.
    if (auto mask = cells_.size() - 1; ((at - home(cells_[at].user)) & mask) >= ((at - hole) & mask)) {
      cells_[hole] = cells_[at];
      hole = at;
    }
  cells_[hole] = {};
  --size_;
}

void user_index::grow() {
  auto old = std::exchange(cells_, std::vector<cell>(cells_.empty() ? 16 : cells_.size() * 2));
  for (const auto& c : old)
    if (c.index != none)
      cells_[probe(c.user)] = c;
}

} // namespace ammo
