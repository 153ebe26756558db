#include "actors/space/embedding_store.hpp"

#include <algorithm>

namespace ammo {

embedding_store::handle embedding_store::hold(creation_id creation, std::span<const float> e) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto row = rows_.find(creation); row != rows_.end())
      if (handle now = row->second.lock())
        return now;
  }
  // Made, and where that fails let go of again, while nobody waits: whoever lets go takes the lock.
  auto fresh = std::make_unique<held_embedding>(held_embedding{creation, {e.begin(), e.end()}});
  handle made(fresh.release(), [store = shared_from_this()](const held_embedding* gone) {
    store->drop(gone->creation);
    delete gone;
  });
  const std::lock_guard lock(mutex_);
  auto& row = rows_[creation];
  if (handle now = row.lock()) // somebody else was faster
    return now;
  row = made;
  return made;
}

std::size_t embedding_store::size() const {
  const std::lock_guard lock(mutex_);
  return rows_.size();
}

std::vector<embedding_store::handle> embedding_store::held() const {
  std::vector<handle> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(rows_.size());
    for (const auto& [creation, row] : rows_)
      if (handle now = row.lock())
        all.push_back(std::move(now));
  }
  std::ranges::sort(all, {}, [](const handle& h) { return h->creation; });
  return all;
}

/// Somebody may have taken hold of it anew since its last holder let go.
void embedding_store::drop(creation_id creation) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto row = rows_.find(creation); row != rows_.end() && row->second.expired())
    rows_.erase(row);
}

} // namespace ammo
