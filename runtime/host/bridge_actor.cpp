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

bridge_state::waiting& remember(self_ptr self, std::uint64_t request, std::shared_ptr<ticket> asker) {
  auto& s = self->state;
  while (!s.deadlines.empty() && !s.under_way.contains(s.deadlines.front().second))
    s.deadlines.pop_front(); // answered in time: what is kept is about what is under way
  s.deadlines.emplace_back(s.ctx->time->now() + s.setup->timeout, request);
  watch_deadlines(self);
  auto& w = s.under_way[request];
  w.asker = std::move(asker);
  return w;
}

/// Sends a question to whoever answers it.
struct router {
  self_ptr self;
  std::shared_ptr<ticket> asker;

  template <class Question>
  void operator()(Question& q) {
    auto& s = self->state;
    q.request = s.next_request++;
    if constexpr (is_user_question<Question>) {
      auto known = s.users.find(raw(q.user));
      if (known == s.users.end() || known->second.introductions < s.setup->subspaces)
        return refuse(self, *asker, errc::unknown_user, "user " + std::to_string(raw(q.user)));
      remember(self, q.request, std::move(asker));
      send(self, address_of<role::user_buddy>(q.user), std::move(q));
    } else if constexpr (is_creation_question<Question>) {
      auto goal = s.goals.find(raw(q.goal));
      if (goal == s.goals.end())
        return refuse(self, *asker, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(q.goal)));
      remember(self, q.request, std::move(asker));
      send(self, address_of<role::subspace>(goal->second), std::move(q));
    } else if constexpr (is_feedback<Question>) {
      remember(self, q.request, std::move(asker));
      send(self, address_of<role::aipp>(shard_of(q.user, s.setup->shards)), std::move(q));
    } else if constexpr (std::is_same_v<Question, evolution_request>) {
      if (!s.setup->evolves)
        return refuse(self, *asker, errc::empty_population, "nothing evolves here (evolution.strains is 0)");
      remember(self, q.request, std::move(asker));
      send(self, the_evolution, std::move(q));
    } else if constexpr (std::is_same_v<Question, statistics_request>) {
      auto& w = remember(self, q.request, std::move(asker));
      w.answers = 0;
      each_counting(s.setup->shards, s.setup->subspaces, s.setup->evolves, [&](auto who) {
        ++w.answers;
        send(self, who, q);
      });
    } else {
      auto& w = remember(self, q.request, std::move(asker));
      if constexpr (std::is_same_v<Question, admit_goal>)
        w.goal.emplace(q.goal, raw(q.subspace));
      if constexpr (std::is_same_v<Question, admit_user>)
        w.user = q.user;
      send(self, the_supervisor, std::move(q));
    }
  }
};

/// Hands an answer to whoever asked. One that comes too late finds nobody.
void answer(self_ptr self, std::uint64_t request, host_answer a) {
  auto node = self->state.under_way.extract(request);
  if (node)
    node.mapped().asker->answer(std::move(a));
}

/// A Subspace has sent the User Buddy its catalogue.
void introduced(self_ptr self, user_id user, std::uint64_t subspace) {
  auto& s = self->state;
  if (subspace >= s.setup->subspaces)
    return;
  if (auto gone = s.leaving.find(raw(user)); gone != s.leaving.end() && gone->second[subspace] > 0) {
    --gone->second[subspace];
    if (std::ranges::all_of(gone->second, [](auto n) { return n == 0; }))
      s.leaving.erase(gone);
    return;
  }
  auto& known = s.users[raw(user)];
  known.met.resize(s.setup->subspaces);
  if (known.met[subspace])
    return; // the buddy was started again
  known.met[subspace] = true;
  if (++known.introductions >= s.setup->subspaces && known.admission != 0)
    answer(self, std::exchange(known.admission, 0), admission{});
}

void admitted(self_ptr self, const admission& m) {
  auto& s = self->state;
  auto it = s.under_way.find(m.request);
  if (it != s.under_way.end() && it->second.user && m.code == errc::ok)
    if (auto& known = s.users[raw(*it->second.user)]; known.introductions < s.setup->subspaces) {
      known.admission = m.request;
      return;
    }
  if (it != s.under_way.end() && it->second.goal && m.code == errc::ok)
    s.goals[raw(it->second.goal->first)] = it->second.goal->second;
  answer(self, m.request, m);
}

/// The bridge says goodbye to a User Buddy itself, so that every question sent before is answered first.
void dismissed(self_ptr self, const leave& m, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  auto node = s.users.extract(raw(m.user));
  if (const auto met = node ? node.mapped().introductions : 0; met < s.setup->subspaces) {
    auto& missing = s.leaving[raw(m.user)];
    missing.resize(s.setup->subspaces);
    for (std::size_t at = 0; at < missing.size(); ++at)
      missing[at] += met == 0 || !node.mapped().met[at];
  }
  if (node && node.mapped().admission != 0)
    answer(self, node.mapped().admission, admission{});
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
    s.ctx->count.refused(self, errc::internal);
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
  auto it = s.under_way.find(m.request);
  if (it == s.under_way.end())
    return;
  auto& w = it->second;
  add(w.held, m);
  if (--w.answers == 0)
    answer(self, m.request, summed(s.ctx->count, w.held));
}

void expire(self_ptr self) {
  auto& s = self->state;
  auto now = s.ctx->time->now();
  s.watching = false;
  for (; !s.deadlines.empty() && s.deadlines.front().first <= now; s.deadlines.pop_front())
    if (auto it = s.under_way.find(s.deadlines.front().second); it != s.under_way.end()) {
      refuse(self, *it->second.asker, errc::timed_out,
             "no answer within " + std::to_string(s.setup->timeout.count()) + " ms (limits.request_timeout_ms)");
      if (!it->second.goal) // a Goal Buddy that is admitted late must still be found
        s.under_way.erase(it);
    }
  if (!s.deadlines.empty())
    watch_deadlines(self);
}

void stop(self_ptr self) {
  for (auto& [request, w] : std::exchange(self->state.under_way, {}))
    w.asker->answer(failure{errc::stopped, {}});
  self->quit();
}

} // namespace

caf::behavior bridge(self_ptr self, std::shared_ptr<const bridge_setup> setup) {
  self->state.ctx = setup->ctx.get();
  harden(self, setup->ctx);
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
    on<admission>([self](const admission& m) { admitted(self, m); }),
    on<written_news>([self](const written_news& m) { answer(self, m.request, m); }),
    on<belief>([self](const belief& m) { answer(self, m.request, m); }),
    on<evolution_report>([self](const evolution_report& m) { answer(self, m.request, m); }),
    on<join>([self](const join& m, auto subspace) { introduced(self, m.user, subspace.id()); }),
    on<leave>([self](const leave& m, auto buddy) { dismissed(self, m, buddy); }),
    on<statistics>([self](const statistics& m) { count(self, m); }));
}

} // namespace ammo
