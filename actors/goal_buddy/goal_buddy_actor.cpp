#include "actors/goal_buddy/goal_buddy_actor.hpp"

#include "actors/evolution/genes.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<goal_buddy_state>*;

/// A Goal Buddy that a host adds and whose first creation is refused was not added: it ends.
void told(self_ptr self, const creation_verdict& m) {
  auto& s = self->state;
  s.mind->told(m);
  if (std::exchange(s.welcomed, true) || s.setup->welcome.request == 0 || !s.setup->host)
    return;
  post(self, *s.ctx, s.setup->host,
       admission{s.setup->welcome.request, m.code, m.detail, m.creation, m.cost_micros, m.balance_micros});
  if (m.code != errc::ok)
    self->quit();
}

/// Moves as its strain does from now on; a bad one is refused, and it goes on as before.
void adopt(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  const auto& w = s.setup->welcome;
  const strain* own = dealt(m, buddy_kind::goal, w.subspace, raw(w.goal));
  if (const errc bad = own ? check(*own) : errc::ok; bad != errc::ok)
    return s.ctx->count.refused(self, bad);
  if (own)
    s.mind->adopt(played(*own, s.setup->config.habits()));
}

} // namespace

caf::behavior goal_buddy(self_ptr self, std::shared_ptr<const goal_buddy_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  const auto& w = setup->welcome;
  s.mind.emplace(setup->config, w.goal, w.owner, w.content, w.grounded.values);
  s.setup = std::move(setup);

  return {
    on<const join_goal>(self,
                        [self](const join_goal&) {
                          post(self, *self->state.ctx, self->state.setup->subspace, self->state.mind->first());
                        }),
    on<const regret_feedback>(self,
                              [self](const regret_feedback& m) {
                                auto& st = self->state;
                                auto answer = st.mind->hear(m);
                                if (const errc code = st.mind->refused(); code != errc::ok)
                                  st.ctx->count.refused(self, code);
                                std::visit([&](auto&& move) { post(self, *st.ctx, st.setup->subspace, std::move(move)); },
                                           std::move(answer));
                              }),
    on<const catalogue_news>(self, [self](const catalogue_news& m) { self->state.mind->see(m.snapshot); }),
    on<const creation_verdict>(self, [self](const creation_verdict& m) { told(self, m); }),
    on<const strain_news>(self, [self](const strain_news& m) { adopt(self, m); }),
    on<const interest_notice>(self, [self](const interest_notice& m) { self->state.mind->hear(m); }),
    on<const leave>(self, [self](const leave&) { self->quit(); }),
  };
}

} // namespace ammo
