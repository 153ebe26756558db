#include "actors/evolution/evolution_actor.hpp"

#include "actors/protocol/state_codec.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<evolution_state>*;

/// New strains survive a restart, with what was found out about the others by then.
void keep(evolution_state& s) {
  auto now = s.setup->mind.save();
  if (s.ctx->frames && !same_strains(now, s.as_it_was))
    s.ctx->frames->note(the_evolution, the_evolution, state_frame | evolution_mind_state::kind, encode_state(without_history(now)));
  s.as_it_was = std::move(now);
}

strain_news end_generation(self_ptr self) {
  auto& s = self->state;
  std::size_t missing = s.setup->mind.close();
  keep(s);
  for (; missing > 0; --missing)
    s.ctx->refused(self, errc::timed_out);
  auto news = s.setup->mind.news();
  tell_hubs(*s.ctx, s.setup->shards, s.setup->subspaces, news, self->context());
  spread_outward(self, news);
  return news;
}

} // namespace

caf::behavior evolution_relay(caf::stateful_actor<evolution_relay_state>* self, context_ptr ctx, std::uint32_t shards, std::uint32_t subspaces) {
  self->state.ctx = ctx.get();
  harden(self, ctx);
  const auto elsewhere = [self](const auto&) { self->state.ctx->refused(self, errc::state_in_use); };
  return behavior_of(
    self,
    on<strain_report>([self](const strain_report& m, auto from) {
      self->state.ctx->others->send(the_evolution, strain_report::type, outward_frame(*self->state.ctx, from, m));
    }),
    on<strain_news>([self, shards, subspaces](const strain_news& m) { tell_hubs(*self->state.ctx, shards, subspaces, m, self->context()); }),
    on<period_close>([elsewhere](const period_close& m) { elsewhere(m); }),
    on<evolution_request>([elsewhere](const evolution_request& m) { elsewhere(m); }),
    on<statistics_request>([elsewhere](const statistics_request& m) { elsewhere(m); }));
}

void evolution_state::renew() {
  auto again = evolution_mind::restore(setup->mind.config(), as_it_was);
  if (again)
    setup->mind = std::move(*again);
}

void tell_hubs(body_context& ctx, std::uint32_t shards, std::uint32_t subspaces, const strain_news& news,
               caf::execution_unit* on) {
  for (std::uint32_t i = 0; i < shards; ++i)
    send_as(the_evolution, ctx, address_of<role::metaspace>(i), news, on);
  for (std::uint32_t i = 0; i < shards; ++i)
    send_as(the_evolution, ctx, address_of<role::aipp>(i), news, on);
  for (std::uint32_t i = 0; i < subspaces; ++i)
    send_as(the_evolution, ctx, address_of<role::subspace>(i), news, on);
}

caf::behavior evolution(self_ptr self, std::shared_ptr<evolution_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  if (setup->interval.count() > 0)
    post_later(self, setup->interval, generation_due{});
  s.setup = std::move(setup);
  s.as_it_was = s.setup->mind.save();

  return behavior_of(
    self,
    on<strain_report>([self](const strain_report& m) {
      auto& st = self->state;
      if (const errc bad = st.setup->mind.take(m); bad != errc::ok)
        st.ctx->refused(self, bad);
    }),
    on<strain_news>([self](const strain_news&) { self->state.ctx->refused(self, errc::stale_epoch); }), // of one that plays no more
    on<period_close>([self](const period_close&, auto clock) { send(self, clock, end_generation(self)); }),
    on<evolution_request>([self](const evolution_request& m, auto asker) {
      auto told = self->state.setup->mind.told();
      told.request = m.request;
      send(self, asker, std::move(told));
    }),
    on<statistics_request>([self](const statistics_request& m, auto asker) {
      statistics none;
      none.request = m.request;
      send(self, asker, std::move(none));
    }),
    on_own<generation_due>([self](generation_due m) {
      auto& st = self->state;
      const bool waits = !m.late && !st.setup->mind.complete();
      if (!waits)
        end_generation(self);
      post_later(self, st.setup->interval, generation_due{waits});
    }));
}

} // namespace ammo
