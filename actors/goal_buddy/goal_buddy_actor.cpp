#include "actors/goal_buddy/goal_buddy_actor.hpp"

#include "actors/goal_buddy/goal_genes.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<goal_buddy_state>*;

/// The answer to an order of the host. Where it finds no memory, the host hears that much.
void tell(self_ptr self, const goal_buddy_state::order& order, written_news news) {
  auto& s = self->state;
  news.goal = s.mind->goal();
  news.request = order.request;
  try {
    send(self, order.asker, std::move(news));
  } catch (...) {
    detail::tell_failed(*s.ctx, s.me(), order.request);
    throw;
  }
}

/// Before anything is written, the Subspace says what is close by.
void look_around(self_ptr self, writing_request r) {
  auto& s = self->state;
  nearby_request asked{r.goal, r.request, meant_place(r)};
  s.wishes.insert_or_assign(r.request, std::move(r));
  send(self, s.subspace(), std::move(asked));
}

/// The generator answers whenever it likes, on whatever thread it likes.
void write(self_ptr self, writing_request r) {
  auto& s = self->state;
  const auto request = r.request;
  s.writing[request] = 0;
  const auto ticket = s.setup->config.generator->write(
    std::move(r), [me = s.me(), ctx = s.setup->ctx](written_news n) {
      send_as(address_of<role::generator>(), *ctx, me, std::move(n));
    });
  s.writing[request] = ticket;
}

/// Goes on with what is being written. Where that fails nothing else will come of it: the mind doesn't wait for it any more, and who ordered it hears of
/// it.
template <class F>
void see_through(self_ptr self, std::uint64_t request, F step) {
  auto& s = self->state;
  try {
    step();
  } catch (...) {
    s.wishes.erase(request);
    written_news lost;
    lost.request = request;
    lost.code = errc::actor_failed;
    (void)s.mind->written(lost);
    (void)s.mind->refused(); // the failure is counted
    if (const auto ordered = s.orders.extract(request))
      detail::tell_failed(*s.ctx, s.me(), ordered.mapped().request);
    throw;
  }
}

/// An offer that can't be sent was refused, as far as the mind knows.
void make_offer(self_ptr self, creation_offer offer) {
  auto& s = self->state;
  creation_verdict lost;
  lost.code = errc::actor_failed;
  lost.goal = offer.goal;
  lost.key = offer.key;
  try {
    send(self, s.subspace(), std::move(offer));
  } catch (...) {
    (void)s.mind->told(lost);
    throw;
  }
}

void act(self_ptr self, goal_answer answer) {
  auto& s = self->state;
  if (const errc code = s.mind->refused(); code != errc::ok)
    s.ctx->refused(self, code);
  if (auto* wish = std::get_if<writing_request>(&answer))
    see_through(self, wish->request, [&] { look_around(self, std::move(*wish)); });
  else if (auto* offer = std::get_if<creation_offer>(&answer))
    make_offer(self, std::move(*offer));
  else
    send(self, s.subspace(), std::get<creation_pass>(answer));
}

void ordered(self_ptr self, const writing_request& m, address_of<role::host> asker) {
  auto& s = self->state;
  goal_buddy_state::order order{asker, m.request, m.order};
  if (m.order == writing_order::recall) {
    written_news live;
    live.text = s.mind->text();
    live.e.values = s.mind->e();
    live.creation = s.mind->creation();
    live.balance_micros = s.mind->balance_micros();
    return tell(self, order, std::move(live));
  }
  auto wish = s.mind->order(m);
  if (!wish) {
    s.ctx->refused(self, wish.code());
    return tell(self, order, text_generator::answer_to(m, wish.code(), wish.error().detail));
  }
  const auto request = wish->request;
  see_through(self, request, [&] {
    s.orders.emplace(request, std::move(order));
    look_around(self, std::move(*wish));
  });
}

void informed(self_ptr self, const nearby_creations& m) {
  auto wish = self->state.wishes.extract(m.request);
  if (!wish) // an answer to nobody's question
    return self->state.ctx->refused(self, errc::bad_value);
  see_through(self, m.request, [&] {
    wish.mapped().nearby = fit(m.nearby);
    write(self, std::move(wish.mapped()));
  });
}

void written(self_ptr self, const written_news& m) {
  auto& s = self->state;
  s.writing.erase(m.request);
  see_through(self, m.request, [&] {
    const auto ordered = s.orders.find(m.request);
    const bool known = ordered != s.orders.end();
    auto awaits_verdict = known ? std::optional(goal_buddy_state::publication{ordered->second, 0, m}) : std::nullopt;
    auto answer = s.mind->written(m);
    if (!answer && !known)
      return s.ctx->refused(self, errc::generator_late);
    if (!answer && m.code != errc::ok) // a draft that failed
      s.ctx->refused(self, m.code);
    const auto* offer = answer ? std::get_if<creation_offer>(&*answer) : nullptr;
    const bool publishes = known && offer;
    if (publishes)
      awaits_verdict->key = offer->key;
    if (answer)
      act(self, std::move(*answer)); // counts a refusal before anyone hears of it
    if (publishes)
      s.publishing = std::move(awaits_verdict);
    else if (known)
      tell(self, ordered->second, m);
    if (known)
      s.orders.erase(ordered);
  });
}

goal_mind fresh_mind(const goal_buddy_setup& setup) {
  const auto& w = setup.welcome;
  return goal_mind(setup.config, w.goal, w.owner, w.content, w.grounded.values, w.facts, w.shown);
}

/// As it was before a restart, where that can be; what was being written then isn't any more.
void begin(self_ptr self) {
  auto& s = self->state;
  auto before = s.setup->remembered ? std::exchange(*s.setup->remembered, std::nullopt) : std::nullopt;
  if (before) {
    before->writing = {};
    auto mind = goal_mind::restore(s.setup->config, *before);
    if (mind && mind->goal() == s.setup->welcome.goal) {
      s.mind.emplace(std::move(*mind));
      s.returns = true;
      return;
    }
    s.ctx->refused(self, mind ? errc::bad_state : mind.code());
  }
  s.mind.emplace(fresh_mind(*s.setup));
}

/// What it remembers is of no use: it comes back as one that has failed does.
void begin_anew(self_ptr self) {
  auto& s = self->state;
  const auto seen = s.mind->seen();
  s.mind.emplace(fresh_mind(*s.setup));
  if (seen)
    s.mind->see(seen);
}

/// The Subspace has made it a member, of which it knows nothing that is live.
void joined(self_ptr self) {
  auto& s = self->state;
  if (std::exchange(s.returns, false))
    begin_anew(self);
  try {
    send(self, s.subspace(), s.mind->first());
  } catch (...) { // nothing else would make it offer anything
    self->quit(caf::make_error(caf::sec::runtime_error));
    throw;
  }
}

/// The verdict on its first creation is its host's answer.
void welcome(self_ptr self, const creation_verdict& m) {
  auto& s = self->state;
  if (s.is_awaited()) {
    admission taken{m, m};
    taken.request = s.setup->welcome.request;
    send(self, *s.setup->host, std::move(taken));
  }
  s.welcomed = true;
}

/// A Goal Buddy that a host adds and whose first creation is refused was not added: it ends.
void told(self_ptr self, const creation_verdict& m) {
  auto& s = self->state;
  if (std::exchange(s.returns, false)) {
    if (s.mind->goes_on(m)) {
      s.welcomed = true;
      return;
    }
    begin_anew(self);
  }
  if (m.code == errc::actor_failed && s.is_awaited()) // it is started anew, and asks again
    return self->quit(caf::make_error(caf::sec::runtime_error));
  if (s.mind->told(m)) {
    welcome(self, m);
    send(self, s.subspace(), creation_pass{s.mind->goal(), 0}); // a period may be waiting for it
    return;
  }
  if (s.publishing && s.publishing->key == m.key) {
    auto [order, key, news] = *std::exchange(s.publishing, std::nullopt);
    static_cast<verdict&>(news) = m;
    static_cast<creation_receipt&>(news) = m;
    tell(self, order, std::move(news));
  }
  const bool awaited = s.is_awaited();
  welcome(self, m);
  if (awaited && m.code != errc::ok)
    self->quit();
}

/// Moves as its strain does from now on; a bad one is refused, and it goes on as before.
void adopt(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  const auto& w = s.setup->welcome;
  const strain* own = dealt(m, buddy_kind::goal, w.subspace, raw(w.goal));
  if (const errc bad = own ? check(*own) : errc::ok; bad != errc::ok)
    return s.ctx->refused(self, bad);
  if (own)
    s.mind->adopt(played(*own, s.setup->config.habits()));
}

void heard(self_ptr self, const session_feedback& m) {
  self->state.ctx->count.add(counter::session_feedback, self);
  self->state.mind->hear(m);
}

/// Whoever waits for it is told that it is gone.
void leaves(self_ptr self) {
  auto& s = self->state;
  const auto gone = [&](const goal_buddy_state::order& o) {
    written_news n;
    n.code = errc::unknown_goal;
    n.detail = "Goal Buddy " + std::to_string(raw(s.mind->goal())) + " was removed";
    tell(self, o, std::move(n));
  };
  self->quit(); // whatever comes of the rest
  while (!s.orders.empty()) {
    const auto last = s.orders.extract(s.orders.begin());
    auto told = [&] { gone(last.mapped()); };
    (void)detail::succeeds(told); // else it has heard of a failure
  }
  if (const auto last = std::exchange(s.publishing, std::nullopt)) {
    auto told = [&] { gone(last->of); };
    (void)detail::succeeds(told);
  }
  if (s.is_awaited())
    send(self, *s.setup->host, admission{{s.setup->welcome.request, errc::cancelled, "it was removed meanwhile"}, {}});
}

} // namespace

goal_buddy_state::~goal_buddy_state() {
  if (setup && setup->config.generator)
    for (const auto& [request, ticket] : writing)
      setup->config.generator->cancel(ticket);
}

caf::behavior goal_buddy(self_ptr self, std::shared_ptr<const goal_buddy_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  s.setup = std::move(setup);
  begin(self);

  return behavior_of(
    self,
    on<regret_feedback>([self](const regret_feedback& m) {
      if (!self->state.returns)
        act(self, self->state.mind->hear(m));
    }),
    on<catalogue_news>([self](const catalogue_news& m) { self->state.mind->see(m.snapshot); }),
    on<creation_verdict>([self](const creation_verdict& m) { told(self, m); }),
    on<join_goal>([self](const join_goal&) { joined(self); }),
    on_own<save_call<goal_mind_state>>([self](save_call<goal_mind_state>& m) {
      if (!self->state.mind->wants_catalogue()) // one that stays has learned nothing
        return;
      auto state = self->state.mind->save();
      state.creations = nullptr;
      m.to(0, std::move(state));
    }),
    on<leave_goal>([self](const leave_goal&) { leaves(self); }),
    on<strain_news>([self](const strain_news& m) { adopt(self, m); }),
    on<interest_notice>([self](const interest_notice& m) { self->state.mind->hear(m); }),
    on<session_feedback>([self](const session_feedback& m) { heard(self, m); }),
    on<writing_request>([self](const writing_request& m, auto asker) { ordered(self, m, asker); }),
    on<nearby_creations>([self](const nearby_creations& m) { informed(self, m); }),
    on<written_news>([self](const written_news& m) { written(self, m); }));
}

} // namespace ammo
