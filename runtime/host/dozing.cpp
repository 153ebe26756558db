#include "runtime/host/dozing.hpp"

#include "runtime/host/calls/question.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<bridge_state>*;

/// What was called meanwhile goes on.
void go_on(self_ptr self, std::vector<host_call> calls) {
  self->state.waiting_calls -= calls.size();
  for (auto& c : calls) {
    c.looked = true;
    called(self, c);
  }
}

std::vector<host_call> taken_from(bridge_state& s, std::unordered_map<std::uint64_t, bridge_state::dozer>::iterator dozing) {
  auto calls = std::move(dozing->second.calls);
  s.dozers.erase(dozing);
  return calls;
}

/// Calls that ended at their deadlines wait for nothing. Looked for ten times a second at most: all that wait are looked at.
void forget_ended(bridge_state& s) {
  const auto now = s.ctx->time->now();
  if (now - s.looked_for_ended < std::chrono::milliseconds{100})
    return;
  s.looked_for_ended = now;
  for (auto& [user, dozing] : s.dozers)
    s.waiting_calls -= std::erase_if(dozing.calls, [](const host_call& c) { return c.asker->ended(); });
}

} // namespace

bool waits_for_user(caf::stateful_actor<bridge_state>* self, host_call& m) {
  auto& s = self->state;
  const auto user = m.looked ? std::nullopt : user_of(m.question);
  if (!user)
    return false;
  auto dozing = s.dozers.find(raw(*user));
  if (dozing != s.dozers.end() && dozing->second.falls && dozing->second.attempt->call_off()) {
    stay_awake(self, *user);
    return false;
  }
  if (dozing == s.dozers.end() && (!s.ctx->frames || s.ctx->frames->asleep() == 0 || s.admitted->has(*user)))
    return false;
  if (s.ctx->failures.holds(address_of<role::aipp>(shard_of(*user, s.setup->shards)))) { // nobody wakes until it is released
    if (m.asker->hand_on())
      refuse(self, *m.asker, errc::actor_failed, "the user sleeps, and their AiPP shard is quarantined");
    return true;
  }
  if (s.waiting_calls >= bridge_state::most_waiting_calls)
    forget_ended(s);
  if (s.waiting_calls >= bridge_state::most_waiting_calls) {
    if (m.asker->hand_on())
      refuse(self, *m.asker, errc::overloaded, std::to_string(s.waiting_calls) + " calls wait for sleepers");
    return true;
  }
  if (dozing == s.dozers.end()) {
    dozing = s.dozers.try_emplace(raw(*user)).first;
    s.ctx->frames->wake(*user);
  }
  dozing->second.calls.push_back(std::move(m));
  ++s.waiting_calls;
  return true;
}

void let_sleep(caf::stateful_actor<bridge_state>* self, sleep_call& m) {
  auto& s = self->state;
  if (m.attempt->is_off() || s.dozers.contains(raw(m.user)))
    return;
  const auto life = s.admitted->doze(m.user);
  if (!life)
    return;
  const auto user = m.user;
  s.dozers.try_emplace(raw(user), bridge_state::dozer{.falls = true, .life = *life, .attempt = m.attempt});
  (void)hand_over(*s.ctx, address_of<role::user_buddy>(user), std::move(m));
}

void stay_awake(caf::stateful_actor<bridge_state>* self, user_id user) {
  auto& s = self->state;
  const auto dozing = s.dozers.find(raw(user));
  if (dozing == s.dozers.end() || !dozing->second.falls)
    return;
  s.admitted->woken(user, dozing->second.life);
  go_on(self, taken_from(s, dozing));
}

void fall_asleep(caf::stateful_actor<bridge_state>* self, user_id user) {
  auto& s = self->state;
  const auto dozing = s.dozers.find(raw(user));
  if (dozing == s.dozers.end() || !dozing->second.falls)
    return;
  s.admitted->slept(user, dozing->second.life, s.ctx->time->now());
  if (dozing->second.calls.empty())
    return s.dozers.erase(dozing), void();
  dozing->second.falls = false;
  s.ctx->frames->wake(user);
}

void wake_up(caf::stateful_actor<bridge_state>* self, const woken& m) {
  auto& s = self->state;
  if (m.why.code == errc::ok)
    s.ctx->frames->is_awake(m.user);
  const auto dozing = s.dozers.find(raw(m.user));
  if (dozing == s.dozers.end() || dozing->second.falls) // told twice
    return;
  auto calls = taken_from(s, dozing);
  if (m.why.code == errc::ok)
    s.admitted->woken(m.user, m.life);
  if (m.why.code == errc::ok || m.why.code == errc::unknown_user) // nobody: each call says so itself
    return go_on(self, std::move(calls));
  s.waiting_calls -= calls.size();
  for (auto& c : calls)
    if (c.asker->hand_on())
      refuse(self, *c.asker, m.why.code, m.why.detail);
}

void forget_dozers(caf::stateful_actor<bridge_state>* self, const std::function<bool(user_id)>& whom) {
  auto& s = self->state;
  for (auto dozing = s.dozers.begin(); dozing != s.dozers.end();) {
    if (!whom(user_id{dozing->first})) {
      ++dozing;
      continue;
    }
    if (dozing->second.attempt)
      (void)dozing->second.attempt->call_off();
    s.waiting_calls -= dozing->second.calls.size();
    for (auto& c : dozing->second.calls)
      if (c.asker->hand_on())
        c.asker->answer(failure{errc::state_in_use, "another node has that unit"});
    dozing = s.dozers.erase(dozing);
  }
}

void sleep_no_more(caf::stateful_actor<bridge_state>* self, user_id user) {
  auto& s = self->state;
  if (const auto dozing = s.dozers.find(raw(user)); dozing != s.dozers.end() && dozing->second.falls)
    go_on(self, taken_from(s, dozing));
}

} // namespace ammo
