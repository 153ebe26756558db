#include "actors/supervisor/supervisor_actor.hpp"
#include "actors/supervisor/introducing_actor.hpp"
#include "actors/supervisor/units_actor.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"

#include <algorithm>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<supervisor_state>*;
using asker = address_of<role::host, role::clock>;

void admit(self_ptr self, const admit_user& m, asker from) {
  auto& s = self->state;
  if (!s.shards_here[s.shard(m.user)]) // its call has ended, and its unit has gone
    return s.ctx->refused(self, errc::state_in_use);
  const auto here = s.users.find(raw(m.user));
  if (here == s.users.end()) {
    start_user(self, m.user, {});
    return answer(self, from, m.request, errc::ok, {}, s.lives);
  }
  if (here->second.will_be_here())
    return answer(self, from, m.request, errc::duplicate_user, "user " + std::to_string(raw(m.user)));
  here->second.waiting.push_back({from, m.request});
}

/// CAF finds no memory, now and then, for the news that an actor has ended. Who waits for that must not wait for ever.
void expect_end(self_ptr self, address at) noexcept {
  auto later = [&] {
    if (const auto buddy = self->state.ctx->routes.find(at))
      post_later(self, end_due::after, end_due{buddy.address()});
  };
  if (!detail::succeeds(later))
    self->state.ctx->refused(self, errc::actor_failed);
}

/// What is told again does no harm, as it says of which life it is.
void let_go(self_ptr self, user_id user, supervisor_state::charge& c, asker from, std::uint64_t request) {
  try {
    part_with_user(self, user, c.life);
  } catch (...) { // some have been told: nobody goes half
    part_with_user(self, user, c.life);
  }
  c.leaving = true;
  ++self->state.leaving;
  expect_end(self, address_of<role::user_buddy>(user));
  answer(self, from, request, errc::ok);
}

void dismiss(self_ptr self, const dismiss_user& m, asker from) {
  auto& s = self->state;
  const auto here = s.users.find(raw(m.user));
  if (here == s.users.end() || !here->second.will_be_here())
    return answer(self, from, m.request, errc::unknown_user, "user " + std::to_string(raw(m.user)));
  if (here->second.leaving)
    here->second.waiting.push_back({from, m.request});
  else
    let_go(self, m.user, here->second, from, m.request);
}

/// The User Buddy of a dismissed user has ended: what was asked meanwhile has its turn, or hears that it hasn't.
void come_back(self_ptr self, user_id user, std::vector<supervisor_state::charge::waiting_turn> waiting) noexcept {
  auto& s = self->state;
  auto turns = [&] {
    if (waiting.empty())
      return;
    const auto [from, request] = waiting.front();
    start_user(self, user, {});
    answer(self, from, request, errc::ok, {}, s.lives);
    if (waiting.size() == 1)
      return;
    const auto [next, leaves] = waiting[1];
    auto& c = s.users.at(raw(user));
    c.waiting.assign(waiting.begin() + 2, waiting.end());
    let_go(self, user, c, next, leaves);
  };
  if (!detail::succeeds(turns))
    for (const auto& turn : waiting)
      detail::tell_failed(*s.ctx, s.me(), turn.request);
}

void admit(self_ptr self, const admit_goal& m, asker from) { take_in_goal(self, m, from); }

void dismiss(self_ptr self, const dismiss_goal& m, asker from) {
  auto& s = self->state;
  if (const auto idle = s.given_up.find(raw(m.goal)); idle != s.given_up.end()) {
    forget_goal(self, m.goal, idle->second, m.request);
    s.given_up.erase(idle);
    return;
  }
  const auto here = s.goals.find(raw(m.goal));
  if (here == s.goals.end()) {
    s.ctx->refused(self, errc::unknown_goal);
    creation_verdict no;
    no.goal = m.goal;
    no.request = m.request;
    no.code = errc::unknown_goal;
    no.detail = "Goal Buddy " + std::to_string(raw(m.goal));
    if (const auto host = from.as<role::host>())
      send(self, *host, std::move(no));
    return;
  }
  auto& c = here->second;
  if (c.leaving)
    return c.later.emplace_back(m, from), void();
  send(self, address_of<role::goal_buddy>(m.goal), leave_goal{m.goal, 0});
  c.leaving = true;
  c.request = m.request;
  ++s.goals_leaving;
  expect_end(self, address_of<role::goal_buddy>(m.goal));
}

/// The Goal Buddy answers who asked itself.
void pass_on(self_ptr self, const writing_request& m, address_of<role::host> from) {
  auto& s = self->state;
  if (const auto here = s.goals.find(raw(m.goal)); here != s.goals.end() && !here->second.leaving) {
    send_as(from, *s.ctx, address_of<role::goal_buddy>(m.goal), m, self->context());
    return;
  }
  s.ctx->refused(self, errc::unknown_goal);
  send(self, from, text_generator::answer_to(m, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(m.goal))));
}

/// Whether a buddy that has failed may try again.
bool forgiven(const supervisor_setup& setup, supervisor_state::charge& c) {
  const auto now = setup.ctx->time->now();
  std::erase_if(c.failures, [&](auto t) { return now - t > setup.restart_window; });
  c.failures.push_back(now);
  return c.failures.size() <= setup.restarts;
}

void take_turn(self_ptr self, const admit_goal& m, asker from) { admit(self, m, from); }
void take_turn(self_ptr self, const dismiss_goal& m, asker from) { dismiss(self, m, from); }

/// The row is in the store: the User Buddy ends, and nobody speaks to it any more.
void fall_asleep(self_ptr self, user_id user) {
  auto& s = self->state;
  const auto here = s.users.find(raw(user));
  if (here == s.users.end()) // it has ended by itself
    return (void)hand_over(*s.ctx, the_host, fell_asleep{user});
  auto& c = here->second;
  c.sleeps = true;
  tell_gone(self, user, c.life);
  send(self, address_of<role::user_buddy>(user), leave{user, c.life});
}

/// Somebody wants something of them. It may be told again, of the same mind.
void wake_up(self_ptr self, back_from_sleep& m) {
  auto& s = self->state;
  const auto user = m.user;
  if (!s.shards_here[s.shard(user)])
    return s.ctx->refused(self, errc::state_in_use);
  if (!s.users.contains(raw(user))) {
    auto mind = std::make_shared<user_mind>(*m.mind);
    mind->see(m.catalogues);
    start_user(self, user, {}, std::move(mind), m.place);
  }
  (void)hand_over(*s.ctx, the_host, woken{.user = user, .life = s.users.at(raw(user)).life});
}

/// Nobody is in charge of that buddy any more.
template <class Charges>
void drop_charge(supervisor_state& s, Charges& of, std::uint64_t id, const caf::actor_addr& who) {
  s.buddies.erase(who);
  of.erase(id);
}

/// As long as something may fail its charge stays, and its end can be seen to again.
void user_down(self_ptr self, user_id user, const caf::actor_addr& who, bool failed) {
  auto& s = self->state;
  const auto known = s.users.find(raw(user));
  if (known == s.users.end())
    return void(s.buddies.erase(who));
  auto c = known->second;
  if (c.sleeps && !c.leaving) {
    (void)hand_over(*s.ctx, the_host, fell_asleep{user});
    return drop_charge(s, s.users, raw(user), who);
  }
  if (c.leaving) {
    --s.leaving;
    drop_charge(s, s.users, raw(user), who);
    return come_back(self, user, std::move(c.waiting));
  }
  if (!failed)
    return drop_charge(s, s.users, raw(user), who);
  if (s.setup->population) // it has forgotten all; it joins again once it has learned something
    send_as(address_of<role::user_buddy>(user), *s.ctx, *s.setup->population, leave{user, c.life}, self->context());
  if (forgiven(*s.setup, c)) {
    start_user(self, user, std::move(c));
    s.buddies.erase(who);
    return s.ctx->count.add(counter::restarts, self);
  }
  part_with_user(self, user, c.life); // nobody shall wait for them
  drop_charge(s, s.users, raw(user), who);
  s.ctx->refused(self, errc::actor_failed);
}

/// The same for a Goal Buddy.
void goal_down(self_ptr self, goal_id goal, const caf::actor_addr& who, bool failed) {
  auto& s = self->state;
  const auto known = s.goals.find(raw(goal));
  if (known == s.goals.end())
    return void(s.buddies.erase(who));
  auto c = known->second;
  const auto& welcome = c.goal->welcome;
  if (c.leaving) {
    forget_goal(self, goal, welcome.subspace, c.request);
    --s.goals_leaving;
    drop_charge(s, s.goals, raw(goal), who);
    for (auto& [what, from] : c.later) {
      auto turn = [&] { std::visit([&, to = from](const auto& m) { take_turn(self, m, to); }, what); };
      if (!detail::succeeds(turn))
        std::visit([&](const auto& m) { detail::tell_failed(*s.ctx, s.me(), m.request); }, what);
    }
    return;
  }
  if (!failed) { // its first creation was refused
    note_goal(self, welcome.subspace, goal, leave_goal{goal, 0});
    return drop_charge(s, s.goals, raw(goal), who);
  }
  if (forgiven(*s.setup, c)) {
    start_goal(self, std::move(c));
    s.buddies.erase(who);
    return s.ctx->count.add(counter::restarts, self);
  }
  s.given_up.insert_or_assign(raw(goal), welcome.subspace);
  drop_charge(s, s.goals, raw(goal), who);
  s.ctx->refused(self, errc::actor_failed);
  if (c.goal->host) // it may still wait for the first verdict
    detail::tell_failed(*s.ctx, s.me(), welcome.request);
}

/// A buddy has ended. One that failed before its first message, or whose mind contradicts itself, starts anew, unless it keeps failing.
void down(self_ptr self, const caf::down_msg& m) {
  auto& s = self->state;
  if (s.ending.erase(m.source) > 0)
    return finish_going(self);
  const auto who = s.buddies.find(m.source);
  if (who == s.buddies.end())
    return;
  const address at = who->second;
  s.ctx->routes.close(at);
  s.ctx->failures.forget(at);
  const bool failed = m.reason && m.reason != caf::exit_reason::user_shutdown;
  if (at.of == role::user_buddy)
    user_down(self, user_id{at.id}, m.source, failed);
  else
    goal_down(self, goal_id{at.id}, m.source, failed);
}

/// Nobody else says that a buddy has ended: where that finds no memory, it is seen to once more.
void see_to_end(self_ptr self, const caf::down_msg& m) {
  auto what = [&] { down(self, m); };
  if (!detail::guarded(*self->state.ctx, self, {self->state.me(), true}, what))
    (void)detail::guarded(*self->state.ctx, self, {self->state.me(), true}, what);
}

void look_for_end(self_ptr self, const end_due& m) {
  auto& s = self->state;
  const auto who = s.buddies.find(m.of);
  if (who == s.buddies.end())
    return;
  const auto at = who->second;
  const auto goes = [](const auto& all, std::uint64_t id) {
    const auto c = all.find(id);
    return c != all.end() && c->second.leaving;
  };
  if (!(at.of == role::user_buddy ? goes(s.users, at.id) : goes(s.goals, at.id)))
    return;
  const auto buddy = caf::actor_cast<caf::strong_actor_ptr>(m.of);
  if (!buddy || buddy->get()->getf(caf::abstract_actor::is_terminated_flag))
    see_to_end(self, caf::down_msg{m.of, caf::make_error(caf::exit_reason::user_shutdown)});
  else
    post_later(self, end_due::after, m);
}

/// New users start from what people in general are like; those who are here know more of themselves already.
void adopt(self_ptr self, const prior_news& m) {
  auto& s = self->state;
  const user_config& known = *s.links.front()->config;
  auto prior = std::make_shared<std::vector<ridge_posterior<float>>>();
  for (const auto& p : m.priors)
    if (auto belief = belief_from(p, known.noise))
      prior->push_back(std::move(*belief));
  const auto& factors = known.space.factors();
  if (!std::ranges::equal(*prior, factors, {}, &ridge_posterior<float>::dim, &block::width))
    return s.ctx->refused(self, errc::posterior_not_definite);
  for (auto& of_shard : s.links) {
    auto with = *of_shard;
    auto config = std::make_shared<user_config>(*with.config);
    config->prior = prior;
    with.config = std::move(config);
    of_shard = std::make_shared<const user_buddy_links>(std::move(with));
  }
}

/// What all actors here have counted together is told by the Supervisor alone, so that sums over actors are meaningful.
statistics counted(const supervisor_state& s, std::uint64_t request) {
  const auto& all = s.ctx->count;
  statistics out;
  out.request = request;
  out.slots_granted = all.of(counter::slots_granted);
  out.slates = all.of(counter::slates);
  out.feedback = all.of(counter::feedback);
  for (auto code = errc::ok; code < errc::end_; code = static_cast<errc>(static_cast<int>(code) + 1))
    if (const auto n = all.refused(code); n > 0)
      out.refused.push_back({code, n});
  out.users = s.users.size() - s.leaving;
  out.goals = s.goals.size() - s.goals_leaving;
  out.restarted = all.of(counter::restarts);
  return out;
}

} // namespace

void take_in_goal(self_ptr self, const admit_goal& m, asker from, bool recovered, std::optional<goal_mind_state> remembered) {
  auto& s = self->state;
  auto at = raw(m.subspace);
  if (at >= s.setup->goals.size())
    return answer(self, from, m.request, errc::unknown_subspace, "subspace " + std::to_string(at));
  if (const auto here = s.goals.find(raw(m.goal)); here != s.goals.end()) {
    if (!here->second.leaving)
      return answer(self, from, m.request, errc::duplicate_goal, "Goal Buddy " + std::to_string(raw(m.goal)));
    return here->second.later.emplace_back(m, from), void();
  }
  auto config = s.setup->goals[at];
  if (!m.policy.empty()) {
    auto policy = goal_policy_named(m.policy);
    if (!policy)
      return answer(self, from, m.request, policy.code(), policy.error().detail);
    config.policy = *policy;
  }
  config.policy = resolved(config.policy, config.generator && !m.facts.empty());
  if (!recovered)
    note_goal(self, m.subspace, m.goal, m);
  start_goal(self, {std::make_shared<goal_buddy_setup>(goal_buddy_setup{
                     s.setup->ctx, from.as<role::host>(), config, m, remembered ? std::make_shared<std::optional<goal_mind_state>>(std::move(remembered)) : nullptr})});
}

caf::behavior supervisor(self_ptr self, std::shared_ptr<const supervisor_setup> setup) {
  self->state.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  self->state.links = setup->users;
  self->state.shards_here.assign(setup->users.size(), !setup->units_move);
  self->state.setup = std::move(setup);
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& m) { see_to_end(self, m); });
  if (self->state.setup->recovered)
    start_recovered(self, *self->state.setup->recovered);

  return behavior_of(
    self,
    on<admit_user>([self](const admit_user& m, auto from) { admit(self, m, from); }),
    on<dismiss_user>([self](const dismiss_user& m, auto from) { dismiss(self, m, from); }),
    on<admit_goal>([self](const admit_goal& m, auto from) { admit(self, m, from); }),
    on_own<buddies_came>([self](buddies_came& m) { come(self, m); }),
    on_own<start_more>([self](start_more) { start_some(self); }),
    on_own<end_due>([self](const end_due& m) { look_for_end(self, m); }),
    on_own<units_go>([self](units_go& m) { go(self, m); }),
    on_own<fell_asleep>([self](fell_asleep m) { fall_asleep(self, m.user); }),
    on_own<back_from_sleep>([self](back_from_sleep& m) { wake_up(self, m); }),
    on<prior_news>([self](const prior_news& m) { adopt(self, m); }),
    on<dismiss_goal>([self](const dismiss_goal& m, auto from) { dismiss(self, m, from); }),
    on<writing_request>([self](const writing_request& m, auto from) { pass_on(self, m, from); }),
    on<statistics_request>([self](const statistics_request& m, auto from) {
      send(self, from, counted(self->state, m.request));
    }));
}

} // namespace ammo
