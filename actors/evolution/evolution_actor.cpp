#include "actors/evolution/evolution_actor.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<evolution_state>*;

strain_news end_generation(self_ptr self) {
  auto& s = self->state;
  for (std::size_t missing = s.setup->mind.close(); missing > 0; --missing)
    s.ctx->count.refused(self, errc::timed_out);
  auto news = s.setup->mind.news();
  for (const auto& hub : s.setup->hubs)
    post(self, *s.ctx, hub, news);
  return news;
}

} // namespace

caf::behavior evolution(self_ptr self, std::shared_ptr<evolution_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  if (setup->interval.count() > 0)
    post_later(self, setup->interval, generation_due{});
  s.setup = std::move(setup);

  return {
    on<const strain_report>(self,
                            [self](const strain_report& m) {
                              auto& st = self->state;
                              if (const errc bad = st.setup->mind.take(m); bad != errc::ok)
                                st.ctx->count.refused(self, bad);
                            }),
    on<const period_close>(self,
                          [self](const period_close&) {
                            auto news = end_generation(self);
                            post(self, *self->state.ctx, sender_of(self), std::move(news));
                          }),
    on<const evolution_request>(self,
                                [self](const evolution_request& m) {
                                  auto told = self->state.setup->mind.told();
                                  told.request = m.request;
                                  post(self, *self->state.ctx, sender_of(self), std::move(told));
                                }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   statistics none;
                                   none.request = m.request;
                                   post(self, *self->state.ctx, sender_of(self), std::move(none));
                                 }),
    [self](generation_due m) {
      auto& st = self->state;
      const bool waits = !m.late && !st.setup->mind.complete();
      if (!waits)
        end_generation(self);
      post_later(self, st.setup->interval, generation_due{waits});
    },
  };
}

} // namespace ammo
