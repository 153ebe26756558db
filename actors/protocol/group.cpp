#include "actors/protocol/group.hpp"

#include <utility>

namespace ammo {

group::arrival group::join(std::uint64_t id, address at, std::uint64_t life) {
  if (ended_.over(id, life))
    return arrival::stale;
  const auto [it, fresh] = places_.try_emplace(id, members_.size());
  if (fresh) {
    try {
      members_.push_back({at, id, life, begun_, true});
    } catch (...) { // the two go together
      places_.erase(it);
      throw;
    }
    return arrival::fresh;
  }
  auto& known = members_[it->second];
  if (life < known.life)
    return arrival::stale;
  known.at = at;
  known.since = begun_; // whoever says hello again is sent the newest again
  if (life == known.life)
    return arrival::repeated;
  known.life = life;
  return arrival::again;
}

bool group::leave(std::uint64_t id, std::uint64_t life, time_source::instant now) {
  ended_.end(id, life, now);
  const auto it = places_.find(id);
  return it != places_.end() && members_[it->second].life <= life && remove(id);
}

bool group::remove(std::uint64_t id) {
  const auto it = places_.find(id);
  if (it == places_.end())
    return false;
  members_[it->second].here = false;
  places_.erase(it);
  ++gaps_;
  compact_if_idle();
  return true;
}

std::uint64_t group::begin() {
  under_way_.push_back({++begun_, 0, members_.size()});
  return begun_;
}

group::turn group::finish_turn() {
  const auto& b = under_way_.front();
  const turn out{b.number, b.next == b.end};
  if (out.last) {
    under_way_.pop_front();
    compact_if_idle();
  }
  return out;
}

std::uint64_t group::sent_to(std::uint64_t id) const {
  const auto it = places_.find(id);
  if (it == places_.end())
    return 0;
  std::uint64_t sent = begun_;
  if (!under_way_.empty())
    sent = under_way_.front().number - (it->second < under_way_.front().next ? 0 : 1);
  return std::max<std::uint64_t>(sent, members_[it->second].since);
}

void group::compact_if_idle() {
  if (!under_way_.empty() || gaps_ <= 64 || gaps_ <= places_.size())
    return;
  std::erase_if(members_, [](const member& m) { return !m.here; });
  for (std::size_t at = 0; at < members_.size(); ++at)
    places_[members_[at].id] = at;
  gaps_ = 0;
}

} // namespace ammo
