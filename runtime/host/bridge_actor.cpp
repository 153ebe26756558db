#include "runtime/host/bridge_actor.hpp"

#include <algorithm>

namespace ammo {

void ticket::answer(host_answer a) {
  auto done = std::exchange(done_, nullptr);
  if (!done)
    return;
  under_way_->fetch_sub(1, std::memory_order_acq_rel);
  try {
    done(std::move(a));
  } catch (...) {
    // A host's callback must not throw. If it does, the fault stays its own.
  }
}

namespace {

using self_ptr = caf::stateful_actor<bridge_state>*;

template <class T>
constexpr bool is_user_question = std::is_same_v<T, slate_request> || std::is_same_v<T, belief_request> ||
                                  std::is_same_v<T, interest_statement>;
template <class T>
constexpr bool is_feedback = std::is_same_v<T, feedback> || std::is_same_v<T, graded_feedback> || std::is_same_v<T, stated_preference>;
template <class T>
constexpr bool is_creation_question = std::is_same_v<T, creation_offer> || std::is_same_v<T, creation_withdrawal>;

void refuse(self_ptr self, ticket& asker, errc code, std::string detail) {
  self->state.ctx->refused(self, code);
  asker.answer(failure{code, std::move(detail)});
}

void watch_deadlines(self_ptr self) {
  auto& s = self->state;
  if (std::exchange(s.watching, true))
    return;
  post_later(self, std::max(s.setup->timeout / 8, std::chrono::milliseconds{1}), deadline_due{});
}

/// The number of a question that goes out, and its entry.
std::pair<std::uint64_t, bridge_state::waiting*> remember(self_ptr self, std::shared_ptr<ticket> asker) {
  auto& s = self->state;
  auto opened = s.under_way->open({std::move(asker)}, s.ctx->time->now());
  watch_deadlines(self);
  return opened;
}

/// Sends a question to whoever answers it.
struct router {
  self_ptr self;
  std::shared_ptr<ticket> asker;

  template <class Question>
  void operator()(Question& q) {
    auto& s = self->state;
    if constexpr (is_user_question<Question>) {
      if (!s.admitted->knows(q.user))
        return refuse(self, *asker, errc::unknown_user, "user " + std::to_string(raw(q.user)));
      ask(address_of<role::user_buddy>(q.user), q);
    } else if constexpr (is_creation_question<Question>) {
      const auto at = s.admitted->subspace_of(q.goal);
      if (!at)
        return refuse(self, *asker, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(q.goal)));
      ask(address_of<role::subspace>(*at), q);
    } else if constexpr (is_feedback<Question>) {
      ask(address_of<role::aipp>(shard_of(q.user, s.setup->shards)), q);
    } else if constexpr (std::is_same_v<Question, evolution_request>) {
      if (!s.setup->evolves)
        return refuse(self, *asker, errc::empty_population, "nothing evolves here (evolution.strains is 0)");
      ask(the_evolution, q);
    } else if constexpr (std::is_same_v<Question, statistics_request>) {
      auto [number, entry] = remember(self, std::move(asker));
      q.request = number;
      entry->answers = 0;
      each_counting(s.setup->shards, s.setup->subspaces, s.setup->evolves, [&](auto who) {
        ++entry->answers;
        send(self, who, q);
      });
    } else {
      q.request = remember(self, std::move(asker)).first;
      if constexpr (std::is_same_v<Question, admit_goal>)
        s.admitted->ask_goal(q.request, q.goal, q.subspace);
      if constexpr (std::is_same_v<Question, admit_user>)
        s.admitted->ask_user(q.request, q.user);
      send(self, the_supervisor, std::move(q));
    }
  }

private:
  template <class Address, class Question>
  void ask(Address whom, Question& q) {
    q.request = remember(self, std::move(asker)).first;
    send(self, whom, std::move(q));
  }
};

/// Hands an answer to whoever asked. One that comes too late finds nobody.
void answer(self_ptr self, std::uint64_t request, host_answer a) {
  self->state.under_way->close(request, [&a](bridge_state::waiting w) { w.asker->answer(std::move(a)); });
}

void answer_all(self_ptr self, const std::vector<admissions::answered>& all) {
  for (const auto& a : all)
    answer(self, a.request, a.what);
}

/// The bridge says goodbye to a User Buddy itself, so that every question sent before is answered first.
void dismissed(self_ptr self, const leave& m, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  const auto left = s.admitted->on_leave(m.user, m.life, s.ctx->time->now());
  answer_all(self, left.answers);
  if (left.goodbye)
    send(self, buddy, m);
}

void deliver(self_ptr self, const slate_delivery& m) {
  auto& s = self->state;
  if (m.why != occasion::push)
    return answer(self, m.request, m);
  s.ctx->count.add(counter::pushes, self);
  if (!s.on_push)
    return;
  try {
    s.on_push({m.user, m.round, true, m.slate});
  } catch (...) {
    s.ctx->refused(self, errc::internal);
    s.ctx->note(log_level::warning, "callback_failed", {{"callback", std::string_view("on_push")}, {"user", raw(m.user)}});
  }
}

runtime_statistics summed(const counters& all, const gauge_values& gauges) {
  runtime_statistics out;
  out.users = value_of(gauges, counter::users);
  out.goals = value_of(gauges, counter::goals);
  out.creations = value_of(gauges, counter::creations);
  out.budget_granted_micros = static_cast<std::int64_t>(value_of(gauges, counter::budget_granted_micros));
  out.budget_spent_micros = static_cast<std::int64_t>(value_of(gauges, counter::budget_spent_micros));
  out.slates = all.of(counter::slates);
  out.slots_granted = all.of(counter::slots_granted);
  out.feedback = all.of(counter::feedback);
  out.pushes = all.of(counter::pushes);
  out.messages = all.of(counter::handled);
  out.actors_restarted = all.of(counter::restarts);
  out.watches = all.of(counter::watches);
  out.wakes = all.of(counter::wakes);
  for (std::size_t i = 0; i < static_cast<std::size_t>(errc::end_); ++i)
    if (const auto n = all.refused(static_cast<errc>(i)))
      out.refused.push_back({static_cast<errc>(i), n});
  out.counters = readings(all, gauges);
  return out;
}

void count(self_ptr self, const statistics& m) {
  auto& s = self->state;
  auto* w = s.under_way->find(m.request);
  if (!w)
    return;
  add(w->held, m);
  if (--w->answers == 0)
    answer(self, m.request, summed(s.ctx->count, w->held));
}

void expire(self_ptr self) {
  auto& s = self->state;
  s.watching = false;
  for (auto& [request, late] : s.under_way->expire(s.ctx->time->now()))
    refuse(self, *late.asker, errc::timed_out,
           "no answer within " + std::to_string(s.setup->timeout.count()) + " ms (limits.request_timeout_ms)");
  if (s.under_way->watches())
    watch_deadlines(self);
}

void stop(self_ptr self) {
  for (auto& w : self->state.under_way->close_all())
    w.asker->answer(failure{errc::stopped, {}});
  self->quit();
}

} // namespace

caf::behavior bridge(self_ptr self, std::shared_ptr<const bridge_setup> setup) {
  self->state.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  self->state.under_way.emplace(setup->timeout);
  self->state.admitted.emplace(setup->subspaces);
  self->state.setup = std::move(setup);

  return behavior_of(
    self,
    on_own<host_call>([self](host_call& m) { std::visit(router{self, std::move(m.asker)}, m.question); }),
    on_own<host_listens>([self](host_listens& m) { self->state.on_push = std::move(m.on_push); }),
    on_own<host_stops>([self](host_stops) { stop(self); }),
    on_own<deadline_due>([self](deadline_due) { expire(self); }),
    on<slate_delivery>([self](const slate_delivery& m) { deliver(self, m); }),
    on<feedback_verdict>([self](const feedback_verdict& m) { answer(self, m.request, m); }),
    on<creation_verdict>([self](const creation_verdict& m) { answer(self, m.request, m); }),
    on<admission>([self](const admission& m) {
      if (const auto now = self->state.admitted->on_admission(m, m.life))
        answer(self, now->request, now->what);
    }),
    on<written_news>([self](const written_news& m) { answer(self, m.request, m); }),
    on<belief>([self](const belief& m) { answer(self, m.request, m); }),
    on<evolution_report>([self](const evolution_report& m) { answer(self, m.request, m); }),
    on<join>([self](const join& m, auto subspace) {
      answer_all(self, self->state.admitted->on_introduction(m.user, m.life, subspace_id{static_cast<std::uint16_t>(subspace.id())}));
    }),
    on<leave>([self](const leave& m, auto buddy) { dismissed(self, m, buddy); }),
    on<statistics>([self](const statistics& m) { count(self, m); }));
}

} // namespace ammo
