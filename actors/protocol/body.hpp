/// What all bodies share: how a message is sent, counted and refused, and what happens when an actor fails.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/codec.hpp"
#include "actors/protocol/messages.hpp"

#include <caf/all.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace ammo {

/// Counters that many actors write and an operator reads. Striped, so that two threads rarely meet on a line.
class counters {
public:
  static constexpr std::size_t stripes = 16;

  void handled(const void* who) noexcept { stripe_of(who).handled.fetch_add(1, std::memory_order_relaxed); }
  /// Grants that travel together count one by one, so that a simulation's count doesn't depend on who met in a mailbox.
  void sent(const void* who, std::uint64_t n) noexcept { stripe_of(who).sent.fetch_add(n, std::memory_order_relaxed); }
  void refused(const void* who, errc code) noexcept {
    stripe_of(who).refused[static_cast<std::size_t>(code)].fetch_add(1, std::memory_order_relaxed);
  }
  void watched(const void* who) noexcept { stripe_of(who).watched.fetch_add(1, std::memory_order_relaxed); }
  void woken(const void* who, std::uint64_t n) noexcept { stripe_of(who).woken.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t handled() const noexcept;
  [[nodiscard]] std::uint64_t sent() const noexcept;
  [[nodiscard]] std::uint64_t watched() const noexcept; ///< registrations of what may enter a slate
  [[nodiscard]] std::uint64_t woken() const noexcept;   ///< User Buddies told of a creation that may enter their slates
  [[nodiscard]] std::uint64_t refused(errc code) const noexcept;

private:
  struct alignas(64) stripe {
    std::atomic<std::uint64_t> handled{0}, sent{0}, watched{0}, woken{0};
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(errc::end_)> refused{};
  };
  stripe& stripe_of(const void* who) noexcept { return stripes_[reinterpret_cast<std::uintptr_t>(who) / 256 % stripes]; }
  std::array<stripe, stripes> stripes_;
};

/// What a runtime gives to all of its bodies.
struct body_context {
  bool wire_check = false; ///< send every message through its frame and back
  counters count;
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

/// A handler of one message that counts it.
template <class Message, class State, class F>
auto on(caf::stateful_actor<State>* self, F f) {
  return [self, f](Message& m) {
    self->state.ctx->count.handled(self);
    f(m);
  };
}

/// The sender of the message that is being handled, as a handle; null when it has none.
[[nodiscard]] inline caf::actor sender_of(caf::scheduled_actor* self) {
  return caf::actor_cast<caf::actor>(self->current_sender());
}

/// The non-zero counters, by code.
[[nodiscard]] std::vector<refusals> nonzero(const std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>& counts);

} // namespace ammo

/// Inside a process CAF passes the struct itself; CAF's own serialisation never sees one.
#define AMMO_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name)
#define AMMO_LOCAL(name) AMMO_LOCAL_MESSAGE(ammo::name)
AMMO_EACH_MESSAGE(AMMO_LOCAL)
#undef AMMO_LOCAL
