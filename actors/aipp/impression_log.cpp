#include "actors/aipp/impression_log.hpp"

#include <algorithm>
#include <iterator>

namespace ammo {

impression_log::impression_log(std::uint32_t open_impressions, std::uint32_t shard, std::uint32_t days)
  : open_impressions_(open_impressions), shard_(shard), days_(days), issued_(issued_remembered) {}

void impression_log::at(std::uint32_t day) {
  if (day == today_)
    return;
  today_ = day;
  for (auto it = open_.begin(); it != open_.end();) {
    drop_expired(it->second);
    it = it->second.entries.empty() ? open_.erase(it) : std::next(it);
  }
}

void impression_log::drop_expired(ring& r) {
  std::ranges::rotate(r.entries, r.entries.begin() + static_cast<std::ptrdiff_t>(r.oldest));
  r.oldest = 0;
  const auto kept = std::ranges::find_if_not(r.entries, [this](const awaited& a) { return over(a); });
  expired_ += static_cast<std::uint64_t>(std::count_if(r.entries.begin(), kept, [](const awaited& a) { return a.open; }));
  r.entries.erase(r.entries.begin(), kept);
}

void impression_log::open(impression_id id, user_id user, const context& about) {
  issue(id, user, false);
  if (open_impressions_ == 0)
    return;
  auto& r = open_[raw(user)];
  if (r.entries.size() < open_impressions_) { // the ring begins at its front then
    r.entries.push_back({id, about, true, today_});
    return;
  }
  expired_ += r.entries[r.oldest].open;
  r.entries[r.oldest] = {id, about, true, today_};
  r.oldest = (r.oldest + 1) % r.entries.size();
}

void impression_log::revoke(impression_id id, user_id user) {
  const auto counter = counter_of(id);
  if (auto& to = issued_[counter % issued_remembered]; to.counter == counter)
    to = {};
  const auto mine = open_.find(raw(user));
  if (mine == open_.end())
    return;
  auto& r = mine->second;
  std::ranges::rotate(r.entries, r.entries.begin() + static_cast<std::ptrdiff_t>(r.oldest));
  r.oldest = 0;
  std::erase_if(r.entries, [id](const awaited& a) { return a.id == id; });
  if (r.entries.empty())
    open_.erase(mine);
}

result<impression_log::context> impression_log::close(impression_id id, user_id user) {
  auto about = peek(id, user);
  if (about)
    std::ranges::find(open_.find(raw(user))->second.entries, id, &awaited::id)->open = false;
  return about;
}

const impression_log::awaited* impression_log::find(impression_id id, user_id user) const noexcept {
  const auto mine = open_.find(raw(user));
  if (mine == open_.end())
    return nullptr;
  const auto found = std::ranges::find(mine->second.entries, id, &awaited::id);
  return found == mine->second.entries.end() ? nullptr : &*found;
}

result<impression_log::context> impression_log::peek(impression_id id, user_id user) const {
  const awaited* const found = find(id, user);
  if (found && found->open)
    return found->about;
  return {found ? errc::feedback_twice : why_not(id, user), "impression " + std::to_string(raw(id))};
}

result<impression_log::remembered> impression_log::recall(impression_id id, user_id user) const {
  if (const awaited* const found = find(id, user))
    return remembered{found->about, !found->open};
  const errc why = why_not(id, user);
  return {why == errc::feedback_twice ? errc::feedback_late : why, "impression " + std::to_string(raw(id))};
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
