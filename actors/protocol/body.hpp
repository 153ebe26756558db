/// What all bodies share: how what comes is handled, counted and refused.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/failing.hpp"
#include "actors/protocol/table_of_handlers.hpp"

#include <exception>
#include <optional>

namespace ammo {

/// Installs in an actor what CAF leaves to chance: an exception before its first message ends the actor with an error that its supervisor
/// sees; nothing prints.
template <class State>
void harden(caf::stateful_actor<State>* self, const context_ptr& ctx) {
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

/// A part's clock: a message to itself that comes once more, `Local::again` later, where the part fails at it: so its clock never stands still. Its handler sends the next one last.
template <class Local>
concept comes_again = requires { Local::again; };

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

/// A part has failed at a hello or a goodbye, which nobody says twice: it tries again. True: once its mind is back, before all that has come since;
/// the message is to be skipped. False: it has tried at once; a step that is done twice does no harm. A part in quarantine takes nobody in, and lets
/// everybody go.
template <role R, class Message, class State, class F>
bool again(caf::stateful_actor<State>* self, F& what) noexcept {
  auto& ctx = *self->state.ctx;
  const address me = self->state.me();
  const bool held = ctx.failures.holds(me);
  if constexpr (comes_back<State> && R != role::user_buddy)
    if (ctx.frames && self->state.away && !held)
      return true;
  if (is_goodbye<Message> || !held)
    (void)guarded(ctx, self, guard_of(self->state, true), what);
  return false;
}

/// As CAF wants what a handler `F` does: by constant reference, unless it changes the message.
template <role R, class Message, class F, class Handle>
auto taking(Handle handle) {
  if constexpr (std::is_invocable_v<F&, const Message&> || std::is_invocable_v<F&, const Message&, const sender_of<R, Message>&>)
    return [handle = std::move(handle)](const delivery<Message>& d) mutable { return handle(d); };
  else
    return [handle = std::move(handle)](delivery<Message>& d) mutable { return handle(d); };
}

/// As CAF wants it: counts, sees to failures, and takes over what the mind has refused.
template <role R, class State, class Message, class F>
auto as_caf(caf::stateful_actor<State>* self, handler<Message, F> h) {
  return taking<R, Message, F>([self, f = std::move(h.run)](auto& d) mutable -> handled<State> {
    auto& ctx = *self->state.ctx;
    const address me = self->state.me();
    const trace_scope part_of(d.trace);
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
      if constexpr (is_hello<Message> || is_goodbye<Message>)
        if (again<R, Message>(self, what))
          if constexpr (comes_back<State>)
            return caf::skip();
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
    if (!guarded(*self->state.ctx, self, guard_of(self->state, true), what)) {
      await_mind(self);
      if constexpr (comes_again<Local>) {
        auto later = [&] { post_later(self, Local::again, m); };
        (void)guarded(*self->state.ctx, self, {self->state.me(), true, true}, later);
      }
    }
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

namespace detail {

template <role R, class Handler>
struct made_of_self {
  template <class State>
  auto operator()(caf::stateful_actor<State>* self) const { return as_caf<R>(self, handler_of<Handler>(self)); }
};

/// Those of its self alone are tried in their order, where none of its own behavior's takes the message. An unknown message is counted and answered
/// with an error.
template <role R, class State, class... Handlers>
void share_handlers(caf::stateful_actor<State>* self) {
  self->set_default_handler([](caf::scheduled_actor* who, caf::message_view& came) -> caf::result<caf::message> {
    auto* me = static_cast<caf::stateful_actor<State>*>(who);
    caf::result<caf::message> out{caf::message{}};
    const auto try_one = [&]<class H>(std::type_identity<H>) {
      if constexpr (is_of_self_alone<H, caf::stateful_actor<State>>)
        return taken<made_of_self<R, H>>(me, came, out);
      else
        return false;
    };
    if ((try_one(std::type_identity<Handlers>{}) || ...))
      return out;
    me->state.ctx->refused(who, errc::frame_unknown_type);
    return caf::sec::unexpected_message;
  });
}

/// The cases that an actor keeps for itself.
template <role R, class State, class Handler>
auto own_cases(caf::stateful_actor<State>* self, Handler h) {
  if constexpr (is_of_self_alone<Handler, caf::stateful_actor<State>>)
    return std::tuple<>{};
  else
    return std::tuple{as_caf<R>(self, std::move(h))};
}

} // namespace detail

/// The behavior of an actor. Its handlers are exactly those of its role's list, in any order (first what comes most), and
/// those of its own messages.
template <class State, class... Handlers>
[[nodiscard]] caf::behavior behavior_of(caf::stateful_actor<State>* self, Handlers... handlers) {
  constexpr role me = role_of<State>;
  static_assert(detail::complete<me, Handlers...>(handles<me>{}));
  detail::share_handlers<me, State, Handlers...>(self);
  return std::apply([](auto... cases) { return caf::behavior{std::move(cases)...}; },
                    std::tuple_cat(detail::own_cases<me>(self, std::move(handlers))...,
                                   std::tuple{[self](absence_due) { detail::still_away(self); },
                                              [self](const health_probe& m) { detail::answer_probe(*self->state.ctx, self->state.me(), m); }}));
}

/// The same for a thread that plays a role by itself: what `scoped_actor::receive` takes, one by one.
template <role R, class Message, class F>
[[nodiscard]] auto heard(handler<Message, F> h) {
  static_assert(handles_message<R, Message>, "a handler of a message that isn't in the role's list");
  return detail::taking<R, Message, F>([f = std::move(h.run)](auto& d) mutable {
    const trace_scope part_of(d.trace);
    detail::run<R, Message>(f, d);
  });
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
