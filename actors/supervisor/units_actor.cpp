#include "actors/supervisor/units_actor.hpp"

#include "actors/supervisor/introducing_actor.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<supervisor_state>*;

/// Buddies of units that come to a node are started in turns.
constexpr std::size_t started_together = 128;

/// A Goal Buddy that was here before, or at another node, with what it remembers.
void go_on(self_ptr self, recovered_buddies& all, const admit_goal& g) {
  auto mind = all.minds.extract(raw(g.goal));
  take_in_goal(self, g, the_host, true, mind ? std::optional(std::move(mind.mapped())) : std::nullopt);
}

/// Ends an actor whose unit is another node's from here on; nobody is told that its entity has left.
void end_here(self_ptr self, address at) {
  auto& s = self->state;
  if (const auto actor = s.ctx->routes.find(at)) {
    s.buddies.erase(actor.address());
    s.ending.insert(actor.address());
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  s.ctx->routes.close(at);
  s.ctx->failures.forget(at);
}

} // namespace

void start_recovered(self_ptr self, recovered_buddies& all) {
  for (auto& mind : std::exchange(all.users, {}))
    start_user(self, mind->user(), {}, mind);
  for (const admit_goal& g : std::exchange(all.goals, {}))
    go_on(self, all, g);
}

void start_some(self_ptr self) {
  auto& s = self->state;
  if (s.coming.empty())
    return;
  remind(self, start_more{}); // first: what fails now must not be the last
  auto& next = s.coming.front();
  for (std::size_t i = 0; i < started_together && !next.who.users.empty(); ++i) {
    const auto mind = std::move(next.who.users.back());
    next.who.users.pop_back();
    start_user(self, mind->user(), {}, mind);
  }
  for (std::size_t i = 0; i < started_together && !next.who.goals.empty(); ++i) {
    const auto g = std::move(next.who.goals.back());
    next.who.goals.pop_back();
    go_on(self, next.who, g);
  }
  if (!next.who.users.empty() || !next.who.goals.empty())
    return;
  (void)hand_over(*s.ctx, the_host, units_came(next.then));
  s.coming.pop_front();
}

/// What their users are made by has what is known of people in general.
void come(self_ptr self, buddies_came& m) {
  auto& s = self->state;
  for (auto& [shard, config] : m.shards) {
    auto with = *s.links[shard];
    config->prior = with.config->prior;
    with.config = std::move(config);
    s.links[shard] = std::make_shared<const user_buddy_links>(std::move(with));
  }
  for (const auto i : m.then.which.shards)
    s.shards_here[i] = true;
  s.coming.push_back(std::move(m));
  if (s.coming.size() == 1)
    start_some(self);
}

void finish_going(self_ptr self) {
  auto& s = self->state;
  if (!s.going || !s.ending.empty())
    return;
  (void)hand_over(*s.ctx, the_host, units_go(*s.going));
  s.going.reset();
}

void go(self_ptr self, units_go& m) {
  auto& s = self->state;
  for (const auto i : m.which.shards)
    s.shards_here[i] = false;
  for (auto it = s.users.begin(); it != s.users.end();) {
    const user_id user{it->first};
    if (!m.which.has_shard(s.shard(user))) {
      ++it;
      continue;
    }
    tell_gone(self, user, it->second.life);
    s.leaving -= it->second.leaving;
    end_here(self, address_of<role::user_buddy>(user));
    it = s.users.erase(it);
  }
  for (auto it = s.goals.begin(); it != s.goals.end();) {
    if (!m.which.has_subspace(raw(it->second.goal->welcome.subspace))) {
      ++it;
      continue;
    }
    s.goals_leaving -= it->second.leaving;
    end_here(self, address_of<role::goal_buddy>(goal_id{it->first}));
    it = s.goals.erase(it);
  }
  std::erase_if(s.given_up, [&](const auto& g) { return m.which.has_subspace(raw(g.second)); });
  s.going = std::move(m);
  finish_going(self);
}

} // namespace ammo
