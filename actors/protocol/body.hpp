/// What all bodies share: how what comes is handled, counted and refused, and what happens when an actor fails.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/sending.hpp"

#include <exception>
#include <optional>

namespace ammo {

/// A part whose mind is being brought back keeps what comes; calls that have waited for so long are told that it has failed.
inline constexpr std::chrono::milliseconds patience_with_absence{900};

/// To the part itself: look again at what waits. Never leaves the process.
struct absence_due {};

/// To the bridge: a part has failed at what a host's call needs, or is quarantined. Never leaves the process.
struct call_failed {
  std::uint64_t request = 0;
  address part;
};
/// From the bridge: say that you have got round to this. Any part answers, a quarantined one, too.
struct health_probe {
  std::uint64_t request = 0;
  time_source::instant sent{};
};
struct health_sign {
  std::uint64_t request = 0;
  address part;
  std::chrono::nanoseconds waited{}; ///< in the mailbox
};

/// Installs in an actor what CAF leaves to chance: an unknown message is counted and answered with an error, an exception
/// before its first message ends the actor with an error that its supervisor sees; nothing prints.
template <class State>
void harden(caf::stateful_actor<State>* self, const context_ptr& ctx) {
  self->set_default_handler([c = ctx.get()](caf::scheduled_actor* who, caf::message_view&) -> caf::result<caf::message> {
    c->refused(who, errc::frame_unknown_type);
    return caf::sec::unexpected_message;
  });
  self->set_exception_handler([c = ctx.get()](caf::scheduled_actor* who, std::exception_ptr&) -> caf::error {
    c->refused(who, errc::actor_failed);
    return caf::sec::runtime_error;
  });
}

/// Takes over what the actor's mind has refused, where it notes that by itself.
template <class State>
void count_refusals(caf::stateful_actor<State>* self) {
  if constexpr (requires { self->state.mind->refused().take([](errc, std::uint32_t) {}); })
    self->state.mind->refused().take([self](errc code, std::uint32_t n) { self->state.ctx->refused(self, code, n); });
}

/// What an actor does with a message: `run(message)` or `run(message, sender)`; the message by reference, or constant.
template <class Message, class F>
struct handler {
  using message = Message;
  F run;
};
template <class Message, class F>
[[nodiscard]] handler<Message, F> on(F run) { return {std::move(run)}; }

/// What it does with a message of its own, which never leaves the process.
template <class Local, class F>
struct own_handler {
  F run;
};
template <class Local, class F>
[[nodiscard]] own_handler<Local, F> on_own(F run) { return {std::move(run)}; }

/// What it does after a failure with its mind as its frames say it was: `run(brought_back<Mind>&)` takes it in place of the one that failed.
template <class Mind, class F>
struct return_handler {
  F run;
};
template <class Mind, class F>
[[nodiscard]] return_handler<Mind, F> on_return(F run) { return {std::move(run)}; }

namespace detail {

template <class T> inline constexpr bool is_handler = false;
template <class M, class F> inline constexpr bool is_handler<handler<M, F>> = true;

template <class Message, class... Handlers>
consteval bool handled_in() {
  return ([]<class H>(std::type_identity<H>) {
    if constexpr (is_handler<H>)
      return std::is_same_v<typename H::message, Message>;
    else
      return false;
  }(std::type_identity<Handlers>{}) ||
          ...);
}
template <class Message, class... Handlers>
consteval void needs() { static_assert(handled_in<Message, Handlers...>(), "the role's list has a message without a handler"); }
template <role R, class Message>
consteval void may_have() { static_assert(handles_message<R, Message>, "a handler of a message that isn't in the role's list"); }
template <role R, class... Handlers, class... Entries>
consteval bool complete(type_list<Entries...>) {
  (needs<typename Entries::message, Handlers...>(), ...);
  ([]<class H>(std::type_identity<H>) {
    if constexpr (is_handler<H>)
      may_have<R, typename H::message>();
  }(std::type_identity<Handlers>{}),
   ...);
  return true;
}

/// Can a part's mind be brought back from a log? Its state says since when it waits for that.
template <class State>
concept comes_back = requires(State s) { s.away; };
/// Does a part begin anew after a failure, as others tell it again what it has to know?
template <class State>
concept renews = requires(State s) { s.renew(); };
template <class State>
using handled = std::conditional_t<comes_back<State>, caf::result<void>, void>; ///< some wait

/// Runs a handler on what came, unless its sender has no business with it.
template <role R, class Message, class F, class Delivery>
bool run(F& f, Delivery& d) {
  const auto from = sender_of<R, Message>::in(d.from);
  if (!from)
    return false;
  if constexpr (std::is_invocable_v<F&, decltype((d.body)), decltype(*from)>)
    f(d.body, *from);
  else
    f(d.body);
  return true;
}

/// As CAF wants what a handler `F` does: by constant reference, unless it changes the message.
template <role R, class Message, class F, class Handle>
auto taking(Handle handle) {
  if constexpr (std::is_invocable_v<F&, const Message&> || std::is_invocable_v<F&, const Message&, const sender_of<R, Message>&>)
    return [handle = std::move(handle)](const delivery<Message>& d) mutable { return handle(d); };
  else
    return [handle = std::move(handle)](delivery<Message>& d) mutable { return handle(d); };
}

struct guard {
  address part;
  bool leaves = false;     ///< it must be heard by a quarantined part, too
  bool comes_back = false; ///< after a failure it is as it was before
};

/// Does what a part does with one message. False: it has thrown, which counts as a failure of that part, or the part is quarantined.
bool guarded(body_context& ctx, const void* who, guard how, void (*what)(void*), void* with) noexcept;

template <class F>
bool guarded(body_context& ctx, const void* who, guard how, F& what) noexcept {
  return guarded(
    ctx, who, how, [](void* f) { (*static_cast<F*>(f))(); }, &what);
}

template <class State>
guard guard_of(const State& s, bool leaves) noexcept { return {s.me(), leaves, renews<State> || (comes_back<State> && s.ctx->frames)}; }

/// Begins anew, or asks a log for the mind of a part that has failed; the log is asked again by whoever releases a part from quarantine.
template <class State>
void await_mind(caf::stateful_actor<State>* self) noexcept {
  if constexpr (renews<State>) {
    auto anew = [self] { self->state.renew(); };
    (void)guarded(*self->state.ctx, self, {self->state.me(), true, true}, anew);
  }
  if constexpr (comes_back<State>) {
    auto& s = self->state;
    if (!s.ctx->frames)
      return;
    if (!s.away) {
      s.away = s.ctx->time->now();
      auto later = [self] { post_later(self, patience_with_absence, absence_due{}); };
      (void)guarded(*s.ctx, self, {s.me(), true, true}, later);
    }
    if (!s.ctx->failures.holds(s.me()))
      s.ctx->frames->bring_back(s.me());
  }
}

/// A buddy whose mind contradicts itself after a failure ends, and is started anew.
void contradicts_itself(body_context& ctx, const void* who, address part) noexcept;

/// It asks again, as its first question may have found no room.
template <class State>
void still_away(caf::stateful_actor<State>* self) noexcept {
  if constexpr (comes_back<State>)
    if (self->state.away)
      await_mind(self);
}

/// Before a buddy's first message after a failure: can its mind be restored from what it would save? That is what finds a mind that was half
/// changed when memory ran out.
template <class State>
bool agrees_with_itself(caf::stateful_actor<State>* self, address part) noexcept {
  if constexpr (requires { self->state.whole(); }) {
    auto& ctx = *self->state.ctx;
    if ((comes_back<State> && ctx.frames) || !ctx.failures.doubts(part))
      return true;
    bool whole = false;
    auto look = [&] { whole = self->state.whole(); };
    if (!guarded(ctx, self, {part, true}, look))
      return false;
    if (!whole) {
      contradicts_itself(ctx, self, part);
      self->quit(caf::make_error(caf::sec::runtime_error));
      return false;
    }
    ctx.failures.trust(part);
  }
  return true;
}

/// The host's request that a message is part of; 0: nobody waits for it, or many do (see `tell_failed`).
template <class Message>
[[nodiscard]] std::uint64_t request_of(const Message& m, address from) noexcept {
  if constexpr (std::is_same_v<Message, impression_question>)
    return m.request; // AiPP has passed it on
  else if constexpr (requires { m.why == occasion::request; m.request; })
    return m.why == occasion::request ? m.request : 0;
  else if constexpr (requires { m.request; })
    return from.of == role::host ? m.request : 0;
  else
    return 0;
}

/// A host's call that needs what has failed needn't wait for its deadline.
void tell_failed(body_context& ctx, address part, std::uint64_t request) noexcept;
/// Nor a Goal Buddy for its verdict.
void tell_failed(body_context& ctx, address part, goal_id goal, std::uint64_t key) noexcept;
template <class Message>
void tell_failed(body_context& ctx, address part, const Message& m, address from) noexcept {
  if constexpr (std::is_same_v<Message, slates_granted>) {
    for (const slate_granted& s : m.slates)
      tell_failed(ctx, part, request_of(s, from));
  } else {
    tell_failed(ctx, part, request_of(m, from));
    if constexpr (std::is_same_v<Message, creation_offer>)
      if (from.of == role::goal_buddy)
        tell_failed(ctx, part, m.goal, m.key);
    if constexpr (std::is_same_v<Message, join_goal>)
      tell_failed(ctx, part, m.goal, 0);
  }
}

/// The place of a part's last frame.
template <class State>
[[nodiscard]] std::uint64_t noted_by(const State& s) noexcept {
  if constexpr (requires { s.noted; })
    return s.noted;
  else
    return 0;
}

template <class Message>
inline constexpr bool is_goodbye = std::is_same_v<Message, leave> || std::is_same_v<Message, leave_goal>;
/// A copy of the whole mind is asked for: of one that is away there is none, and who asked hears of it as the call goes.
template <class T> inline constexpr bool asks_for_all = false;
template <class S> inline constexpr bool asks_for_all<save_call<S>> = true;
template <> inline constexpr bool asks_for_all<sleep_call> = true;

/// Does a message wait until its part's mind is back? A call waits for a while; a buddy that leaves needs no mind.
template <role R, class State, class Message>
[[nodiscard]] bool waits(const State& s, const Message& m, address from) noexcept {
  if (!s.away)
    return false;
  if (is_goodbye<Message>)
    return R != role::user_buddy;
  return !s.ctx->failures.holds(s.me()) && (request_of(m, from) == 0 || s.ctx->time->now() - *s.away < patience_with_absence);
}

/// As CAF wants it: counts, sees to failures, and takes over what the mind has refused.
template <role R, class State, class Message, class F>
auto as_caf(caf::stateful_actor<State>* self, handler<Message, F> h) {
  return taking<R, Message, F>([self, f = std::move(h.run)](auto& d) mutable -> handled<State> {
    auto& ctx = *self->state.ctx;
    const address me = self->state.me();
    if constexpr (comes_back<State>) {
      if (waits<R>(self->state, d.body, d.from))
        return caf::skip();
      if (self->state.away && !(R == role::user_buddy && is_goodbye<Message>)) {
        ctx.refused(self, errc::actor_failed);
        tell_failed(ctx, me, d.body, d.from);
        await_mind(self);
        return {};
      }
    }
    ctx.count.handled(self);
    const auto noted = noted_by(self->state);
    auto what = [&] {
      if (!run<R, Message>(f, d))
        ctx.refused(self, errc::frame_unknown_type);
      count_refusals(self);
    };
    if (!agrees_with_itself(self, me) || !guarded(ctx, self, guard_of(self->state, is_goodbye<Message>), what)) {
      if (noted_by(self->state) == noted) // else it has happened, and its call ends as `outcome_unknown`
        tell_failed(ctx, me, d.body, d.from);
      await_mind(self);
    }
    if constexpr (comes_back<State>)
      return {};
  });
}
template <role R, class State, class Local, class F>
auto as_caf(caf::stateful_actor<State>* self, own_handler<Local, F> h) {
  return [self, f = std::move(h.run)](Local& m) mutable -> handled<State> {
    if constexpr (comes_back<State>)
      if (self->state.away) { // there is no state to be saved, and all else waits
        if constexpr (asks_for_all<Local>)
          return {};
        else
          return caf::skip();
      }
    auto what = [&] { f(m); };
    if (!guarded(*self->state.ctx, self, guard_of(self->state, true), what))
      await_mind(self);
    if constexpr (comes_back<State>)
      return {};
  };
}
/// What has waited meanwhile follows.
template <role R, class State, class Mind, class F>
auto as_caf(caf::stateful_actor<State>* self, return_handler<Mind, F> h) {
  return [self, f = std::move(h.run)](brought_back<Mind>& m) mutable {
    auto& s = self->state;
    if (!s.away)
      return;
    const address me = s.me();
    auto what = [&] {
      const auto since = std::exchange(s.away, std::nullopt);
      f(m);
      s.ctx->failures.trust(me);
      s.ctx->note(log_level::info, "part_back",
                  {{"part", name_of(me.of)}, {"id", me.id}, {"us", std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(s.ctx->time->now() - *since).count())}});
    };
    if (!guarded(*s.ctx, self, guard_of(s, true), what))
      await_mind(self);
  };
}

/// Every part says when it got round to a probe.
void answer_probe(body_context& ctx, address part, const health_probe& m) noexcept;

} // namespace detail

/// The behavior of an actor. Its handlers are exactly those of its role's list, in any order (first what comes most), and
/// those of its own messages.
template <class State, class... Handlers>
[[nodiscard]] caf::behavior behavior_of(caf::stateful_actor<State>* self, Handlers... handlers) {
  constexpr role me = role_of<State>;
  static_assert(detail::complete<me, Handlers...>(handles<me>{}));
  return {detail::as_caf<me>(self, std::move(handlers))...,
          [self](absence_due) { detail::still_away(self); },
          [self](const health_probe& m) { detail::answer_probe(*self->state.ctx, self->state.me(), m); }};
}

/// The same for a thread that plays a role by itself: what `scoped_actor::receive` takes, one by one.
template <role R, class Message, class F>
[[nodiscard]] auto heard(handler<Message, F> h) {
  static_assert(handles_message<R, Message>, "a handler of a message that isn't in the role's list");
  return detail::taking<R, Message, F>([f = std::move(h.run)](auto& d) mutable { detail::run<R, Message>(f, d); });
}

} // namespace ammo

template <class Mind>
struct caf::allowed_unsafe_message_type<ammo::brought_back<Mind>> : std::true_type {};

AMMO_LOCAL_MESSAGE(ammo::absence_due)
AMMO_LOCAL_MESSAGE(ammo::call_failed)
AMMO_LOCAL_MESSAGE(ammo::health_probe)
AMMO_LOCAL_MESSAGE(ammo::health_sign)
AMMO_LOCAL_MESSAGE(ammo::sleep_call)
AMMO_LOCAL_MESSAGE(ammo::fell_asleep)
AMMO_LOCAL_MESSAGE(ammo::stayed_awake)
AMMO_LOCAL_MESSAGE(ammo::back_from_sleep)
AMMO_LOCAL_MESSAGE(ammo::woken)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::user_mind_state>)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::aipp_mind_state>)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::subspace_mind_state>)
