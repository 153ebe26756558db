#include "actors/metaspace/metaspace_actor.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<metaspace_state>*;

/// Grants of one message to AiPP at the most.
constexpr std::size_t grants_together = 64;

void send_grants(self_ptr self) {
  auto& s = self->state;
  if (!s.grants.slates.empty())
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

void learn_of(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
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
  out.slots_granted = s.mind->slots_granted();
  out.broadcast_turn_ns_max = s.users.turn_ns_max();
  out.refused = nonzero(s.mind->refused());
  return out;
}

} // namespace

caf::behavior metaspace(self_ptr self, std::shared_ptr<const metaspace_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  s.mind.emplace(setup->caps, setup->shard, setup->shards);
  if (setup->regret_interval.count() > 0)
    self->delayed_send(self, setup->regret_interval, regret_due{});
  s.setup = std::move(setup);

  return {
    on<const slate_proposal>(self, [self](const slate_proposal& m) { grant(self, m); }),
    on<const join>(self, [self](const join& m) { self->state.users.add(raw(m.user), sender_of(self)); }),
    on<const leave>(self, [self](const leave& m) { self->state.users.remove(raw(m.user)); }),
    on<const catalogue_news>(self, [self](const catalogue_news& m) { learn_of(self, m); }),
    on<const slot_terms>(self, [self](const slot_terms& m) { self->state.mind->price(m); }),
    on<const clock_tick>(self,
                         [self](const clock_tick& m) {
                           auto& st = self->state;
                           st.ctx->count.sent(self, st.users.size());
                           st.users.start(self, caf::make_message(over_the_wire(*st.ctx, m)));
                         }),
    on<const epoch_close>(self, [self](const epoch_close& m) { post(self, *self->state.ctx, self->state.setup->aipp, m); }),
    on<const regret_report>(self, [self](const regret_report& m) { report(self, m); }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   post(self, *self->state.ctx, sender_of(self), counted(self->state, m.request));
                                 }),
    [self](grants_due) { send_grants(self); },
    [self](fan_out_turn t) { t.of->turn(self); },
    [self](regret_due) {
      auto& st = self->state;
      post(self, *st.ctx, st.setup->aipp, epoch_close{++st.epoch});
      self->delayed_send(self, st.setup->regret_interval, regret_due{});
    },
  };
}

} // namespace ammo
