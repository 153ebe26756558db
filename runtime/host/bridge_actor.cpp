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
  post_later(self, std::max(s.links->timeout / 8, std::chrono::milliseconds{1}), deadline_due{});
}

bridge_state::waiting& remember(self_ptr self, std::uint64_t request, std::shared_ptr<ticket> asker) {
  auto& s = self->state;
  while (!s.deadlines.empty() && !s.under_way.contains(s.deadlines.front().second))
    s.deadlines.pop_front(); // answered in time: what is kept is about what is under way
  s.deadlines.emplace_back(s.ctx->time->now() + s.links->timeout, request);
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
      auto buddy = s.users.find(raw(q.user));
      if (buddy == s.users.end() || buddy->second.introductions < s.links->subspaces.size())
        return refuse(self, *asker, errc::unknown_user, "user " + std::to_string(raw(q.user)));
      remember(self, q.request, std::move(asker));
      post(self, *s.ctx, buddy->second.buddy, std::move(q));
    } else if constexpr (is_creation_question<Question>) {
      auto goal = s.goals.find(raw(q.goal));
      if (goal == s.goals.end())
        return refuse(self, *asker, errc::unknown_goal, "Goal Buddy " + std::to_string(raw(q.goal)));
      remember(self, q.request, std::move(asker));
      post(self, *s.ctx, s.links->subspaces[goal->second], std::move(q));
    } else if constexpr (is_feedback<Question>) {
      remember(self, q.request, std::move(asker));
      post(self, *s.ctx, s.links->aipp[shard_of(q.user, s.links->aipp.size())], std::move(q));
    } else if constexpr (std::is_same_v<Question, evolution_request>) {
      if (!s.links->evolution)
        return refuse(self, *asker, errc::empty_population, "nothing evolves here (evolution.strains is 0)");
      remember(self, q.request, std::move(asker));
      post(self, *s.ctx, s.links->evolution, std::move(q));
    } else if constexpr (std::is_same_v<Question, statistics_request>) {
      auto& w = remember(self, q.request, std::move(asker));
      w.answers = s.links->counting.size();
      for (const auto& a : s.links->counting)
        post(self, *s.ctx, a, q);
    } else {
      auto& w = remember(self, q.request, std::move(asker));
      if constexpr (std::is_same_v<Question, admit_goal>)
        w.goal.emplace(q.goal, raw(q.subspace));
      if constexpr (std::is_same_v<Question, admit_user>)
        w.user = q.user;
      post(self, *s.ctx, s.links->supervisor, std::move(q));
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
void introduced(self_ptr self, user_id user) {
  auto& s = self->state;
  if (auto gone = s.leaving.find(sender_of(self).address()); gone != s.leaving.end()) {
    if (--gone->second == 0)
      s.leaving.erase(gone);
    return;
  }
  auto& known = s.users[raw(user)];
  known.buddy = sender_of(self);
  if (++known.introductions >= s.links->subspaces.size() && known.admission != 0)
    answer(self, std::exchange(known.admission, 0), admission{});
}

void admitted(self_ptr self, const admission& m) {
  auto& s = self->state;
  auto it = s.under_way.find(m.request);
  if (it != s.under_way.end() && it->second.user && m.code == errc::ok)
    if (auto& known = s.users[raw(*it->second.user)]; known.introductions < s.links->subspaces.size()) {
      known.admission = m.request;
      return;
    }
  if (it != s.under_way.end() && it->second.goal && m.code == errc::ok)
    s.goals[raw(it->second.goal->first)] = it->second.goal->second;
  answer(self, m.request, m);
}

/// The bridge says goodbye to a User Buddy itself, so that every question sent before is answered first.
void dismissed(self_ptr self, const leave& m) {
  auto& s = self->state;
  auto buddy = sender_of(self);
  auto node = s.users.extract(raw(m.user));
  auto met = node ? node.mapped().introductions : 0;
  if (auto all = s.links->subspaces.size(); met < all)
    s.leaving[buddy.address()] = all - met;
  if (node && node.mapped().admission != 0)
    answer(self, node.mapped().admission, admission{});
  post(self, *s.ctx, buddy, m);
}

void deliver(self_ptr self, const slate_delivery& m) {
  auto& s = self->state;
  if (m.why != occasion::push)
    return answer(self, m.request, m);
  s.ctx->count.add(counter::pushes, self);
  if (!s.on_push)
    return;
  slate pushed{m.user, m.round, true, {}};
  for (const auto& x : m.slate)
    pushed.creations.push_back({x.impression, x.creation, x.goal, x.content});
  try {
    s.on_push(pushed);
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
             "no answer within " + std::to_string(s.links->timeout.count()) + " ms (limits.request_timeout_ms)");
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

caf::behavior bridge(self_ptr self, context_ptr ctx) {
  self->state.ctx = ctx.get();
  self->state.keep = ctx;
  harden(self, ctx);

  return {
    [self](const std::shared_ptr<const bridge_links>& links) { self->state.links = links; },
    [self](host_call& m) { std::visit(router{self, std::move(m.asker)}, m.question); },
    [self](host_listens& m) { self->state.on_push = std::move(m.on_push); },
    [self](host_stops) { stop(self); },
    [self](deadline_due) { expire(self); },
    on<const join>(self, [self](const join& m) { introduced(self, m.user); }),
    on<const leave>(self, [self](const leave& m) { dismissed(self, m); }),
    on<const slate_delivery>(self, [self](const slate_delivery& m) { deliver(self, m); }),
    on<const feedback_verdict>(self, [self](const feedback_verdict& m) { answer(self, m.request, m); }),
    on<const creation_verdict>(self, [self](const creation_verdict& m) { answer(self, m.request, m); }),
    on<const admission>(self, [self](const admission& m) { admitted(self, m); }),
    on<const written_news>(self, [self](const written_news& m) { answer(self, m.request, m); }),
    on<const belief>(self, [self](const belief& m) { answer(self, m.request, m); }),
    on<const evolution_report>(self, [self](const evolution_report& m) { answer(self, m.request, m); }),
    on<const statistics>(self, [self](const statistics& m) { count(self, m); }),
  };
}

} // namespace ammo
