#include "runtime/host/sessions/session_book.hpp"

namespace ammo {

result<session_book::turn> session_book::begin(user_id user, impression_id impression, instant now) {
  std::lock_guard locked(changing_);
  sweep(now);
  const key which{user, impression};
  const auto about = "user " + std::to_string(raw(user)) + ", impression " + std::to_string(raw(impression));
  if (ended_.contains(which))
    return {errc::session_over, about};
  auto at = open_.find(which);
  if (at == open_.end()) {
    std::size_t own = 0;
    for (auto other = open_.lower_bound({user, impression_id{}}); other != open_.end() && other->first.first == user; ++other)
      ++own;
    if (own >= limits_.of_a_user)
      return {errc::too_many_sessions, about + ": they have " + std::to_string(own)};
    if (open_.size() >= limits_.open)
      return {errc::too_many_sessions, std::to_string(open_.size()) + " are open"};
    at = open_.emplace(which, session{.begun = now}).first;
    by_age_.emplace(now, which);
    open_count_.store(open_.size(), std::memory_order_relaxed);
  }
  auto& s = at->second;
  if (s.waits)
    return {errc::overloaded, about + ": another question awaits its answer"};
  if (s.said.size() >= limits_.questions)
    return {errc::too_many_questions, about + ": it has had " + std::to_string(s.said.size())};
  turn out{s.said, s.with, static_cast<std::uint32_t>(s.said.size() + 1)};
  s.waits = true;
  return out;
}

std::uint32_t session_book::answered(user_id user, impression_id impression, std::string question, const session_partner& with, std::vector<float> e) {
  std::lock_guard locked(changing_);
  const auto at = open_.find({user, impression});
  if (at == open_.end())
    return 0;
  auto& s = at->second;
  s.waits = false;
  s.said.push_back(std::move(question));
  s.with = with;
  s.e = std::move(e);
  return limits_.questions - static_cast<std::uint32_t>(s.said.size());
}

void session_book::failed(user_id user, impression_id impression) {
  std::lock_guard locked(changing_);
  const auto at = open_.find({user, impression});
  if (at == open_.end())
    return;
  at->second.waits = false;
  if (at->second.said.empty())
    close(at, false);
}

std::optional<session_book::told> session_book::end(user_id user, impression_id impression) {
  if (open() == 0)
    return std::nullopt;
  std::lock_guard locked(changing_);
  const auto at = open_.find({user, impression});
  if (at == open_.end())
    return std::nullopt;
  std::optional<told> out;
  if (const auto& s = at->second; s.with && !s.said.empty())
    out = told{s.with->goal, s.with->subspace, s.e};
  close(at, true);
  return out;
}

void session_book::forget(user_id user) {
  std::lock_guard locked(changing_);
  for (auto at = open_.lower_bound({user, impression_id{}}); at != open_.end() && at->first.first == user;)
    close(at++, false);
  std::erase_if(in_order_, [user](const key& k) { return k.first == user; });
  std::erase_if(ended_, [user](const key& k) { return k.first == user; });
}

void session_book::sweep(instant now) {
  while (!by_age_.empty() && by_age_.begin()->first + limits_.age <= now)
    close(open_.find(by_age_.begin()->second), true);
}

void session_book::close(std::map<key, session>::iterator which, bool remember) {
  if (remember && ended_.insert(which->first).second) {
    in_order_.push_back(which->first);
    if (in_order_.size() > limits_.open) {
      ended_.erase(in_order_.front());
      in_order_.pop_front();
    }
  }
  by_age_.erase({which->second.begun, which->first});
  open_.erase(which);
  open_count_.store(open_.size(), std::memory_order_relaxed);
}

} // namespace ammo
