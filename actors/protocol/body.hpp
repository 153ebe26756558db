/// What all bodies share: how a message is sent, counted and refused, and what happens when an actor fails.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/base/context.hpp"
#include "actors/protocol/codec.hpp"
#include "actors/protocol/messages.hpp"

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
  bool wire_check = false; ///< send every message through its frame and back
};
using context_ptr = std::shared_ptr<body_context>;

/// The message itself or, under the wire check, what its frame gives back. A message that doesn't survive its frame
/// counts under the decoder's error and is delivered as it was.
template <class Message>
[[nodiscard]] Message over_the_wire(body_context& ctx, Message m) {
  if (!ctx.wire_check)
    return m;
  auto back = decode<Message>(encode(m));
  if (!back) {
    ctx.count.refused(&ctx, back.code());
    return m;
  }
  return std::move(*back);
}

/// How many messages travel in one.
template <class Message>
[[nodiscard]] std::uint64_t carried(const Message& m) {
  if constexpr (std::is_same_v<Message, slates_granted>)
    return m.slates.size();
  else
    return 1;
}

/// Sends a message of the protocol.
template <class Self, class Message>
void post(Self* self, body_context& ctx, const caf::actor& to, Message m) {
  ctx.count.sent(self, carried(m));
  self->send(to, over_the_wire(ctx, std::move(m)));
}

/// Sends a message of the protocol without a return address: cheaper by two counts of references, for what travels once a
/// round and that nobody answers to its sender.
template <class Self, class Message>
void tell(Self* self, body_context& ctx, const caf::actor& to, Message m) {
  ctx.count.sent(self, carried(m));
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(
    caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, over_the_wire(ctx, std::move(m))), self->context());
}

/// Sends a message under another actor's name (the Supervisor introduces the buddies that it spawned).
template <class Message>
void post_as(const caf::actor& from, body_context& ctx, const caf::actor& to, Message m) {
  ctx.count.sent(&ctx, carried(m));
  caf::send_as(from, to, over_the_wire(ctx, std::move(m)));
}

/// Sends an actor a message of its own after a while: the one way in which a body waits. Tests advance the time.
template <class State, class Message>
void post_later(caf::stateful_actor<State>* self, std::chrono::nanoseconds after, Message m) {
  self->delayed_send(self, after, std::move(m));
}

/// Installs in an actor what CAF leaves to chance: an unknown message is counted and answered with an error, an exception
/// ends the actor with an error that its supervisor sees; nothing prints.
template <class State>
void harden(caf::stateful_actor<State>* self, const context_ptr& ctx) {
  self->set_default_handler([c = ctx.get()](caf::scheduled_actor* who, caf::message_view&) -> caf::result<caf::message> {
    c->count.refused(who, errc::frame_unknown_type);
    return caf::sec::unexpected_message;
  });
  self->set_exception_handler([c = ctx.get()](caf::scheduled_actor* who, std::exception_ptr&) -> caf::error {
    c->count.refused(who, errc::actor_failed);
    return caf::sec::runtime_error;
  });
}

/// Takes over what the actor's mind has refused, where it notes that by itself.
template <class State>
void count_refusals(caf::stateful_actor<State>* self) {
  if constexpr (requires { self->state.mind->refused().take([](errc, std::uint32_t) {}); })
    self->state.mind->refused().take([self](errc code, std::uint32_t n) { self->state.ctx->count.refused(self, code, n); });
}

/// A handler of one message that counts it.
template <class Message, class State, class F>
auto on(caf::stateful_actor<State>* self, F f) {
  return [self, f](Message& m) {
    self->state.ctx->count.handled(self);
    f(m);
    count_refusals(self);
  };
}

/// The sender of the message that is being handled, as a handle; null when it has none.
[[nodiscard]] inline caf::actor sender_of(caf::scheduled_actor* self) {
  return caf::actor_cast<caf::actor>(self->current_sender());
}

} // namespace ammo

/// Inside a process CAF passes the struct itself; CAF's own serialisation never sees one.
#define AMMO_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name)
#define AMMO_LOCAL(name) AMMO_LOCAL_MESSAGE(ammo::name)
AMMO_EACH_MESSAGE(AMMO_LOCAL)
#undef AMMO_LOCAL
