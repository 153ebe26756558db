#include "actors/metaspace/metaspace_actor.hpp"

#include "actors/evolution/genes.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<metaspace_state>*;

/// Grants of one message to AiPP at the most.
constexpr std::size_t grants_together = 64;

void send_grants(self_ptr self) {
  auto& s = self->state;
  if (s.grants.slates.empty())
    return;
  std::uint64_t slots = 0;
  for (const auto& g : s.grants.slates)
    slots += g.impressions.size();
  s.ctx->count.add(counter::slots_granted, self, slots);
  tell(self, *s.ctx, s.setup->aipp, std::exchange(s.grants, {}));
}

/// Grants wait for those of the proposals already in the mailbox, and no longer.
void grant(self_ptr self, const slate_proposal& p) {
  auto& s = self->state;
  if (s.grants.slates.empty()) {
    s.grants.slates.reserve(grants_together);
    self->send(self, grants_due{});
  }
  s.grants.slates.push_back(s.mind->grant(p));
  if (s.grants.slates.size() == grants_together)
    send_grants(self);
}

/// Wakes the next chunk of users, and asks for another turn while some are left.
void wake_some(self_ptr self) {
  auto& s = self->state;
  auto& job = s.wakes.front();
  for (std::size_t i = 0; i < fan_out::chunk && !job.users.empty(); ++i, job.users.pop_back())
    if (const auto* buddy = s.users.find(raw(job.users.back())))
      caf::actor_cast<caf::abstract_actor*>(*buddy)->enqueue(self->ctrl(), caf::make_message_id(), job.what, self->context());
  if (job.users.empty())
    s.wakes.pop_front();
  if (!s.wakes.empty())
    self->send(self, wakes_due{});
}

void call(self_ptr self, watch_book::call c) {
  auto& s = self->state;
  if (c.users.empty())
    return;
  s.ctx->count.sent(self, c.users.size());
  s.ctx->count.add(counter::wakes, self, c.users.size());
  s.wakes.push_back({caf::make_message(over_the_wire(*s.ctx, std::move(c.what))), std::move(c.users)});
  if (s.wakes.size() == 1)
    wake_some(self);
}

void take_watch(self_ptr self, const watch& m) {
  auto& s = self->state;
  if (!s.watched)
    return;
  auto missed = s.watched->put(m);
  if (!missed)
    return s.ctx->count.refused(self, missed.code());
  s.ctx->count.add(counter::watches, self);
  for (auto& w : *missed)
    call(self, {std::move(w), {m.user}});
}

/// A buddy that was started again has registered nothing.
void take_in(self_ptr self, const join& m) {
  auto& s = self->state;
  auto buddy = sender_of(self);
  if (s.strains)
    post(self, *s.ctx, buddy, *s.strains);
  s.users.add(raw(m.user), std::move(buddy));
  if (s.watched)
    s.watched->remove(m.user);
}

/// Passes the strains on; who comes later is told, too.
void spread(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  if (const errc bad = check(m); bad != errc::ok)
    return s.ctx->count.refused(self, bad);
  if (strains_of(m, buddy_kind::user) == 0)
    return;
  s.strains = m;
  s.ctx->count.sent(self, s.users.size());
  s.users.start(self, caf::make_message(over_the_wire(*s.ctx, m)));
}

void part_with(self_ptr self, const leave& m) {
  auto& s = self->state;
  s.users.remove(raw(m.user));
  if (s.watched)
    s.watched->remove(m.user);
}

void learn_of(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
  if (s.watched)
    call(self, s.watched->see(m));
  s.mind->see(m.snapshot);
  auto at = raw(m.snapshot->subspace());
  if (s.subspaces.size() <= at)
    s.subspaces.resize(at + 1);
  s.subspaces[at] = sender_of(self);
}

void report(self_ptr self, const regret_report& m) {
  auto& s = self->state;
  auto reports = s.mind->close(m);
  auto next = reports.begin(); // there is none for a subspace that hasn't published yet
  for (const auto& subspace : s.subspaces)
    if (subspace && next != reports.end())
      post(self, *s.ctx, subspace, std::move(*next++));
}

statistics counted(const metaspace_state& s, std::uint64_t request) {
  statistics out;
  out.request = request;
  out.broadcast_turn_ns_max = s.users.turn_ns_max();
  return out;
}

} // namespace

caf::behavior metaspace(self_ptr self, std::shared_ptr<const metaspace_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  s.mind.emplace(setup->caps, setup->shard, setup->shards, setup->rewards);
  if (setup->push)
    s.watched.emplace(setup->space);
  if (setup->regret_interval.count() > 0)
    post_later(self, setup->regret_interval, regret_due{});
  s.setup = std::move(setup);

  return {
    on<const slate_proposal>(self, [self](const slate_proposal& m) { grant(self, m); }),
    on<const join>(self, [self](const join& m) { take_in(self, m); }),
    on<const leave>(self, [self](const leave& m) { part_with(self, m); }),
    on<const catalogue_news>(self, [self](const catalogue_news& m) { learn_of(self, m); }),
    on<const strain_news>(self, [self](const strain_news& m) { spread(self, m); }),
    on<const slot_terms>(self, [self](const slot_terms& m) { self->state.mind->price(m); }),
    on<const clock_tick>(self,
                         [self](const clock_tick& m) {
                           auto& st = self->state;
                           st.ctx->count.sent(self, st.users.size());
                           st.users.start(self, caf::make_message(over_the_wire(*st.ctx, m)));
                         }),
    on<const period_close>(self, [self](const period_close& m) { post(self, *self->state.ctx, self->state.setup->aipp, m); }),
    on<const regret_report>(self, [self](const regret_report& m) { report(self, m); }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   post(self, *self->state.ctx, sender_of(self), counted(self->state, m.request));
                                 }),
    on<const watch>(self, [self](const watch& m) { take_watch(self, m); }),
    [self](grants_due) { send_grants(self); },
    [self](wakes_due) { wake_some(self); },
    [self](fan_out_turn t) { t.of->turn(self); },
    [self](regret_due) {
      auto& st = self->state;
      post(self, *st.ctx, st.setup->aipp, period_close{++st.period});
      post_later(self, st.setup->regret_interval, regret_due{});
    },
  };
}

} // namespace ammo
