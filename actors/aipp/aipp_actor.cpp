#include "actors/aipp/aipp_actor.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<aipp_state>*;

void close_period(self_ptr self) {
  auto& s = self->state;
  auto closing = s.mind->close();
  s.report = std::move(closing.report);
  if (s.clock)
    post(self, *s.ctx, std::exchange(s.clock, nullptr), std::move(closing.played));
}

void follow(self_ptr self, const slate_granted& m) {
  auto& s = self->state;
  auto outcome = s.mind->granted(m);
  if (outcome.code == errc::ok && m.code == errc::ok)
    s.ctx->count.add(counter::slates, self);
  if (outcome.code != errc::ok && m.why == occasion::request) // the user has left meanwhile; the mind has counted it
    outcome.delivered = slate_delivery{m.user, m.round, m.why, m.request, outcome.code, {}};
  if (outcome.learned) {
    s.ctx->count.add(counter::feedback, self, outcome.learned->entries.size());
    if (auto buddy = s.buddies.find(raw(m.user)); buddy != s.buddies.end())
      tell(self, *s.ctx, buddy->second, std::move(*outcome.learned));
  }
  if (outcome.delivered && s.host)
    post(self, *s.ctx, s.host, std::move(*outcome.delivered));
  if (outcome.finished)
    close_period(self);
}

/// Feedback of any kind: what follows from it goes to the User Buddy, and the verdict to who asked.
template <class Feedback>
void take(self_ptr self, const Feedback& m) {
  auto& s = self->state;
  auto learned = s.mind->take(m);
  if (learned) {
    s.ctx->count.add(counter::feedback, self);
    if (auto buddy = s.buddies.find(raw(m.user)); buddy != s.buddies.end())
      post(self, *s.ctx, buddy->second, std::move(*learned));
  }
  if (auto asker = sender_of(self); asker && m.request != 0)
    post(self, *s.ctx, asker,
         feedback_verdict{m.request, learned.code(),
                          learned.code() == errc::unknown_signal ? learned.error().detail : std::string{}});
}

/// A buddy that comes back in the middle of a period (it was restarted) plays on.
void welcome(self_ptr self, user_id user) {
  auto& s = self->state;
  auto buddy = sender_of(self);
  if (!s.mind->has(user))
    (void)s.mind->add(user, std::nullopt);
  else if (auto left = s.mind->rounds_left(user); left > 0 && s.clock)
    post(self, *s.ctx, buddy, clock_tick{s.period, left});
  s.buddies[raw(user)] = std::move(buddy);
}

} // namespace

caf::behavior aipp(self_ptr self, std::shared_ptr<aipp_setup> setup) {
  auto& s = self->state;
  s.keep = setup->ctx;
  s.ctx = setup->ctx.get();
  s.host = setup->host;
  harden(self, setup->ctx);
  s.mind.emplace(setup->config);
  for (auto& [user, who] : setup->people)
    (void)s.mind->add(user, std::move(who));
  count_refusals(self);
  setup->people.clear();

  return {
    on<const join>(self, [self](const join& m) { welcome(self, m.user); }),
    on<const leave>(self,
                    [self](const leave& m) {
                      self->state.buddies.erase(raw(m.user));
                      (void)self->state.mind->remove(m.user);
                      if (self->state.clock && self->state.mind->finished())
                        close_period(self);
                    }),
    on<const catalogue_news>(self, [self](const catalogue_news& m) { self->state.mind->see(m.snapshot); }),
    on<const strain_news>(self,
                          [self](const strain_news& m) {
                            if (self->state.mind->deal(m) == errc::ok)
                              self->state.evolution = sender_of(self);
                          }),
    on<const clock_tick>(self,
                         [self](const clock_tick& m) {
                           auto& st = self->state;
                           st.clock = sender_of(self);
                           st.report.reset();
                           st.period = m.period;
                           st.mind->begin(m);
                           if (st.mind->finished())
                             close_period(self);
                         }),
    on<const slate_granted>(self, [self](const slate_granted& m) { follow(self, m); }),
    on<const slates_granted>(self,
                             [self](const slates_granted& m) {
                               for (const auto& slate : m.slates)
                                 follow(self, slate);
                             }),
    on<const feedback>(self, [self](const feedback& m) { take(self, m); }),
    on<const graded_feedback>(self, [self](const graded_feedback& m) { take(self, m); }),
    on<const stated_preference>(self, [self](const stated_preference& m) { take(self, m); }),
    on<const period_close>(self,
                          [self](const period_close& m) {
                            auto& st = self->state;
                            if (!st.report)
                              close_period(self);
                            if (auto strains = st.mind->strains(m.period); strains && st.evolution)
                              post(self, *st.ctx, st.evolution, std::move(*strains));
                            post(self, *st.ctx, sender_of(self), std::move(*st.report));
                            st.report.reset();
                          }),
    on<const statistics_request>(self,
                                 [self](const statistics_request& m) {
                                   statistics nothing_held; // what was counted is in the context
                                   nothing_held.request = m.request;
                                   post(self, *self->state.ctx, sender_of(self), std::move(nothing_held));
                                 }),
  };
}

} // namespace ammo
