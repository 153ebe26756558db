#include "actors/base/ended_lives.hpp"

namespace ammo {

void ended_lives::end(std::uint64_t id, std::uint64_t life, time_source::instant now) {
  for (; !by_time_.empty() && (by_time_.size() >= most || now - by_time_.front().at >= remembered); by_time_.pop_front())
    if (const auto it = last_.find(by_time_.front().id); it != last_.end() && it->second == by_time_.front().life)
      last_.erase(it);
  const auto [it, fresh] = last_.try_emplace(id, life);
  if (!fresh && life <= it->second)
    return;
  it->second = life;
  by_time_.push_back({now, id, life});
}

bool ended_lives::over(std::uint64_t id, std::uint64_t life) const {
  const auto it = last_.find(id);
  return it != last_.end() && life <= it->second;
}

} // namespace ammo
