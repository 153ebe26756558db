#include "actors/aipp/aipp_actor.hpp"

#include <chrono>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<aipp_state>*;

void close_period(self_ptr self) {
  auto& s = self->state;
  auto closing = s.mind->close();
  s.report = std::move(closing.report);
  if (std::exchange(s.clock_waits, false))
    send(self, the_clock, std::move(closing.played));
}

/// What its log is to say of a slate on its way.
void note_slate(self_ptr self, user_id user, std::uint64_t delivery, errc code) {
  auto& s = self->state;
  if (!s.ctx->frames)
    return;
  if (auto slate = s.mind->awaits(user, delivery)) {
    slate->code = code;
    note_own(self, s.me(), slates_granted{{*std::move(slate)}});
  }
}

/// A slate that was delivered counts once its person was shown it.
void settle(self_ptr self, const slate_outcome& m) {
  auto& s = self->state;
  if (m.shown != s.noted_first)
    note_slate(self, m.user, m.delivery, m.shown ? errc::ok : errc::timed_out);
  if (s.mind->take(m))
    s.ctx->count.add(counter::slates, self);
  else if (!m.shown)
    s.ctx->count.add(counter::slates_revoked, self);
}

void follow(self_ptr self, const slate_granted& m) {
  auto& s = self->state;
  auto outcome = s.mind->granted(m);
  if (outcome.code == errc::ok && m.code == errc::ok && !outcome.delivered)
    s.ctx->count.add(counter::slates, self);
  if (outcome.code != errc::ok && m.why == occasion::request) // the user has left meanwhile; the mind has counted it
    outcome.delivered = slate_delivery{m.user, m.round, m.why, m.request, outcome.code, {}};
  if (outcome.learned) {
    s.ctx->count.add(counter::feedback, self, outcome.learned->entries.size());
    send(self, address_of<role::user_buddy>(m.user), std::move(*outcome.learned));
  }
  if (outcome.delivered && s.noted_first)
    note_slate(self, m.user, outcome.delivered->delivery, errc::ok);
  if (outcome.delivered && s.host)
    send(self, *s.host, std::move(*outcome.delivered));
  else if (outcome.delivered) // nobody to say what became of it
    settle(self, {m.user, outcome.delivered->delivery, true});
  if (outcome.finished)
    close_period(self);
}

/// As it counts, whatever the signal was worth.
feedback counted(const auto& m, const reward& learned) {
  return {m.user, m.impression, learned.entries.front().reward, m.request};
}
const stated_preference& counted(const stated_preference& m, const comparison&) { return m; }

/// Do rewards tell creations apart?
void look_at(const aipp_state& s, const reward& learned) {
  if (s.variety)
    for (const auto& e : learned.entries)
      s.variety->saw(subspace_of(e.creation), e.reward);
}
void look_at(const aipp_state&, const comparison&) {}

/// What it counts for, whatever the rewards' unit.
double worth(const aipp_mind& mind, const reward& learned) { return mind.engagement_of(learned.entries.front()); }
double worth(const aipp_mind&, const comparison&) { return 0; }

/// Feedback of any kind: what follows from it goes to the User Buddy, and the verdict to who asked.
template <class Feedback>
void take(self_ptr self, const Feedback& m, address_of<role::host> asker) {
  auto learned = self->state.mind->take(m);
  double engagement = 0;
  if (learned) {
    engagement = worth(*self->state.mind, *learned);
    self->state.ctx->count.add(counter::feedback, self);
    look_at(self->state, *learned);
    note_own(self, self->state.me(), counted(m, *learned));
    send(self, address_of<role::user_buddy>(m.user), std::move(*learned));
  }
  if (m.request != 0)
    send(self, asker, feedback_verdict{{m.request, learned.code(), learned.code() == errc::unknown_signal ? learned.error().detail : std::string{}}, engagement});
}

/// Its User Buddy answers, or who asked hears why not.
void explain(self_ptr self, const explain_request& m, address_of<role::host> asker) {
  if (auto question = self->state.mind->about(m))
    send(self, address_of<role::user_buddy>(m.user), *question);
  else
    send(self, asker, explained{{m.request, question.code(), question.error().detail}, {}});
}

/// A buddy that comes back in the middle of a period (it was restarted) plays on.
void welcome(self_ptr self, user_id user, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  if (!s.mind->has(user))
    (void)s.mind->add(user, std::nullopt);
  else if (auto left = s.mind->rounds_left(user); left > 0 && s.clock_waits)
    send(self, buddy, clock_tick{s.period, left});
}

void part_with(self_ptr self, const leave& m) {
  auto& s = self->state;
  note_own(self, self->state.me(), m);
  (void)s.mind->remove(m.user);
  if (s.clock_waits && s.mind->finished())
    close_period(self);
}

void begin_period(self_ptr self, const clock_tick& m) {
  auto& s = self->state;
  s.clock_waits = true;
  s.report.reset();
  s.period = m.period;
  s.mind->begin(m);
  if (s.mind->finished())
    close_period(self);
}

/// Impressions of a live runtime expire by the day.
void look_at_calendar(self_ptr self) {
  auto& s = self->state;
  if (s.host)
    s.mind->at(static_cast<std::uint32_t>(std::chrono::floor<std::chrono::days>(s.ctx->time->wall()).time_since_epoch().count()));
  if (const auto n = s.mind->take_expired(); n > 0)
    s.ctx->count.add(counter::impressions_expired, self, n);
}

/// With the mind as the log has it. What was counted of this period, and slates on their way to their people, are lost.
void return_to_work(self_ptr self, aipp_mind& as_it_was) {
  auto& s = self->state;
  as_it_was.succeed(*s.mind);
  s.mind.emplace(std::move(as_it_was));
  s.report.reset();
  look_at_calendar(self);
}

/// Adds what is known of a user's impressions, unless a slate is on its way to them.
void fall_asleep(self_ptr self, sleep_call& m) {
  auto& s = self->state;
  if (!s.mind->has(m.user) || s.mind->delivers_to(m.user))
    return;
  m.open = s.mind->open_of(m.user);
  m.of_aipp = true;
  const auto user = m.user;
  (void)hand_over(*s.ctx, address_of<role::user_buddy>(user), std::move(m));
}

/// The log may have said so before, or this is told again.
void come_back(self_ptr self, back_from_sleep& m) {
  auto& s = self->state;
  if (!s.mind->has(m.user))
    s.mind->take_back(m.user, m.open);
  for (const auto& c : s.mind->catalogues())
    if (c)
      m.catalogues.push_back(c);
  (void)hand_over(*s.ctx, the_supervisor, std::move(m));
}

/// Tells MetaSpace what its shard's people did, and Evolution how their strains do.
void report(self_ptr self, const period_close& m, address_of<role::metaspace> asker) {
  auto& s = self->state;
  look_at_calendar(self);
  if (!s.report)
    close_period(self);
  if (auto strains = s.mind->strains(m.period); strains && s.evolves)
    send(self, the_evolution, std::move(*strains));
  auto closed = *std::exchange(s.report, std::nullopt);
  closed.period = m.period; // MetaSpace counts periods where no clock does
  send(self, asker, std::move(closed));
}

} // namespace

caf::behavior aipp(self_ptr self, std::shared_ptr<aipp_setup> setup) {
  auto& s = self->state;
  s.keep = setup->ctx;
  s.ctx = setup->ctx.get();
  s.host = setup->host;
  s.variety = setup->variety;
  s.shard = setup->config.shard;
  s.noted_first = setup->config.noted_first;
  harden(self, setup->ctx);
  if (setup->recovered)
    s.mind.emplace(std::move(*std::exchange(setup->recovered, nullptr)));
  else
    s.mind.emplace(setup->config);
  for (auto& [user, who] : setup->people)
    (void)s.mind->add(user, std::move(who));
  count_refusals(self);
  look_at_calendar(self);
  setup->people.clear();

  return behavior_of(
    self,
    on<slates_granted>([self](const slates_granted& m) {
      for (const auto& slate : m.slates)
        follow(self, slate);
    }),
    on<feedback>([self](const feedback& m, auto asker) { take(self, m, asker); }),
    on<graded_feedback>([self](const graded_feedback& m, auto asker) { take(self, m, asker); }),
    on<stated_preference>([self](const stated_preference& m, auto asker) { take(self, m, asker); }),
    on<explain_request>([self](const explain_request& m, auto asker) { explain(self, m, asker); }),
    on<slate_outcome>([self](const slate_outcome& m) { settle(self, m); }),
    on<join>([self](const join& m, auto buddy) { welcome(self, m.user, buddy); }),
    on<leave>([self](const leave& m) { part_with(self, m); }),
    on<catalogue_news>([self](const catalogue_news& m) { self->state.mind->see(m.snapshot); }),
    on<strain_news>([self](const strain_news& m) { self->state.evolves |= self->state.mind->deal(m) == errc::ok; }),
    on<clock_tick>([self](const clock_tick& m) { begin_period(self, m); }),
    on<period_close>([self](const period_close& m, auto asker) { report(self, m, asker); }),
    on_return<aipp_mind>([self](brought_back<aipp_mind>& m) { return_to_work(self, *m.mind); }),
    on_own<sleep_call>([self](sleep_call& m) { fall_asleep(self, m); }),
    on_own<fell_asleep>([self](fell_asleep m) { self->state.mind->let_go(m.user); }),
    on_own<back_from_sleep>([self](back_from_sleep& m) { come_back(self, m); }),
    on_own<save_call<aipp_mind_state>>([self](save_call<aipp_mind_state>& m) { m.to(self->state.noted, self->state.mind->save()); }),
    on<statistics_request>([self](const statistics_request& m, auto asker) {
      statistics held; // what was counted is in the context
      held.request = m.request;
      held.compared = self->state.mind->compared();
      send(self, asker, std::move(held));
    }));
}

} // namespace ammo
