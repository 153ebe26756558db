#include "actors/supervisor/supervisor_actor.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"

#include <algorithm>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<supervisor_state>*;

void introduce_user(self_ptr self, const caf::actor& buddy, user_id user) {
  auto& s = self->state;
  auto shard = shard_of(user, s.setup->users.size());
  join hello{user};
  post_as(buddy, *s.ctx, s.setup->aipp[shard], hello);
  post_as(buddy, *s.ctx, s.setup->users[shard]->metaspace, hello);
  for (const auto& subspace : s.setup->subspaces)
    post_as(buddy, *s.ctx, subspace, hello);
}

void start_user(self_ptr self, supervisor_state::charge c) {
  auto& s = self->state;
  user_id user{c.id};
  auto buddy = self->spawn(user_buddy, s.links[shard_of(user, s.links.size())], user);
  self->monitor(buddy);
  introduce_user(self, buddy, user);
  s.charges[buddy.address()] = std::move(c);
  s.users[raw(user)] = std::move(buddy);
}

void start_goal(self_ptr self, supervisor_state::charge c) {
  auto& s = self->state;
  const auto& w = c.goal->welcome;
  auto buddy = self->spawn(goal_buddy, c.goal);
  self->monitor(buddy);
  join_goal hello{w.goal, w.owner, w.budget_micros, c.goal->config.policy != goal_policy::fixed};
  if (c.goal->config.generator) // else nobody writes of anybody
    hello.title = fact_named(w.facts, "title");
  post_as(buddy, *s.ctx, c.goal->subspace, std::move(hello));
  s.charges[buddy.address()] = std::move(c);
  s.goals[raw(w.goal)] = std::move(buddy);
}

void refuse(self_ptr self, std::uint64_t request, errc code, std::string detail = {}) {
  auto& s = self->state;
  if (code != errc::ok)
    s.ctx->count.refused(self, code);
  if (auto asker = sender_of(self); asker && request != 0)
    post(self, *s.ctx, asker, admission{request, code, std::move(detail), no_creation, 0, 0});
}

void admit(self_ptr self, const admit_user& m) {
  auto& s = self->state;
  if (s.users.contains(raw(m.user)))
    return refuse(self, m.request, errc::duplicate_user, "user " + std::to_string(raw(m.user)));
  start_user(self, {true, raw(m.user), nullptr, {}});
  refuse(self, m.request, errc::ok);
}

/// Everyone forgets the user. A host, who may have questions on their way to the buddy, passes the goodbye on behind them.
void part_with_user(self_ptr self, const caf::actor& buddy, user_id user) {
  auto& s = self->state;
  leave bye{user};
  auto shard = shard_of(user, s.setup->users.size());
  post_as(buddy, *s.ctx, s.setup->aipp[shard], bye);
  post_as(buddy, *s.ctx, s.setup->users[shard]->metaspace, bye);
  for (const auto& subspace : s.setup->subspaces)
    post_as(buddy, *s.ctx, subspace, bye);
  if (s.setup->population)
    post_as(buddy, *s.ctx, s.setup->population, bye);
  if (s.setup->host)
    post_as(buddy, *s.ctx, s.setup->host, bye);
  else
    post(self, *s.ctx, buddy, bye);
}

void dismiss(self_ptr self, const dismiss_user& m) {
  auto& s = self->state;
  auto it = s.users.find(raw(m.user));
  if (it == s.users.end())
    return refuse(self, m.request, errc::unknown_user, "user " + std::to_string(raw(m.user)));
  auto buddy = std::move(it->second);
  s.users.erase(it);
  s.charges.erase(buddy.address());
  part_with_user(self, buddy, m.user);
  refuse(self, m.request, errc::ok);
}

void admit(self_ptr self, const admit_goal& m) {
  auto& s = self->state;
  auto at = raw(m.subspace);
  if (at >= s.setup->subspaces.size())
    return refuse(self, m.request, errc::unknown_subspace, "subspace " + std::to_string(at));
  if (s.goals.contains(raw(m.goal)))
    return refuse(self, m.request, errc::duplicate_goal, "Goal Buddy " + std::to_string(raw(m.goal)));
  auto config = s.setup->goals[at];
  if (!m.policy.empty()) {
    auto policy = goal_policy_named(m.policy);
    if (!policy)
      return refuse(self, m.request, policy.code(), policy.error().detail);
    config.policy = *policy;
  }
  auto setup = std::make_shared<goal_buddy_setup>(
    goal_buddy_setup{s.setup->ctx, s.setup->subspaces[at], m.request != 0 ? sender_of(self) : nullptr, config, m});
  start_goal(self, {false, raw(m.goal), std::move(setup), {}});
}

/// The Goal Buddy answers who asked itself.
void pass_on(self_ptr self, const writing_request& m) {
  auto& s = self->state;
  const auto asker = sender_of(self);
  if (const auto found = s.goals.find(raw(m.goal)); found != s.goals.end())
    return post_as(asker, *s.ctx, found->second, m);
  s.ctx->count.refused(self, errc::unknown_goal);
  if (asker)
    post(self, *s.ctx, asker,
         text_generator::answer_to(m, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(m.goal))));
}

/// A buddy has ended. One that failed starts again from nothing, unless it keeps failing.
void down(self_ptr self, const caf::down_msg& m) {
  auto& s = self->state;
  auto it = s.charges.find(m.source);
  if (it == s.charges.end())
    return;
  auto c = std::move(it->second);
  s.charges.erase(it);
  auto& at_work = c.is_user ? s.users : s.goals;
  auto buddy = std::move(at_work.extract(c.id).mapped());
  if (!m.reason || m.reason == caf::exit_reason::user_shutdown)
    return;
  if (c.is_user && s.setup->population) // it has forgotten all; it joins again once it has learned something
    post_as(buddy, *s.ctx, s.setup->population, leave{user_id{c.id}});
  auto now = s.ctx->time->now();
  std::erase_if(c.failures, [&](auto t) { return now - t > s.setup->restart_window; });
  c.failures.push_back(now);
  if (c.failures.size() > s.setup->restarts) {
    s.ctx->count.refused(self, errc::actor_failed);
    if (c.is_user) // nobody shall wait for them
      part_with_user(self, buddy, user_id{c.id});
    return;
  }
  s.ctx->count.add(counter::restarts, self);
  if (c.is_user)
    start_user(self, std::move(c));
  else
    start_goal(self, std::move(c));
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
    return s.ctx->count.refused(self, errc::posterior_not_definite);
  for (auto& of_shard : s.links) {
    auto with = *of_shard;
    auto config = std::make_shared<user_config>(*with.config);
    config->prior = prior;
    with.config = std::move(config);
    of_shard = std::make_shared<const user_buddy_links>(std::move(with));
  }
}

statistics counted(const supervisor_state& s, std::uint64_t request) {
  statistics out;
  out.request = request;
  out.users = s.users.size();
  out.goals = s.goals.size();
  return out;
}

} // namespace

caf::behavior supervisor(self_ptr self, std::shared_ptr<const supervisor_setup> setup) {
  self->state.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  self->state.links = setup->users;
  if (setup->population)
    post(self, *setup->ctx, setup->population, prior_news{});
  self->state.setup = std::move(setup);
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& m) { down(self, m); });

  return {
    on<const admit_user>(self, [self](const admit_user& m) { admit(self, m); }),
    on<const dismiss_user>(self, [self](const dismiss_user& m) { dismiss(self, m); }),
    on<const admit_goal>(self, [self](const admit_goal& m) { admit(self, m); }),
    on<const prior_news>(self, [self](const prior_news& m) { adopt(self, m); }),
    on<const writing_request>(self, [self](const writing_request& m) { pass_on(self, m); }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   post(self, *self->state.ctx, sender_of(self), counted(self->state, m.request));
                                 }),
  };
}

} // namespace ammo
