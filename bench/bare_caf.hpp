/// Bare CAF as it comes, with its `sharing` scheduler: the same actors, messages of the same number and
/// size, and no minds.
#pragma once

#include "actors/protocol/body.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

namespace ammo::bench {

struct caf_result {
  double seconds = 0;
  std::uint64_t messages = 0;
};

struct links {
  caf::actor arbiter, people;
};
struct user_state {
  links to;
  std::uint32_t left = 0;
};
struct flush {};
struct next_chunk {};
/// Handles, and what is on its way to them in chunks.
struct broadcast {
  std::vector<caf::actor> members;
  std::deque<std::pair<caf::message, std::size_t>> under_way;
};
struct arbiter_state {
  caf::actor people;
  broadcast users;
  slates_granted grants;
};
struct people_state {
  std::vector<caf::actor> users;
  std::uint64_t expected = 0, seen = 0, messages = 0;
  caf::actor clock;
};

/// The handle of whoever sent the message at hand.
inline caf::actor sender(caf::scheduled_actor* self) { return caf::actor_cast<caf::actor>(self->current_sender()); }

inline void send_chunk(caf::stateful_actor<arbiter_state>* self) {
  auto& [members, under_way] = self->state.users;
  auto& [what, next] = under_way.front();
  for (const auto end = std::min(members.size(), next + 256); next < end; ++next)
    caf::actor_cast<caf::abstract_actor*>(members[next])->enqueue(self->ctrl(), caf::make_message_id(), what, self->context());
  if (next == members.size())
    under_way.pop_front();
  if (!under_way.empty())
    self->send(self, next_chunk{});
}
inline void send_everyone(caf::stateful_actor<arbiter_state>* self, caf::message m) {
  auto& under_way = self->state.users.under_way;
  under_way.emplace_back(std::move(m), 0);
  if (under_way.size() == 1)
    send_chunk(self);
}

inline caf::behavior bare_user(caf::stateful_actor<user_state>* self, links to) {
  self->state.to = std::move(to);
  auto play = [self] { self->send(self->state.to.arbiter, slate_proposal{.candidates = {{}, {}, {}, {}, {}}}); };
  return {
    [self, play](const clock_tick& m) {
      self->state.left = m.rounds;
      play();
    },
    [self, play](const reward&) {
      if (--self->state.left > 0)
        play();
    },
    [](const catalogue_news&) {},
    [](const regret_feedback&) {},
  };
}

inline caf::behavior bare_arbiter(caf::stateful_actor<arbiter_state>* self, caf::actor people) {
  self->state.people = std::move(people);
  auto send = [self] {
    if (!self->state.grants.slates.empty())
      self->send(self->state.people, std::exchange(self->state.grants, {}));
  };
  return {
    // Grants travel together, as MetaSpace's do.
    [self, send](const slate_proposal&) {
      auto& slates = self->state.grants.slates;
      if (slates.empty()) {
        slates.reserve(64);
        self->send(self, flush{});
      }
      slate_granted g;
      g.impressions.resize(5);
      slates.push_back(std::move(g));
      if (slates.size() == 64)
        send();
    },
    [send](flush) { send(); },
    [self](const join&) { self->state.users.members.push_back(sender(self)); },
    [self](const clock_tick& m) { send_everyone(self, caf::make_message(m)); },
    [self](const catalogue_news& m) { send_everyone(self, caf::make_message(m)); },
    [self](const regret_feedback& m) { send_everyone(self, caf::make_message(m)); },
    [self](next_chunk) { send_chunk(self); },
  };
}

inline caf::behavior bare_people(caf::stateful_actor<people_state>* self, int) {
  return {
    [self](const join&) { self->state.users.push_back(sender(self)); },
    [self](const clock_tick& m) {
      self->state.clock = sender(self);
      self->state.expected = self->state.users.size() * m.rounds;
      self->state.seen = 0;
    },
    [self](const slates_granted& m) {
      auto& s = self->state;
      s.messages += 1;
      for (std::size_t i = 0; i < m.slates.size(); ++i) {
        self->send(s.users[s.seen % s.users.size()], reward{.entries = {{}, {}, {}, {}, {}}});
        if (++s.seen == s.expected)
          self->send(s.clock, period_played{0, 0, {}, {}, std::exchange(s.messages, 0), 0});
      }
    },
  };
}

/// `periods` times: catalogue news, a tick and regret feedback to every user, and rounds / periods rounds of each.
inline caf_result bare_caf(std::uint32_t users, std::uint32_t shards, std::uint32_t rounds, std::uint32_t periods, std::uint32_t threads) {
  struct configuration : caf::actor_system_config {
    explicit configuration(std::uint32_t n) {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", static_cast<std::size_t>(n));
      set("scheduler.max-throughput", static_cast<std::size_t>(300));
    }
  } config(threads);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  std::vector<caf::actor> arbiters, people;
  for (std::uint32_t i = 0; i < shards; ++i) {
    people.push_back(system.spawn(bare_people, 0));
    arbiters.push_back(system.spawn(bare_arbiter, people[i]));
  }
  for (std::uint32_t u = 0; u < users; ++u) {
    auto user = system.spawn(bare_user, links{arbiters[u % shards], people[u % shards]});
    caf::send_as(user, arbiters[u % shards], join{user_id{u}});
    caf::send_as(user, people[u % shards], join{user_id{u}});
  }
  auto begun = std::chrono::steady_clock::now();
  caf_result out;
  for (std::uint32_t period = 0, done = 0; period < periods; ++period) {
    auto now = (rounds - done) / (periods - period);
    done += now;
    for (const auto& a : arbiters)
      self->send(a, catalogue_news{});
    for (const auto& p : people)
      self->send(p, clock_tick{period, now});
    for (const auto& a : arbiters)
      self->send(a, clock_tick{period, now});
    for (std::size_t played = 0; played < people.size(); ++played)
      self->receive([&](const period_played& m) { out.messages += m.hits; });
    for (const auto& a : arbiters)
      self->send(a, regret_feedback{});
    out.messages += std::uint64_t{users} * (2 * std::uint64_t{now} + 3);
  }
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  for (auto* group : {&arbiters, &people})
    for (auto& a : *group)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  return out;
}

} // namespace ammo::bench

AMMO_LOCAL_MESSAGE(ammo::bench::flush)
AMMO_LOCAL_MESSAGE(ammo::bench::next_chunk)
// Bare CAF passes the structs without an envelope.
AMMO_LOCAL_MESSAGE(ammo::join)
AMMO_LOCAL_MESSAGE(ammo::slate_proposal)
AMMO_LOCAL_MESSAGE(ammo::slates_granted)
AMMO_LOCAL_MESSAGE(ammo::reward)
AMMO_LOCAL_MESSAGE(ammo::clock_tick)
AMMO_LOCAL_MESSAGE(ammo::period_played)
AMMO_LOCAL_MESSAGE(ammo::catalogue_news)
AMMO_LOCAL_MESSAGE(ammo::regret_feedback)
