#include "actors/aipp/impression_log.hpp"

#include <algorithm>

namespace ammo {

impression_log::impression_log(std::uint32_t open_impressions, std::uint32_t shard)
  : open_impressions_(open_impressions), shard_(shard), issued_(issued_remembered) {}

void impression_log::open(impression_id id, user_id user, const context& about) {
  issue(id, user, false);
  if (open_impressions_ == 0)
    return;
  auto& r = open_[raw(user)];
  if (r.entries.size() < open_impressions_) {
    r.entries.push_back({id, about});
    return;
  }
  r.entries[r.oldest] = {id, about};
  r.oldest = (r.oldest + 1) % r.entries.size();
}

result<impression_log::context> impression_log::close(impression_id id, user_id user) {
  auto about = peek(id, user);
  if (about)
    std::ranges::find(open_.find(raw(user))->second.entries, id, &awaited::id)->open = false;
  return about;
}

result<impression_log::context> impression_log::peek(impression_id id, user_id user) const {
  const failure why{why_not(id, user), "impression " + std::to_string(raw(id))};
  const auto mine = open_.find(raw(user));
  if (mine == open_.end())
    return why;
  const auto& entries = mine->second.entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const awaited& a) { return a.id == id; });
  if (found == entries.end())
    return why;
  return found->open ? result<context>{found->about} : result<context>{errc::feedback_twice, why.detail};
}

errc impression_log::why_not(impression_id id, user_id user) const noexcept {
  if (shard_of(id) != shard_)
    return errc::feedback_not_shown;
  const auto counter = counter_of(id);
  const auto& to = issued_[counter % issued_remembered];
  if (counter == 0 || counter > newest_ || to.counter < counter)
    return errc::unknown_impression;
  if (to.counter > counter)
    return errc::feedback_late;
  if (to.user != user)
    return errc::feedback_not_shown;
  return to.answered ? errc::feedback_twice : errc::feedback_late;
}

} // namespace ammo
