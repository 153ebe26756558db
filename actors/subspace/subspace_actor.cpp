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

void answer(self_ptr self, subspace_state::offerer to, creation_verdict v) {
  if (v.code != errc::ok)
    self->state.ctx->count.refused(self, v.code);
  send(self, to, std::move(v));
}

/// Publishes; `done` runs when every member has been sent the news.
void publish(self_ptr self, std::function<void()> done) {
  auto& s = self->state;
  auto news = s.mind->publish();
  s.published = news.snapshot;
  auto message = pack(self, std::move(news));
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::metaspace>(i), message);
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::aipp>(i), message);
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
void answer_when_live(self_ptr self, subspace_state::offerer to, creation_verdict v) {
  if (v.code != errc::ok)
    return answer(self, to, std::move(v));
  self->state.verdicts.push_back({std::move(v), to});
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
    send(self, the_clock, period_opened{st.setup->config.id, period, st.mind->live()});
  });
}

void close_if_ready(self_ptr self) {
  auto& s = self->state;
  if (!s.closing || !s.awaited.empty() || s.broadcasting)
    return;
  send(self, the_clock, period_closed{s.setup->config.id, *std::exchange(s.closing, std::nullopt)});
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
  send(self, the_evolution,
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
  s.strains = m;
  s.fitness.deal(m.generation, n);
  s.catalogue_readers.start(self, pack(self, m));
}

void broadcast_regret(self_ptr self, std::uint64_t period) {
  auto& s = self->state;
  auto node = s.reports.extract(period);
  auto feedback = s.mind->merge(period, node.mapped());
  for (auto refused = s.mind->earn(feedback); refused > 0; --refused)
    s.ctx->count.refused(self, errc::budget_overflow);
  report_strains(self, feedback);
  if (auto terms = s.mind->sell(feedback))
    for (std::uint32_t shard = 0; shard < s.setup->shards; ++shard)
      send(self, address_of<role::metaspace>(shard), *terms);
  if (s.broadcasting) // the one before is still going out: they must not pile up; what was shown is paid for all the same
    return s.ctx->count.refused(self, errc::stale_epoch);
  auto message = pack(self, std::move(feedback));
  if (s.setup->clocked) {
    s.closing = period;
    s.awaited.clear();
    s.goals.each_key([&s](std::uint64_t goal) { s.awaited.insert(goal); });
  }
  s.broadcasting = true;
  s.last_regret = message;
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
  if (of_period.size() == s.setup->shards)
    broadcast_regret(self, m.period);
  while (s.reports.size() > open_reports) {
    s.ctx->count.refused(self, errc::stale_epoch);
    s.reports.erase(s.reports.begin());
  }
}

/// A Goal Buddy that comes back (it was restarted) is told where it stands.
void admit_goal_buddy(self_ptr self, const join_goal& m, address_of<role::goal_buddy> buddy) {
  auto& s = self->state;
  auto returning = s.goals.has(raw(m.goal));
  if (auto joined = s.mind->join(m); !joined && (!returning || joined.code() != errc::duplicate_goal))
    return answer(self, buddy, {{0, joined.code(), joined.error().detail}, {}, m.goal, 0});
  s.goals.add(raw(m.goal), buddy);
  if (m.wants_catalogue) {
    s.catalogue_readers.add(raw(m.goal), buddy);
    if (s.strains)
      send(self, buddy, *s.strains);
    if (s.published)
      send(self, buddy, catalogue_news{s.published, {}});
  }
  if (s.setup->clocked && !returning)
    s.awaited.insert(raw(m.goal));
  if (auto standing = s.mind->standing_of(m.goal))
    send(self, buddy, std::move(*standing));
  else
    send(self, buddy, m);
}

void offered(self_ptr self, creation_offer& m, subspace_state::offerer from) {
  auto& s = self->state;
  auto goal = m.goal;
  if (s.setup->clocked) {
    s.offers.push_back({std::move(m), from});
    return heard_from(self, goal);
  }
  auto verdict = replied(s.mind->offer(m), m.request);
  // Whose first creation is refused was not added: nothing stays of it.
  if (verdict.code != errc::ok && s.mind->forget(goal)) {
    s.goals.remove(raw(goal));
    s.catalogue_readers.remove(raw(goal));
  }
  answer_when_live(self, from, std::move(verdict));
}

void withdrawn(self_ptr self, const creation_withdrawal& m, address_of<role::host> from) {
  answer_when_live(self, from, replied(self->state.mind->withdraw(m), m.request));
}

void admit_user_buddy(self_ptr self, const join& m, address_of<role::user_buddy, role::clock> buddy) {
  auto& s = self->state;
  if (s.published)
    send(self, buddy, catalogue_news{s.published, {}});
  if (s.last_regret)
    send(self, buddy, *s.last_regret);
  if (s.setup->host)
    send(self, *s.setup->host, m);
  s.users.add(raw(m.user), buddy);
}

/// Who could create for an interest hears of it; nobody hears whose it is.
void route_interest(self_ptr self, const interest_notice& m) {
  auto& s = self->state;
  const auto goals = s.mind->matching(m.v.values, interest_creations);
  if (!goals)
    return s.ctx->count.refused(self, goals.code());
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
    s.ctx->count.refused(self, near.code());
  send(self, asker, std::move(told));
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

  return behavior_of(
    self,
    on<creation_offer>([self](creation_offer& m, auto from) { offered(self, m, from); }),
    on<creation_pass>([self](const creation_pass& m) { heard_from(self, m.goal); }),
    on<creation_withdrawal>([self](const creation_withdrawal& m, auto from) { withdrawn(self, m, from); }),
    on<attention_report>([self](const attention_report& m) { gather(self, m); }),
    on<join>([self](const join& m, auto buddy) { admit_user_buddy(self, m, buddy); }),
    on<join_goal>([self](const join_goal& m, auto buddy) { admit_goal_buddy(self, m, buddy); }),
    on<leave>([self](const leave& m) { self->state.users.remove(raw(m.user)); }),
    on<period_open>([self](const period_open& m) {
      self->state.opening = m.period;
      open_if_ready(self);
    }),
    on<strain_news>([self](const strain_news& m) { spread(self, m); }),
    on<interest_notice>([self](const interest_notice& m) { route_interest(self, m); }),
    on<nearby_request>([self](const nearby_request& m, auto asker) { tell_nearby(self, m, asker); }),
    on<statistics_request>([self](const statistics_request& m, auto asker) {
      send(self, asker, counted(self->state, m.request));
    }),
    on_own<fan_out_turn>([self](fan_out_turn t) { t.of->turn(self); }),
    on_own<publish_due>([self](publish_due) { publish_changes(self); }));
}

} // namespace ammo
