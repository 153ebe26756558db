#include "runtime/host/bridge_actor.hpp"

#include "actors/aipp/control_tally.hpp"
#include "actors/protocol/state_codec.hpp"
#include "runtime/host/calls/question.hpp"
#include "runtime/host/dozing.hpp"
#include "runtime/host/health_look.hpp"
#include "runtime/host/runtime_totals.hpp"
#include "runtime/host/slate_delivery.hpp"
#include "runtime/host/units_here.hpp"

#include <algorithm>

namespace ammo {

void refuse(caf::stateful_actor<bridge_state>* self, ticket& asker, errc code, std::string detail) {
  self->state.ctx->refused(self, code);
  asker.answer(failure{code, std::move(detail)});
}

namespace {

using self_ptr = caf::stateful_actor<bridge_state>*;

template <class T>
constexpr bool is_user_question = std::is_same_v<T, slate_request> || std::is_same_v<T, belief_request> ||
                                  std::is_same_v<T, interest_statement>;
template <class T>
constexpr bool is_feedback = std::is_same_v<T, feedback> || std::is_same_v<T, graded_feedback> || std::is_same_v<T, stated_preference>;
template <class T>
constexpr bool is_of_aipp = is_feedback<T> || std::is_same_v<T, explain_request>;
template <class T>
constexpr bool is_creation_question = std::is_same_v<T, creation_offer> || std::is_same_v<T, creation_withdrawal>;

std::int64_t wall_ms(const body_context& ctx) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(ctx.time->wall().time_since_epoch()).count();
}

void watch_patience(self_ptr self) {
  auto& s = self->state;
  if (!std::exchange(s.watching, true))
    post_later(self, s.setup->patience / 8, patience_due{});
}

/// The unit that a question is for; the host: none of a shard or a subspace, or none that is known here.
address unit_of(const bridge_state& s, const host_question& q) {
  if (const auto named = ammo::unit_of(q, s.setup->shards))
    return *named;
  const auto at = s.admitted->subspace_of(*goal_of(q));
  return at ? address(address_of<role::subspace>(*at)) : address(the_host);
}

/// Sends a question to whoever answers it.
struct router {
  self_ptr self;
  bridge_state::waiting from;
  call_identity call; ///< of a call with a key

  template <class Question>
  void operator()(Question& q) {
    auto& s = self->state;
    if constexpr (is_user_question<Question>) {
      if (!s.admitted->knows(q.user))
        return refuse(self, *from.asker, errc::unknown_user, "user " + std::to_string(raw(q.user)));
      ask(address_of<role::user_buddy>(q.user), q);
    } else if constexpr (is_creation_question<Question>) {
      const auto at = s.admitted->subspace_of(q.goal);
      if (!at)
        return refuse(self, *from.asker, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(q.goal)));
      ask(address_of<role::subspace>(*at), q);
    } else if constexpr (is_of_aipp<Question>) {
      ask(address_of<role::aipp>(shard_of(q.user, s.setup->shards)), q);
    } else if constexpr (std::is_same_v<Question, evolution_request>) {
      if (!s.setup->evolves)
        return refuse(self, *from.asker, errc::empty_population, "nothing evolves here (evolution.strains is 0)");
      ask(the_evolution, q);
    } else if constexpr (std::is_same_v<Question, statistics_request>) {
      auto [number, entry] = remember(self, std::move(from));
      q.request = number;
      entry->answers = 0;
      entry->sums = true;
      each_counting_here(s, [&](auto who) {
        ++entry->answers;
        send(self, who, q);
      });
    } else if constexpr (std::is_same_v<Question, health_request>) {
      look_at_health(self, std::move(from));
    } else {
      q.request = number();
      if constexpr (std::is_same_v<Question, admit_goal>)
        s.admitted->ask_goal(q.request, q.goal, q.subspace);
      if constexpr (std::is_same_v<Question, dismiss_goal>)
        s.admitted->dismiss_goal(q.request, q.goal);
      if constexpr (std::is_same_v<Question, admit_user>)
        s.admitted->ask_user(q.request, q.user);
      if constexpr (std::is_same_v<Question, dismiss_user>)
        s.admitted->dismiss_user(q.request, q.user);
      send(self, the_supervisor, std::move(q));
    }
  }

private:
  template <class Address, class Question>
  void ask(Address whom, Question& q) {
    const auto key = from.given ? from.key : 0;
    [[maybe_unused]] const auto holder = from.asker->holder();
    q.request = number();
    if constexpr (std::is_same_v<Question, interest_statement>)
      if (const auto& frames = self->state.ctx->frames; frames && key != 0) {
        feedback_verdict waits;
        waits.request = q.request;
        waits.code = errc::outcome_unknown;
        frames->note(address_of<role::aipp>(shard_of(q.user, self->state.setup->shards)), the_host, state_frame | key_frame::kind, encode_state(key_frame{key, call.kind, call.content, waits, holder, wall_ms(*self->state.ctx)}));
      }
    send(self, whom, std::move(q));
  }
  std::uint64_t number() {
    const auto key = from.key, holder = from.asker->holder();
    const auto made = remember(self, std::move(from)).first;
    if (key != 0)
      self->state.keys.open(key, call, made, holder);
    return made;
  }
};

/// What the log is to say of a call under a key of the host's.
void note_key(self_ptr self, address unit, std::uint64_t key, const host_answer& a) {
  auto& s = self->state;
  const auto* known = s.keys.find(key);
  if (!known)
    return;
  key_frame f{key, known->call.kind, known->call.content, {}, known->holder, wall_ms(*s.ctx)};
  const bool sayable = std::visit(
    [&f]<class Answer>(const Answer& m) {
      if constexpr (std::is_constructible_v<decltype(f.answer), const Answer&>)
        return f.answer = m, true;
      else
        return false;
    },
    a);
  if (sayable)
    s.ctx->frames->note(unit, the_host, state_frame | key_frame::kind, encode_state(f));
}

void release(self_ptr self, std::uint64_t request, host_answer a);

void durable(self_ptr self, log_durable m) {
  auto& s = self->state;
  s.durable = std::max(s.durable, m.place);
  while (!s.held.empty() && s.held.front().place <= s.durable) {
    auto next = std::move(s.held.front());
    s.held.pop_front();
    if (auto* slate = std::get_if<bridge_state::held_slate>(&next.what))
      deliver_held(self, *slate);
    else
      release(self, next.request, std::get<host_answer>(std::move(next.what)));
  }
}

/// Hands an answer to whoever asked. One that comes too late finds nobody.
void release(self_ptr self, std::uint64_t request, host_answer a) {
  self->state.under_way->close(request, [self, &a](bridge_state::waiting w) {
    const bool in_time = w.asker->claim();
    if (w.key != 0 && (w.given || !in_time))
      self->state.ctx->count.add(counter::keys_forgotten, self, self->state.keys.answer(w.key, a));
    else if (w.key != 0)
      self->state.keys.forget(w.key); // its host has never seen it
    for (const auto& repeat : w.repeats)
      repeat->answer(a);
    if (in_time)
      w.asker->finish(std::move(a));
  });
}

/// A call under a key that is known gets the answer of the first one. True: it has been seen to.
bool repeats(self_ptr self, host_call& m, const call_identity& call) {
  auto& s = self->state;
  const auto* known = s.keys.find(m.key);
  if (!known)
    return false;
  const bool same = known->call.same(call);
  auto* first = s.under_way->find(known->request);
  if (same && !known->answer && !first)
    return false; // given up
  if (!m.asker->hand_on()) // its deadline has come
    return true;
  if (!same)
    refuse(self, *m.asker, errc::key_reused, "key " + std::to_string(m.key));
  else if (known->answer)
    m.asker->answer(*known->answer);
  else {
    std::erase_if(first->repeats, [](const auto& r) { return r->ended(); });
    first->repeats.push_back(std::move(m.asker));
  }
  return true;
}

void answer_all(self_ptr self, const std::vector<admissions::answered>& all) {
  for (const auto& a : all)
    answer(self, a.request, a.what);
}

/// The bridge says goodbye to a User Buddy itself, so that every question sent before is answered first.
void dismissed(self_ptr self, const leave& m, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  const auto left = s.admitted->on_leave(m.user, m.life, s.ctx->time->now());
  sleep_no_more(self, m.user);
  answer_all(self, left.answers);
  if (left.goodbye)
    send(self, buddy, m);
}

void count(self_ptr self, const statistics& m) {
  auto& s = self->state;
  auto* w = s.under_way->find(m.request);
  if (!w)
    return;
  add(w->held, m);
  add(w->compared, m.compared);
  if (s.ctx->frames)
    w->held[static_cast<std::size_t>(counter::asleep)] = s.ctx->frames->asleep();
  if (--w->answers == 0)
    answer(self, m.request, summed(s.ctx->count, w->held, w->compared));
}

/// A call that a part has failed at has not happened: its repeat is judged anew. A sum goes on without that part.
void fail(self_ptr self, const call_failed& m) {
  auto& s = self->state;
  auto* w = s.under_way->find(m.request);
  if (!w || w->health || w->answered)
    return;
  if (--w->answers > 0)
    return;
  if (w->sums)
    return answer(self, m.request, summed(s.ctx->count, w->held, w->compared));
  failure why{errc::actor_failed, std::string(name_of(m.part.of)) + ' ' + std::to_string(m.part.id)};
  s.under_way->close(m.request, [&](bridge_state::waiting failed) {
    s.keys.forget(failed.key);
    failed.end(why);
  });
}

/// Their calls have ended long ago. An answer that waits for the store is still told to repeats.
void give_up(self_ptr self) {
  auto& s = self->state;
  s.watching = false;
  for (const auto& [request, w] : s.under_way->expire(s.ctx->time->now(), [](const bridge_state::waiting& w) { return w.answered; }))
    s.keys.forget(w.key);
  if (s.under_way->watches())
    watch_patience(self);
}

void stop(self_ptr self) {
  for (auto& w : self->state.under_way->close_all())
    w.end(failure{errc::stopped, {}});
  self->quit();
}

} // namespace

std::pair<std::uint64_t, bridge_state::waiting*> remember(self_ptr self, bridge_state::waiting w) {
  auto& s = self->state;
  auto opened = s.under_way->open(std::move(w), s.ctx->time->now());
  watch_patience(self);
  return opened;
}

void answer(self_ptr self, std::uint64_t request, host_answer a) {
  auto& s = self->state;
  auto* w = s.ctx->frames ? s.under_way->find(request) : nullptr;
  if (!w || w->key == 0)
    return release(self, request, std::move(a));
  if (w->given)
    note_key(self, w->unit, w->key, a);
  const auto place = s.ctx->frames->noted();
  if (place <= s.durable)
    return release(self, request, std::move(a));
  s.held.push_back({place, request, std::move(a)});
  w->answered = true;
}

void called(caf::stateful_actor<bridge_state>* self, host_call& m) {
  const trace_scope part_of(m.asker->trace());
  const auto found = unit_of(self->state, m.question);
  if (m.unit.of == role::nobody)
    m.unit = found;
  else if (found != m.unit && found != address(the_host)) { // sent for a unit that it isn't for: what becomes of it would be part of the wrong one
    if (m.asker->hand_on())
      m.asker->answer(found.of == role::subspace ? failure{errc::unknown_goal, "no Goal Buddy of that subspace"} : failure{errc::state_in_use, "not for that unit"});
    return;
  }
  if (!is_here(self->state, m.unit)) { // whoever sent it finds out where
    if (m.asker->hand_on())
      m.asker->answer(failure{errc::state_in_use, "another node has that unit"});
    return;
  }
  const auto call = m.given ? identity_of(m.question) : call_identity{m.question.index(), 0};
  if (m.given && repeats(self, m, call))
    return;
  if (waits_for_user(self, m) || !m.asker->hand_on())
    return;
  if (const auto& frames = self->state.ctx->frames) {
    const bool slate = std::holds_alternative<slate_request>(m.question);
    if (auto takes = slate ? frames->takes_slates() : changes(m.question) ? frames->takes_changes()
                                                                          : result<void>{};
        !takes)
      return refuse(self, *m.asker, takes.code(), takes.error().detail);
  }
  std::visit(router{self, {.asker = std::move(m.asker), .key = m.key, .given = m.given, .unit = m.unit}, call}, m.question);
}

caf::behavior bridge(self_ptr self, std::shared_ptr<const bridge_setup> setup) {
  self->state.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  self->state.under_way.emplace(setup->patience);
  self->state.admitted.emplace(setup->subspaces);
  recover(self, setup->users, setup->goals, setup->keys);
  self->state.shards_here.assign(setup->shards, !setup->units_move);
  self->state.subspaces_here.assign(setup->subspaces, !setup->units_move);
  self->state.rest_here = !setup->units_move;
  self->state.setup = std::move(setup);

  return behavior_of(
    self,
    on_own<host_call>([self](host_call& m) { called(self, m); }),
    on_own<call_failed>([self](const call_failed& m) { fail(self, m); }),
    on_own<health_sign>([self](const health_sign& m) { follow_health(self, m); }),
    on_own<health_due>([self](health_due m) { tell_health(self, m.request); }),
    on_own<sleep_call>([self](sleep_call& m) { let_sleep(self, m); }),
    on_own<fell_asleep>([self](fell_asleep m) { fall_asleep(self, m.user); }),
    on_own<stayed_awake>([self](stayed_awake m) { stay_awake(self, m.user); }),
    on_own<woken>([self](woken& m) { wake_up(self, m); }),
    on_own<units_came>([self](units_came& m) { take_in(self, m); }),
    on_own<units_go>([self](units_go& m) { part_with(self, m); }),
    on_own<log_durable>([self](log_durable m) { durable(self, m); }),
    on_own<host_stops>([self](host_stops) { stop(self); }),
    on_own<patience_due>([self](patience_due) { give_up(self); }),
    on<slate_delivery>([self](slate_delivery& m, auto from) { deliver(self, m, from); }),
    on<feedback_verdict>([self](const feedback_verdict& m) { answer(self, m.request, m); }),
    on<creation_verdict>([self](const creation_verdict& m) {
      self->state.admitted->on_goal_gone(m.request, m.code);
      answer(self, m.request, m);
    }),
    on<admission>([self](const admission& m) {
      if (const auto now = self->state.admitted->on_admission(m, m.life))
        answer(self, now->request, now->what);
    }),
    on<written_news>([self](const written_news& m) { answer(self, m.request, m); }),
    on<belief>([self](const belief& m) { answer(self, m.request, m); }),
    on<explained>([self](const explained& m) { answer(self, m.request, m); }),
    on<evolution_report>([self](const evolution_report& m) { answer(self, m.request, m); }),
    on<join>([self](const join& m, auto subspace) {
      if (!self->state.shards_here[shard_of(m.user, self->state.setup->shards)]) // introduced late
        return;
      answer_all(self, self->state.admitted->on_introduction(m.user, m.life, subspace_id{static_cast<std::uint16_t>(subspace.id())}));
    }),
    on<leave>([self](const leave& m, auto buddy) { dismissed(self, m, buddy); }),
    on<statistics>([self](const statistics& m) { count(self, m); }));
}

} // namespace ammo
