#include "actors/subspace/subspace_actor.hpp"

#include "actors/space/ball.hpp"
#include "actors/subspace/subspace_relay_actor.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<subspace_state>*;

/// Creations that match a stated interest best, whose Goal Buddies hear of it.
constexpr std::size_t interest_creations = 8;

/// A verdict given before, on the same key, goes to who asks now.
creation_verdict replied(creation_verdict v, std::uint64_t request) {
  v.request = request;
  return v;
}

/// A verdict can't be sent: whoever was to get it hears that much.
void tell_lost(self_ptr self, offerer to, const creation_verdict& v) noexcept {
  auto& s = self->state;
  if (to.as<role::host>())
    detail::tell_failed(*s.ctx, s.me(), v.request);
  else
    detail::tell_failed(*s.ctx, s.me(), v.goal, v.key);
}

/// What a verdict says has happened, so one that finds no memory is sent once more. If that fails, too, the others' still go out.
void answer(self_ptr self, offerer to, const creation_verdict& v) {
  if (v.code != errc::ok)
    self->state.ctx->refused(self, v.code);
  auto attempt = [&] { send(self, to, v); };
  if (!detail::succeeds(attempt) && !detail::succeeds(attempt))
    tell_lost(self, to, v);
}

/// Do broadcasts move money?
bool moves_money(const subspace_config& c) { return c.income_micros > 0 || c.sale != slot_sale::value; }

/// Sends all members the news, so that nobody keeps an old version alive. Of versions that come meanwhile the newest follows.
void spread_version(self_ptr self, const packed<role::subspace, catalogue_news>& message) {
  auto& s = self->state;
  if (s.spreading) {
    s.newer = message;
    return;
  }
  s.spreading = true;
  const auto or_later = [self](auto&& start) { // where there is no memory for it the next version goes out
    try {
      start();
    } catch (...) {
      self->state.spreading = false;
      throw;
    }
  };
  or_later([&] {
    s.catalogue_readers.start(self, message, [self, message, or_later] {
      or_later([&] {
        self->state.users.start(self, message, [self] {
          self->state.spreading = false;
          if (const auto next = std::exchange(self->state.newer, std::nullopt))
            spread_version(self, *next);
        });
      });
    });
  });
}

/// Publishes; `done` runs when every member can see the news: of a simulation, once all have been sent it.
void publish(self_ptr self, std::function<void()> done) {
  auto& s = self->state;
  auto news = s.mind->publish();
  s.published = news.snapshot;
  note_own(self, self->state.me(), period_open{news.snapshot->version()});
  spread_outward(self, news);
  auto message = pack(self, std::move(news));
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::aipp>(i), message);
  if (!s.setup->clocked)
    s.ctx->catalogues.post(s.published); // before MetaSpace wakes anybody, who looks there; it looks there itself
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::metaspace>(i), message);
  if (s.setup->clocked) {
    s.catalogue_readers.start(self, message, [self, message, done = std::move(done)] { self->state.users.start(self, message, done); });
    return;
  }
  spread_version(self, message);
  if (done)
    done();
}

/// Does what the publication wants, in its order.
void follow(self_ptr self, publication_mind::step next) {
  auto& s = self->state;
  for (const auto& [to, verdict] : next.answers)
    answer(self, to, verdict);
  try {
    if (next.schedule)
      post_later(self, s.setup->publish_interval, publish_due{});
    if (next.publish)
      publish(self, [self, which = s.publication.broadcasts()] { follow(self, self->state.publication.on_sent(which)); });
  } catch (...) {
    if (!s.ctx->frames) // else all of it waits for the mind as the log has it
      s.publication.give_up([self](const addressed_verdict& lost) { tell_lost(self, lost.to, lost.verdict); });
    throw;
  }
}

/// Does what the clock's period wants, in its order.
void follow(self_ptr self, period_mind::step next) {
  auto& s = self->state;
  for (auto& [from, offer] : next.take)
    answer(self, from, replied(s.mind->offer(offer), offer.request));
  if (next.opened)
    send(self, the_clock, period_opened{s.setup->config.id, *next.opened, s.mind->live()});
  if (next.closed)
    send(self, the_clock, period_closed{s.setup->config.id, *next.closed});
  if (next.publish)
    publish(self, [self, period = *next.publish] { follow(self, self->state.periods.on_published(period)); });
}

/// Passes the strains on to the Goal Buddies that compete; who comes later is told, too.
void spread(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  const auto ours = s.mind->deal(m);
  if (!ours)
    return s.ctx->refused(self, ours.code());
  if (*ours)
    s.catalogue_readers.start(self, pack(self, m));
}

/// Whose attention it is. A clock listens as one of them; in a cluster most are at other nodes.
std::uint64_t people_of(const subspace_state& s, std::span<const attention_report> reports) {
  if (!s.ctx->others)
    return s.users.size() - (s.setup->clocked && s.users.size() > 0 ? 1 : 0);
  std::uint64_t all = 0;
  for (const auto& r : reports)
    all += r.people;
  return all;
}

void account_for(self_ptr self, const attention_book::account& all) {
  auto& s = self->state;
  auto feedback = s.mind->merge(all.period, all.reports);
  if (moves_money(s.setup->config))
    note_own(self, self->state.me(), feedback);
  for (auto refused = s.mind->earn(feedback); refused > 0; --refused)
    s.ctx->refused(self, errc::budget_overflow);
  if (auto report = s.mind->score_strains(feedback, s.setup->lambda, s.setup->by_merit))
    send(self, the_evolution, std::move(*report));
  if (auto terms = s.mind->sell(feedback)) {
    spread_outward(self, *terms);
    for (std::uint32_t shard = 0; shard < s.setup->shards; ++shard)
      send(self, address_of<role::metaspace>(shard), *terms);
  }
  if (s.broadcasting || !all.told) // they must not pile up; what was shown is paid for all the same
    return s.ctx->refused(self, errc::stale_epoch);
  auto to_creators = pack(self, s.mind->for_creators(feedback, people_of(s, all.reports)));
  spread_outward(self, feedback);
  auto message = pack(self, std::move(feedback));
  if (s.setup->clocked) {
    std::vector<goal_id> goals;
    s.goals.each_key([&goals](std::uint64_t goal) { goals.push_back(goal_id{goal}); });
    s.periods.on_regret(all.period, goals);
  }
  s.broadcasting = true;
  s.last_regret = message;
  s.goals.start(self, std::move(to_creators));
  s.users.start(self, std::move(message), [self, period = all.period] {
    self->state.broadcasting = false;
    follow(self, self->state.periods.on_regret_sent(period));
  });
}

void gather(self_ptr self, const attention_report& m) {
  auto& s = self->state;
  auto taken = s.reports.take(m);
  if (taken.code != errc::ok)
    s.ctx->refused(self, taken.code);
  for (const auto& incomplete : taken.given_up)
    account_for(self, incomplete);
  if (taken.done)
    account_for(self, *taken.done);
}

/// A Goal Buddy that comes back (it was restarted) is told where it stands.
void admit_goal_buddy(self_ptr self, const join_goal& m, address_of<role::goal_buddy> buddy) {
  auto& s = self->state;
  auto returning = s.goals.has(raw(m.goal)) || s.returning.erase(raw(m.goal)) > 0;
  if (!returning)
    note_own(self, self->state.me(), m);
  if (auto joined = s.mind->join(m); !joined && (!returning || joined.code() != errc::duplicate_goal))
    return answer(self, buddy, {{0, joined.code(), joined.error().detail}, {}, m.goal, 0});
  s.goals.add(raw(m.goal), buddy);
  if (m.wants_catalogue) {
    s.catalogue_readers.add(raw(m.goal), buddy);
    if (const auto* strains = s.mind->strains())
      send(self, buddy, *strains);
    if (s.published)
      send(self, buddy, catalogue_news{s.published, {}});
  }
  if (s.setup->clocked)
    s.periods.on_join(m.goal, returning);
  if (auto standing = s.mind->standing_of(m.goal))
    send(self, buddy, std::move(*standing));
  else
    send(self, buddy, m);
}

void offered(self_ptr self, creation_offer& m, offerer from) {
  auto& s = self->state;
  if (s.setup->clocked)
    return follow(self, s.periods.on_offer(from, std::move(m)));
  auto verdict = replied(s.mind->offer(m), m.request);
  if (ball::finite(m.e.values) && ball::finite(m.grounded.values)) // else it was refused, and no frame can hold it
    note_own(self, self->state.me(), m);
  // Whose first creation is refused was not added: nothing stays of it.
  if (verdict.code != errc::ok && s.mind->forget(m.goal)) {
    s.goals.remove(raw(m.goal));
    s.catalogue_readers.remove(raw(m.goal));
  }
  follow(self, s.publication.on_verdict(from, std::move(verdict)));
}

void withdrawn(self_ptr self, const creation_withdrawal& m, address_of<role::host> from) {
  auto& s = self->state;
  note_own(self, self->state.me(), m);
  follow(self, s.publication.on_verdict(from, replied(s.mind->withdraw(m), m.request)));
}

/// Nothing of it stays. Its host is told once nobody is shown it any more.
void part_with_goal(self_ptr self, const leave_goal& m) {
  auto& s = self->state;
  note_own(self, self->state.me(), m);
  (void)s.mind->remove(m.goal);
  s.goals.remove(raw(m.goal));
  s.catalogue_readers.remove(raw(m.goal));
  creation_verdict gone;
  gone.goal = m.goal;
  gone.request = m.request;
  if (s.setup->host)
    follow(self, s.publication.on_verdict(*s.setup->host, std::move(gone)));
}

/// Where a Goal Buddy stands that may have waited for a verdict.
void tell_standing(self_ptr self, goal_id goal) {
  if (auto standing = self->state.mind->standing_of(goal))
    send(self, address_of<role::goal_buddy>(goal), std::move(*standing));
}

/// With the mind as the log has it. Verdicts that waited for a version still hold, as what they are about was noted before; they wait for a
/// version that has it. Reports of this period are lost; a Goal Buddy whose offer failed is told where it stands.
void return_to_work(self_ptr self, subspace_mind& as_it_was) {
  auto& s = self->state;
  s.mind.emplace(std::move(as_it_was));
  s.reports = attention_book(s.setup->shards);
  s.broadcasting = s.spreading = false;
  s.newer.reset();
  (void)s.publication.anew();
  publish(self, [self, which = s.publication.broadcasts()] {
    follow(self, self->state.publication.on_sent(which));
    self->state.goals.each_key([self](std::uint64_t goal) { tell_standing(self, goal_id{goal}); });
  });
}

/// A User Buddy that comes back (it was restarted) is told of everything again. One that has left meanwhile isn't.
void admit_user_buddy(self_ptr self, const join& m, address_of<role::user_buddy, role::clock> buddy) {
  auto& s = self->state;
  if (s.users.add(raw(m.user), buddy, m.life) == group::arrival::stale)
    return s.ctx->refused(self, errc::stale_epoch);
  if (s.published)
    send(self, buddy, catalogue_news{s.published, {}});
  if (s.last_regret)
    send(self, buddy, *s.last_regret);
  if (s.setup->host)
    send(self, *s.setup->host, m);
}

/// Who could create for an interest hears of it; nobody hears whose it is.
void route_interest(self_ptr self, const interest_notice& m) {
  auto& s = self->state;
  const auto goals = s.mind->matching(m.v.values, interest_creations);
  if (!goals)
    return s.ctx->refused(self, goals.code());
  for (auto goal : *goals)
    if (s.goals.has(raw(goal)))
      send(self, address_of<role::goal_buddy>(goal), m);
}

/// Whoever asks always gets an answer: it waits for that before it writes.
void tell_nearby(self_ptr self, const nearby_request& m, address_of<role::goal_buddy> asker) {
  auto& s = self->state;
  nearby_creations told{m.request, {}};
  if (auto near = s.mind->nearby(m.goal, m.place.values))
    told.nearby = std::move(*near);
  else
    s.ctx->refused(self, near.code());
  send(self, asker, std::move(told));
}

/// Its unit is another node's from here on: its User Buddies join the relay that has its address now.
void hand_over_members(self_ptr self) {
  auto& s = self->state;
  s.users.each_member([&](std::uint64_t user, std::uint64_t life) {
    send_as(address_of<role::user_buddy>(user_id{user}), *s.ctx, s.me(), join{user_id{user}, life}, self->context());
  });
  self->quit();
}

/// Of an owner that hasn't heard yet that it is none.
template <class Message>
void drop_stale(self_ptr self, const Message&) { self->state.ctx->refused(self, errc::stale_epoch); }

statistics counted(const subspace_state& s, std::uint64_t request) {
  statistics out;
  out.request = request;
  out.creations = s.mind->live();
  out.budget_granted_micros = s.mind->accounts().granted();
  out.budget_spent_micros = s.mind->accounts().spent();
  out.broadcast_turn_ns_max = std::max({s.users.turn_ns_max(), s.goals.turn_ns_max(), s.catalogue_readers.turn_ns_max()});
  return out;
}

} // namespace

caf::behavior subspace(self_ptr self, std::shared_ptr<const subspace_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  if (setup->recovered) {
    s.mind.emplace(std::move(*setup->recovered));
    for (const goal_id g : s.mind->creators())
      s.returning.insert(raw(g));
  } else {
    s.mind.emplace(setup->config);
  }
  s.reports = attention_book(setup->shards);
  s.setup = std::move(setup);
  if (!s.returning.empty())
    publish(self, {});

  return behavior_of(
    self,
    on<creation_offer>([self](creation_offer& m, auto from) { offered(self, m, from); }),
    on<creation_pass>([self](const creation_pass& m) { follow(self, self->state.periods.on_pass(m)); }),
    on<creation_withdrawal>([self](const creation_withdrawal& m, auto from) { withdrawn(self, m, from); }),
    on<attention_report>([self](const attention_report& m) { gather(self, m); }),
    on<join>([self](const join& m, auto buddy) { admit_user_buddy(self, m, buddy); }),
    on<join_goal>([self](const join_goal& m, auto buddy) { admit_goal_buddy(self, m, buddy); }),
    on<leave>([self](const leave& m) {
      self->state.users.leave(raw(m.user), m.life, self->state.ctx->time->now());
    }),
    on<leave_goal>([self](const leave_goal& m) { part_with_goal(self, m); }),
    on<period_open>([self](const period_open& m) { follow(self, self->state.periods.on_open(m.period)); }),
    on<strain_news>([self](const strain_news& m) { spread(self, m); }),
    on<interest_notice>([self](const interest_notice& m) { route_interest(self, m); }),
    on<nearby_request>([self](const nearby_request& m, auto asker) { tell_nearby(self, m, asker); }),
    on<catalogue_news>([self](const catalogue_news& m) { drop_stale(self, m); }),
    on<regret_feedback>([self](const regret_feedback& m) { drop_stale(self, m); }),
    on<slot_terms>([self](const slot_terms& m) { drop_stale(self, m); }),
    on_own<hand_members>([self](hand_members) { hand_over_members(self); }),
    on<statistics_request>([self](const statistics_request& m, auto asker) {
      send(self, asker, counted(self->state, m.request));
    }),
    on_return<subspace_mind>([self](brought_back<subspace_mind>& m) { return_to_work(self, *m.mind); }),
    on_own<save_call<subspace_mind_state>>(
      [self](save_call<subspace_mind_state>& m) { m.to(self->state.noted, self->state.mind->save()); }),
    on_own<fan_out_turn>([self](fan_out_turn t) { t.of->turn(self); }),
    on_own<publish_due>([self](publish_due) { follow(self, self->state.publication.on_due()); }));
}

} // namespace ammo
