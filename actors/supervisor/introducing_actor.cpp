#include "actors/supervisor/introducing_actor.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<supervisor_state>*;

/// Tells those who speak to a User Buddy, in its name.
template <class Message>
void tell_speakers(self_ptr self, user_id user, const Message& m) {
  auto& s = self->state;
  const address_of<role::user_buddy> buddy(user);
  send_as(buddy, *s.ctx, address_of<role::metaspace>(s.shard(user)), m, self->context());
  for (std::size_t at = 0; at < s.setup->goals.size(); ++at)
    send_as(buddy, *s.ctx, address_of<role::subspace>(at), m, self->context());
}

/// Tells everyone who has to do with a user, in the User Buddy's name.
template <class Message>
void tell_everyone(self_ptr self, user_id user, const Message& m) {
  auto& s = self->state;
  send_as(address_of<role::user_buddy>(user), *s.ctx, address_of<role::aipp>(s.shard(user)), m, self->context());
  tell_speakers(self, user, m);
}

/// An actor that was spawned is found at its address, and its end is heard of.
void take_charge(self_ptr self, address at, const caf::actor& buddy) {
  self->monitor(buddy);
  self->state.buddies.emplace(buddy.address(), at);
  self->state.ctx->routes.open(at, buddy);
}

/// Of an actor that couldn't be taken in for want of memory: it ends, and nobody hears of it.
void disown(self_ptr self, address at, const caf::actor& buddy) noexcept {
  self->state.buddies.erase(buddy.address());
  self->state.ctx->routes.close(at);
}

/// What the log of a user's unit is to say of who is here.
template <class Message>
void note_user(self_ptr self, user_id user, const Message& m) {
  auto& s = self->state;
  note(*s.ctx, address_of<role::aipp>(s.shard(user)), address_of<role::user_buddy>(user), m);
}

void introduce(self_ptr self, const goal_buddy_setup& of) {
  const auto& w = of.welcome;
  join_goal hello{w.goal, w.owner, w.budget_micros, of.config.policy != goal_policy::fixed};
  if (of.config.generator) // else nobody writes of anybody
    hello.title = fact_named(w.facts, "title");
  hello.tags = w.tags;
  send_as(address_of<role::goal_buddy>(w.goal), *self->state.ctx, address_of<role::subspace>(w.subspace), std::move(hello), self->context());
}

} // namespace

void start_goal(self_ptr self, supervisor_state::charge c) {
  auto& s = self->state;
  s.given_up.erase(raw(c.goal->welcome.goal));
  const auto setup = c.goal;
  const auto& w = setup->welcome;
  const address_of<role::goal_buddy> buddy(w.goal);
  const auto made = self->spawn(goal_buddy, setup);
  const bool is_new = !s.goals.contains(raw(w.goal));
  try {
    take_charge(self, buddy, made);
    s.goals.insert_or_assign(raw(w.goal), std::move(c));
    introduce(self, *setup);
  } catch (...) {
    disown(self, buddy, made);
    if (is_new)
      s.goals.erase(raw(w.goal));
    throw;
  }
}

void start_user(self_ptr self, user_id user, supervisor_state::charge c, std::shared_ptr<user_mind> recovered, std::uint64_t noted) {
  auto& s = self->state;
  if (!recovered)
    note_user(self, user, join{user, s.lives + 1});
  const address_of<role::user_buddy> at(user);
  const auto buddy = self->spawn(user_buddy, s.links[s.shard(user)], user, std::move(recovered), noted);
  const bool is_new = !s.users.contains(raw(user));
  try {
    take_charge(self, at, buddy);
    c.life = ++s.lives;
    s.users.insert_or_assign(raw(user), std::move(c));
    tell_everyone(self, user, join{user, s.lives});
  } catch (...) {
    disown(self, at, buddy);
    if (is_new)
      s.users.erase(raw(user));
    throw;
  }
}

/// A host, who may have questions on their way to the buddy, passes the goodbye on behind them.
void part_with_user(self_ptr self, user_id user, std::uint64_t life) {
  auto& s = self->state;
  const address_of<role::user_buddy> buddy(user);
  const leave bye{user, life};
  note_user(self, user, bye);
  tell_everyone(self, user, bye);
  if (s.setup->population)
    send_as(buddy, *s.ctx, *s.setup->population, bye, self->context());
  if (s.setup->host)
    send_as(buddy, *s.ctx, *s.setup->host, bye, self->context());
  else
    send(self, buddy, bye);
}

void forget_goal(self_ptr self, goal_id goal, subspace_id at, std::uint64_t request) {
  note_goal(self, at, goal, leave_goal{goal, request});
  send_as(address_of<role::goal_buddy>(goal), *self->state.ctx, address_of<role::subspace>(at), leave_goal{goal, request}, self->context());
}

void tell_gone(self_ptr self, user_id user, std::uint64_t life) {
  auto& s = self->state;
  const leave bye{user, life};
  tell_speakers(self, user, bye);
  if (s.setup->population)
    send_as(address_of<role::user_buddy>(user), *s.ctx, *s.setup->population, bye, self->context());
}

void answer(self_ptr self, address_of<role::host, role::clock> to, std::uint64_t request, errc code, std::string detail, std::uint64_t life) {
  if (code != errc::ok)
    self->state.ctx->refused(self, code);
  if (const auto host = to.as<role::host>(); host && request != 0)
    send(self, *host, admission{{request, code, std::move(detail)}, {}, life});
}

} // namespace ammo
