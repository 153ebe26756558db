#include "runtime/host/admission/admissions.hpp"

#include <algorithm>
#include <functional>

namespace ammo {

void admissions::ask_user(std::uint64_t request, user_id user) { asked_.insert_or_assign(request, asked{.user = user}); }

void admissions::ask_goal(std::uint64_t request, goal_id goal, subspace_id at) {
  asked_.insert_or_assign(request, asked{.user = std::nullopt, .goal = goal, .at = at});
}

void admissions::dismiss_goal(std::uint64_t request, goal_id goal) {
  if (const auto known = goals_.find(raw(goal)); known != goals_.end())
    asked_.insert_or_assign(request, asked{.user = std::nullopt, .goal = goal, .at = known->second, .leaves = true});
}

void admissions::dismiss_user(std::uint64_t request, user_id user) {
  const auto known = users_.find(raw(user));
  if (known == users_.end())
    return;
  ++known->second.dismissals;
  asked_.insert_or_assign(request, asked{.user = user, .leaves = true});
}

std::optional<std::uint64_t> admissions::doze(user_id user) {
  const auto it = users_.find(raw(user));
  if (it == users_.end())
    return std::nullopt;
  const auto& u = it->second;
  if (!u.known || u.life == 0 || !u.introduced.empty() || !u.waiting.empty() || u.dismissals > 0)
    return std::nullopt;
  const auto life = u.life;
  users_.erase(it);
  return life;
}

void admissions::slept(user_id user, std::uint64_t life, time_source::instant now) {
  ended_.end(raw(user), life, now);
  if (const auto it = users_.find(raw(user)); it != users_.end() && it->second.life <= life) // introduced late
    users_.erase(it);
}

void admissions::woken(user_id user, std::uint64_t life) {
  auto& u = users_[raw(user)];
  u = {.life = life, .introduced = {}, .known = true};
}

void admissions::on_goal_gone(std::uint64_t request, errc code) {
  const auto it = asked_.find(request);
  if (it == asked_.end() || !it->second.leaves)
    return;
  const auto known = goals_.find(raw(it->second.goal));
  if (code == errc::ok && known != goals_.end() && known->second == it->second.at) // else it is elsewhere by now
    goals_.erase(known);
  asked_.erase(it);
}

std::optional<admissions::answered> admissions::on_admission(const admission& m, std::uint64_t life) {
  const answered now{m.request, m};
  const auto it = asked_.find(m.request);
  if (it == asked_.end())
    return now;
  auto& a = it->second;
  if (a.user && a.leaves) {
    if (const auto known = users_.find(raw(*a.user)); known != users_.end() && known->second.dismissals > 0)
      --known->second.dismissals;
    asked_.erase(it);
    return now;
  }
  if (m.code == errc::ok && a.user && !ended_.over(raw(*a.user), life)) {
    begin_life(*a.user, life);
    auto& u = users_[raw(*a.user)]; // in this life, or a later one
    if (!u.introduced.empty()) {
      if (!std::exchange(a.waits, true))
        u.waiting.push_back(m.request);
      return std::nullopt;
    }
  }
  if (m.code == errc::ok && !a.user)
    goals_.insert_or_assign(raw(a.goal), a.at);
  asked_.erase(it);
  return now;
}

std::vector<admissions::answered> admissions::on_introduction(user_id user, std::uint64_t life, subspace_id by) {
  if (ended_.over(raw(user), life))
    return {};
  begin_life(user, life);
  auto& u = users_[raw(user)];
  if (life != u.life || raw(by) >= u.introduced.size())
    return {};
  u.introduced[raw(by)] = true;
  if (!std::ranges::all_of(u.introduced, std::identity{}))
    return {};
  u.introduced = {};
  u.known = true;
  return release(u);
}

admissions::leaving admissions::on_leave(user_id user, std::uint64_t life, time_source::instant now) {
  leaving out{.goodbye = !ended_.over(raw(user), life), .answers = {}};
  ended_.end(raw(user), life, now);
  const auto it = users_.find(raw(user));
  if (it == users_.end())
    return out;
  auto& u = it->second;
  if (u.life > life) { // admitted anew
    u.known = u.introduced.empty();
    return out;
  }
  out.answers = release(u);
  users_.erase(it);
  return out;
}

bool admissions::knows(user_id user) const {
  const auto it = users_.find(raw(user));
  return it != users_.end() && it->second.known;
}

std::optional<subspace_id> admissions::subspace_of(goal_id goal) const {
  const auto it = goals_.find(raw(goal));
  return it == goals_.end() ? std::nullopt : std::optional(it->second);
}

/// Where that is a later life than the one known.
void admissions::begin_life(user_id user, std::uint64_t life) {
  const auto [it, fresh] = users_.try_emplace(raw(user));
  auto& u = it->second;
  if (!fresh && life <= u.life)
    return;
  u.life = life;
  u.introduced.assign(subspaces_, false);
  u.known = u.known || subspaces_ == 0;
}

std::vector<admissions::answered> admissions::release(known_user& u) {
  std::vector<answered> out;
  for (auto request : std::exchange(u.waiting, {}))
    if (asked_.erase(request) > 0) {
      out.push_back({request, {}});
      out.back().what.request = request;
    }
  return out;
}

} // namespace ammo
