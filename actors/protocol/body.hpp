/// What all bodies share: how a message is sent, counted and refused, and what happens when an actor fails.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/base/context.hpp"
#include "actors/protocol/codec.hpp"
#include "actors/protocol/failure_book.hpp"
#include "actors/protocol/frame_log.hpp"
#include "actors/protocol/handles.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/routes.hpp"

#include <caf/all.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace ammo {

/// What a runtime gives to all of its bodies.
struct body_context : context {
  /// With room in the routing table for a deployment's shards and subspaces.
  explicit body_context(std::uint32_t shards = 16, std::uint32_t subspaces = 16) : routes(shards, subspaces) {}
  bool wire_check = false; ///< send every message through its frame and back
  std::shared_ptr<frame_log> frames{}; ///< what must survive a restart is noted here; null: nothing survives
  failure_book failures;
  ammo::routes routes;
};
using context_ptr = std::shared_ptr<body_context>;

/// A message on its way inside a process: its body, and who sent it.
template <class Message>
struct delivery {
  address from;
  Message body;
};

/// One message for many: packed once, and shared. `From` is the sender's role.
template <role From, class Message>
struct packed {
  caf::message content;
};

/// The message itself or, under the wire check, what its frame gives back. A message that doesn't survive its frame
/// counts under the decoder's error and is delivered as it was.
template <class Message>
[[nodiscard]] delivery<Message> over_the_wire(body_context& ctx, delivery<Message> d) {
  if (!ctx.wire_check)
    return d;
  envelope around;
  auto back = decode<Message>(encode(d.body, {.source = d.from}), &around);
  if (!back) {
    ctx.refused(&ctx, back.code());
    return d;
  }
  return {around.source, std::move(*back)};
}

/// How many messages travel in one.
template <class Message>
[[nodiscard]] std::uint64_t carried(const Message& m) {
  if constexpr (std::is_same_v<Message, slates_granted>)
    return m.slates.size();
  else
    return 1;
}

namespace detail {

template <class T>
concept travels_alone = requires { T::type; };

template <role From, class Message, role... To>
consteval void check_sending() {
  static_assert((may_send<From, To, Message> && ...),
                "a receiver doesn't handle this message, or not from this sender: see actors/protocol/handles.hpp");
}

/// Puts an element into the mailbox that the address leads to: the one place from which messages leave.
template <class Make>
bool put(body_context& ctx, address to, std::uint64_t messages, caf::execution_unit* on, Make make) {
  ctx.count.sent(on ? static_cast<const void*>(on) : &ctx, messages);
  return ctx.routes.reach(to, [&](caf::abstract_actor* actor) { actor->enqueue(make(), on); });
}

template <class Address> struct plays;
template <role R> struct plays<address_of<R>> { static constexpr role value = R; };

} // namespace detail

/// The role of the actor that has this state: of its address, which `me()` tells.
template <class State>
inline constexpr role role_of = detail::plays<decltype(std::declval<const State&>().me())>::value;

/// Sends a message in somebody's name. False where the address leads nowhere in this process: whoever it was has left.
/// `on`: where the sender runs; null outside of actors.
template <role From, role... To, class Message>
  requires detail::travels_alone<Message>
bool send_as(address_of<From> from, body_context& ctx, address_of<To...> to, Message m, caf::execution_unit* on = nullptr) {
  detail::check_sending<From, Message, To...>();
  const auto messages = carried(m);
  return detail::put(ctx, to, messages, on, [&] {
    return caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                     over_the_wire(ctx, delivery<Message>{from, std::move(m)}));
  });
}
template <role From, role... To, class Message>
bool send_as(address_of<From>, body_context& ctx, address_of<To...> to, const packed<From, Message>& m,
             caf::execution_unit* on = nullptr) {
  detail::check_sending<From, Message, To...>();
  return detail::put(ctx, to, 1, on, [&] {
    return caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, m.content);
  });
}

/// Sends a message of the protocol, or one that is packed.
template <class State, role... To, class Message>
  requires detail::travels_alone<Message>
bool send(caf::stateful_actor<State>* self, address_of<To...> to, Message m) {
  return send_as(self->state.me(), *self->state.ctx, to, std::move(m), self->context());
}

template <class State, role... To, role From, class Message>
bool send(caf::stateful_actor<State>* self, address_of<To...> to, const packed<From, Message>& m) {
  return send_as(self->state.me(), *self->state.ctx, to, m, self->context());
}

/// A message that goes to many.
template <class State, class Message>
[[nodiscard]] packed<role_of<State>, Message> pack(caf::stateful_actor<State>* self, Message m) {
  return {caf::make_message(
    over_the_wire(*self->state.ctx, delivery<Message>{self->state.me(), std::move(m)}))};
}

/// Tells an actor of this process what no other process may be told: from a thread of the host, say.
template <role To, class Local>
bool hand_over(body_context& ctx, address_of<To> to, Local m) {
  return ctx.routes.reach(to, [&](caf::abstract_actor* actor) {
    actor->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)), nullptr);
  });
}
/// Tells the actor itself, behind what waits in its mailbox.
template <class State, class Local>
void remind(caf::stateful_actor<State>* self, Local m) {
  self->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)), self->context());
}

/// Sends an actor a message of its own after a while: the one way in which a body waits. Tests advance the time.
template <class State, class Message>
void post_later(caf::stateful_actor<State>* self, std::chrono::nanoseconds after, Message m) {
  self->delayed_send(self, after, std::move(m));
}

/// Notes a message for an entity of a unit, before what follows from it is sent. Its place; 0 where nothing survives.
template <class Message>
std::uint64_t note(body_context& ctx, address unit, address entity, const Message& m) {
  if (!ctx.frames)
    return 0;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(ctx.time->wall().time_since_epoch());
  return ctx.frames->note(unit, entity, Message::type, encode(m, {.source = entity, .time_us = now.count()}));
}

/// The same for an actor, which remembers the place: its state's `noted`.
template <class State, class Message>
void note_own(caf::stateful_actor<State>* self, address unit, const Message& m) {
  if (auto& s = self->state; s.ctx->frames)
    s.noted = note(*s.ctx, unit, s.me(), m);
}

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
  }(std::type_identity<Handlers>{}) || ...);
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
  }(std::type_identity<Handlers>{}), ...);
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

/// As CAF wants what a handler `F` does: by constant reference, unless it changes the message.
template <role R, class Message, class F, class Handle>
auto taking(Handle handle) {
  if constexpr (std::is_invocable_v<F&, const Message&> || std::is_invocable_v<F&, const Message&, const sender_of<R, Message>&>)
    return [handle = std::move(handle)](const delivery<Message>& d) mutable { handle(d); };
  else
    return [handle = std::move(handle)](delivery<Message>& d) mutable { handle(d); };
}

/// Does what a part does with one message. False: it has thrown, which counts as a failure of that part, or the part is quarantined.
/// `leaves`: it must be heard by a quarantined part, too.
bool guarded(body_context& ctx, const void* who, address part, bool leaves, void (*what)(void*), void* with) noexcept;

template <class F>
bool guarded(body_context& ctx, const void* who, address part, bool leaves, F& what) noexcept {
  return guarded(ctx, who, part, leaves, [](void* f) { (*static_cast<F*>(f))(); }, &what);
}

/// A buddy whose mind contradicts itself after a failure ends, and is started anew.
void contradicts_itself(body_context& ctx, const void* who, address part) noexcept;

/// Before a buddy's first message after a failure: can its mind be restored from what it would save? That is what finds a mind that was half
/// changed when memory ran out.
template <class State>
bool agrees_with_itself(caf::stateful_actor<State>* self, address part) noexcept {
  if constexpr (requires { self->state.whole(); }) {
    auto& ctx = *self->state.ctx;
    if (!ctx.failures.doubts(part))
      return true;
    bool whole = false;
    auto look = [&] { whole = self->state.whole(); };
    if (!guarded(ctx, self, part, true, look))
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

/// A host's call that needs what has failed needn't wait for its deadline.
void tell_failed(body_context& ctx, address part, std::uint64_t request) noexcept;
template <class Message>
void tell_failed(body_context& ctx, address part, const Message& m, address from) noexcept {
  if constexpr (std::is_same_v<Message, slates_granted>) {
    for (const slate_granted& s : m.slates)
      tell_failed(ctx, part, s, from);
  } else if constexpr (requires { m.why == occasion::request; m.request; }) {
    if (m.why == occasion::request)
      tell_failed(ctx, part, m.request);
  } else if constexpr (requires { m.request; }) {
    if (from.of == role::host)
      tell_failed(ctx, part, m.request);
  }
}

template <class Message>
inline constexpr bool is_goodbye = std::is_same_v<Message, leave> || std::is_same_v<Message, leave_goal>;

/// As CAF wants it: counts, sees to failures, and takes over what the mind has refused.
template <role R, class State, class Message, class F>
auto as_caf(caf::stateful_actor<State>* self, handler<Message, F> h) {
  return taking<R, Message, F>([self, f = std::move(h.run)](auto& d) mutable {
    auto& ctx = *self->state.ctx;
    const address me = self->state.me();
    ctx.count.handled(self);
    auto what = [&] {
      if (!run<R, Message>(f, d))
        ctx.refused(self, errc::frame_unknown_type);
      count_refusals(self);
    };
    if (!agrees_with_itself(self, me) || !guarded(ctx, self, me, is_goodbye<Message>, what))
      tell_failed(ctx, me, d.body, d.from);
  });
}
template <role R, class State, class Local, class F>
auto as_caf(caf::stateful_actor<State>* self, own_handler<Local, F> h) {
  return [self, f = std::move(h.run)](Local& m) mutable {
    auto what = [&] { f(m); };
    (void)guarded(*self->state.ctx, self, self->state.me(), true, what);
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
          [self](const health_probe& m) { detail::answer_probe(*self->state.ctx, self->state.me(), m); }};
}

/// The same for a thread that plays a role by itself: what `scoped_actor::receive` takes, one by one.
template <role R, class Message, class F>
[[nodiscard]] auto heard(handler<Message, F> h) {
  static_assert(handles_message<R, Message>, "a handler of a message that isn't in the role's list");
  return detail::taking<R, Message, F>([f = std::move(h.run)](auto& d) mutable { detail::run<R, Message>(f, d); });
}

} // namespace ammo

/// Inside a process CAF passes the struct itself; CAF's own serialisation never sees one.
namespace caf {
template <class Message>
struct allowed_unsafe_message_type<ammo::delivery<Message>> : std::true_type {};
} // namespace caf

/// The same for what an actor tells itself, or a thread of the host its bridge.
#define AMMO_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name)

AMMO_LOCAL_MESSAGE(ammo::call_failed)
AMMO_LOCAL_MESSAGE(ammo::health_probe)
AMMO_LOCAL_MESSAGE(ammo::health_sign)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::user_mind_state>)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::aipp_mind_state>)
AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::subspace_mind_state>)
