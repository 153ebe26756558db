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
  return news;
}

} // namespace

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
