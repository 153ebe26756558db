#include "actors/subspace/subspace_actor.hpp"

#include "actors/evolution/genes.hpp"

#include <algorithm>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<subspace_state>*;

/// Periods whose attention reports are still incomplete; an older one than these is given up.
constexpr std::size_t open_reports = 8;
/// Creations that match a stated interest best, whose Goal Buddies hear of it.
constexpr std::size_t interest_creations = 8;

/// A verdict given before, on the same key, goes to who asks now.
creation_verdict replied(creation_verdict v, std::uint64_t request) {
  v.request = request;
  return v;
}

void answer(self_ptr self, const caf::actor& to, creation_verdict v) {
  auto& s = self->state;
  if (v.code != errc::ok)
    s.ctx->count.refused(self, v.code);
  if (to)
    post(self, *s.ctx, to, std::move(v));
}

/// Publishes; `done` runs when every member has been sent the news.
void publish(self_ptr self, std::function<void()> done) {
  auto& s = self->state;
  auto news = s.mind->publish();
  s.published = news.snapshot;
  auto message = caf::make_message(over_the_wire(*s.ctx, std::move(news)));
  s.ctx->count.sent(self, s.setup->shards.size() + s.catalogue_readers.size() + s.users.size());
  for (const auto& shard : s.setup->shards)
    caf::actor_cast<caf::abstract_actor*>(shard)->enqueue(self->ctrl(), caf::make_message_id(), message, self->context());
  s.catalogue_readers.start(self, message, [self, message, done = std::move(done)] {
    self->state.users.start(self, message, done);
  });
}

void publish_soon(self_ptr self) {
  auto& s = self->state;
  if (s.setup->clocked || std::exchange(s.publish_scheduled, true))
    return;
  post_later(self, s.setup->publish_interval, publish_due{});
}

/// Keeps a good verdict until what it speaks of is live; a refusal goes out at once.
void answer_when_live(self_ptr self, caf::actor to, creation_verdict v) {
  if (v.code != errc::ok)
    return answer(self, to, std::move(v));
  self->state.verdicts.push_back({std::move(v), std::move(to)});
  publish_soon(self);
}

void publish_changes(self_ptr self) {
  auto verdicts = std::make_shared<std::vector<subspace_state::waiting_verdict>>(std::exchange(self->state.verdicts, {}));
  publish(self, [self, verdicts] {
    for (auto& [verdict, to] : *verdicts)
      answer(self, to, std::move(verdict));
    self->state.publish_scheduled = false;
    if (!self->state.verdicts.empty())
      publish_soon(self);
  });
}

void take_waiting_offers(self_ptr self) {
  auto& s = self->state;
  std::stable_sort(s.offers.begin(), s.offers.end(),
                   [](const auto& a, const auto& b) { return raw(a.offer.goal) < raw(b.offer.goal); });
  for (auto& [offer, from] : s.offers)
    answer(self, from, replied(s.mind->offer(offer), offer.request));
  s.offers.clear();
}

void open_if_ready(self_ptr self) {
  auto& s = self->state;
  if (!s.opening || !s.awaited.empty())
    return;
  take_waiting_offers(self);
  auto period = *std::exchange(s.opening, std::nullopt);
  publish(self, [self, period] {
    auto& st = self->state;
    post(self, *st.ctx, st.clock, period_opened{st.setup->config.id, period, st.mind->live()});
  });
}

void close_if_ready(self_ptr self) {
  auto& s = self->state;
  if (!s.closing || !s.awaited.empty() || s.broadcasting)
    return;
  post(self, *s.ctx, s.clock, period_closed{s.setup->config.id, *std::exchange(s.closing, std::nullopt)});
}

/// A Goal Buddy has had its say in this period.
void heard_from(self_ptr self, goal_id goal) {
  if (self->state.awaited.erase(raw(goal)) == 0)
    return;
  open_if_ready(self);
  close_if_ready(self);
}

/// Tells Evolution how the strains of its Goal Buddies do.
void report_strains(self_ptr self, const regret_feedback& m) {
  auto& s = self->state;
  if (!s.strains)
    return;
  for (const auto& [goal, utility] : s.mind->utilities(m, s.setup->lambda, s.setup->by_merit)) {
    s.fitness.round(raw(goal));
    s.fitness.reward(raw(goal), utility);
  }
  post(self, *s.ctx, s.evolution,
       strain_report{m.period, s.fitness.generation(), buddy_kind::goal, m.subspace, 0, s.fitness.close()});
}

/// Passes the strains on to the Goal Buddies that compete; who comes later is told, too.
void spread(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  if (const errc bad = check(m); bad != errc::ok)
    return s.ctx->count.refused(self, bad);
  const std::size_t n = strains_of(m, buddy_kind::goal, s.setup->config.id);
  if (n == 0)
    return;
  s.evolution = sender_of(self);
  s.strains = m;
  s.fitness.deal(m.generation, n);
  s.ctx->count.sent(self, s.catalogue_readers.size());
  s.catalogue_readers.start(self, caf::make_message(over_the_wire(*s.ctx, m)));
}

void broadcast_regret(self_ptr self, std::uint64_t period) {
  auto& s = self->state;
  auto node = s.reports.extract(period);
  auto feedback = s.mind->merge(period, node.mapped());
  for (auto refused = s.mind->earn(feedback); refused > 0; --refused)
    s.ctx->count.refused(self, errc::budget_overflow);
  report_strains(self, feedback);
  if (auto terms = s.mind->sell(feedback))
    for (std::size_t shard = 0; shard < s.setup->reports; ++shard) // MetaSpace's come first
      post(self, *s.ctx, s.setup->shards[shard], *terms);
  if (s.broadcasting) // the one before is still going out: they must not pile up; what was shown is paid for all the same
    return s.ctx->count.refused(self, errc::stale_epoch);
  auto message = caf::make_message(over_the_wire(*s.ctx, std::move(feedback)));
  if (s.setup->clocked) {
    s.closing = period;
    s.awaited.clear();
    s.goals.each_key([&s](std::uint64_t goal) { s.awaited.insert(goal); });
  }
  s.broadcasting = true;
  s.last_regret = message;
  s.ctx->count.sent(self, s.goals.size() + s.users.size());
  s.goals.start(self, message);
  s.users.start(self, std::move(message), [self] {
    self->state.broadcasting = false;
    close_if_ready(self);
  });
}

void gather(self_ptr self, const attention_report& m) {
  auto& s = self->state;
  auto& of_period = s.reports[m.period];
  of_period.push_back(m);
  if (of_period.size() == s.setup->reports)
    broadcast_regret(self, m.period);
  while (s.reports.size() > open_reports) {
    s.ctx->count.refused(self, errc::stale_epoch);
    s.reports.erase(s.reports.begin());
  }
}

/// A Goal Buddy that comes back (it was restarted) is told where it stands.
void admit_goal_buddy(self_ptr self, const join_goal& m) {
  auto& s = self->state;
  auto returning = s.goals.has(raw(m.goal));
  auto buddy = sender_of(self);
  if (auto joined = s.mind->join(m); !joined && (!returning || joined.code() != errc::duplicate_goal))
    return answer(self, buddy, {.goal = m.goal, .code = joined.code(), .detail = joined.error().detail});
  s.goals.add(raw(m.goal), buddy);
  if (m.wants_catalogue) {
    s.catalogue_readers.add(raw(m.goal), buddy);
    if (s.strains)
      post(self, *s.ctx, buddy, *s.strains);
    if (s.published)
      post(self, *s.ctx, buddy, catalogue_news{s.published, {}});
  }
  if (s.setup->clocked && !returning)
    s.awaited.insert(raw(m.goal));
  if (auto standing = s.mind->standing_of(m.goal))
    return post(self, *s.ctx, buddy, std::move(*standing));
  post(self, *s.ctx, buddy, m);
}

void offered(self_ptr self, creation_offer& m) {
  auto& s = self->state;
  auto goal = m.goal;
  auto from = sender_of(self);
  if (s.setup->clocked) {
    s.offers.push_back({std::move(m), std::move(from)});
    return heard_from(self, goal);
  }
  auto verdict = replied(s.mind->offer(m), m.request);
  // Whose first creation is refused was not added: nothing stays of it.
  if (verdict.code != errc::ok && s.mind->forget(goal)) {
    s.goals.remove(raw(goal));
    s.catalogue_readers.remove(raw(goal));
  }
  answer_when_live(self, std::move(from), std::move(verdict));
}

void withdrawn(self_ptr self, const creation_withdrawal& m) {
  answer_when_live(self, sender_of(self), replied(self->state.mind->withdraw(m), m.request));
}

void admit_user_buddy(self_ptr self, const join& m) {
  auto& s = self->state;
  auto buddy = sender_of(self);
  if (s.published)
    post(self, *s.ctx, buddy, catalogue_news{s.published, {}});
  if (!s.last_regret.empty()) {
    s.ctx->count.sent(self, 1);
    caf::actor_cast<caf::abstract_actor*>(buddy)->enqueue(self->ctrl(), caf::make_message_id(), s.last_regret, self->context());
  }
  if (s.setup->host)
    post_as(buddy, *s.ctx, s.setup->host, m);
  s.users.add(raw(m.user), std::move(buddy));
}

/// Who could create for an interest hears of it; nobody hears whose it is.
void route_interest(self_ptr self, const interest_notice& m) {
  auto& s = self->state;
  const auto goals = s.mind->matching(m.v.values, interest_creations);
  if (!goals)
    return s.ctx->count.refused(self, goals.code());
  for (auto goal : *goals)
    if (const auto* buddy = s.goals.find(raw(goal)))
      tell(self, *s.ctx, *buddy, m);
}

/// Whoever asks always gets an answer: it waits for that before it writes.
void tell_nearby(self_ptr self, const nearby_request& m) {
  auto& s = self->state;
  nearby_creations told{m.request, {}};
  if (auto near = s.mind->nearby(m.goal, m.place.values))
    told.nearby = std::move(*near);
  else
    s.ctx->count.refused(self, near.code());
  if (const auto buddy = sender_of(self))
    post(self, *s.ctx, buddy, std::move(told));
}

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
  s.mind.emplace(setup->config);
  s.setup = std::move(setup);

  return {
    on<creation_offer>(self, [self](creation_offer& m) { offered(self, m); }),
    on<const creation_pass>(self, [self](const creation_pass& m) { heard_from(self, m.goal); }),
    on<const creation_withdrawal>(self, [self](const creation_withdrawal& m) { withdrawn(self, m); }),
    on<const attention_report>(self, [self](const attention_report& m) { gather(self, m); }),
    on<const join>(self, [self](const join& m) { admit_user_buddy(self, m); }),
    on<const join_goal>(self, [self](const join_goal& m) { admit_goal_buddy(self, m); }),
    on<const leave>(self, [self](const leave& m) { self->state.users.remove(raw(m.user)); }),
    on<const period_open>(self,
                         [self](const period_open& m) {
                           self->state.clock = sender_of(self);
                           self->state.opening = m.period;
                           open_if_ready(self);
                         }),
    on<const strain_news>(self, [self](const strain_news& m) { spread(self, m); }),
    on<const interest_notice>(self, [self](const interest_notice& m) { route_interest(self, m); }),
    on<const nearby_request>(self, [self](const nearby_request& m) { tell_nearby(self, m); }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   post(self, *self->state.ctx, sender_of(self), counted(self->state, m.request));
                                 }),
    [self](fan_out_turn t) { t.of->turn(self); },
    [self](publish_due) { publish_changes(self); },
  };
}

} // namespace ammo
