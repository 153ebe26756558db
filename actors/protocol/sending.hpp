/// How bodies send: what a runtime gives to all of them, messages on their way, and notes for the log.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/base/context.hpp"
#include "actors/base/trace.hpp"
#include "actors/protocol/codec.hpp"
#include "actors/protocol/failure_book.hpp"
#include "actors/protocol/frame_log.hpp"
#include "actors/protocol/handles.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/outward.hpp"
#include "actors/protocol/routes.hpp"
#include "actors/space/catalogue_board.hpp"

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
  /// With room for a deployment's shards and subspaces.
  explicit body_context(std::uint32_t shards = 16, std::uint32_t subspaces = 16) : routes(shards, subspaces), catalogues(subspaces) {}
  bool wire_check = false; ///< send every message through its frame and back
  std::shared_ptr<outward> others{};   ///< other nodes; null: this process plays alone
  std::shared_ptr<frame_log> frames{}; ///< what must survive a restart is noted here; null: nothing survives
  failure_book failures;
  ammo::routes routes;
  catalogue_board catalogues; ///< of live subspaces; a simulation's clock says when who sees what
};
using context_ptr = std::shared_ptr<body_context>;

/// A message on its way inside a process: its body, who sent it, and for which request.
template <class Message>
struct delivery {
  address from;
  Message body;
  shared_trace trace{};
};

/// One message for many: packed once, and shared. `From` is the sender's role.
template <role From, class Message>
struct packed {
  caf::message content;
};

/// What an envelope says of the trace, for all who take part.
[[nodiscard]] inline shared_trace shared(const std::optional<trace_context>& trace) { return trace ? std::make_shared<const trace_context>(*trace) : nullptr; }

/// The message itself or, under the wire check, what its frame gives back. A message that doesn't survive its frame
/// counts under the decoder's error and is delivered as it was.
template <class Message>
[[nodiscard]] delivery<Message> over_the_wire(body_context& ctx, delivery<Message> d) {
  if (!ctx.wire_check)
    return d;
  envelope around;
  auto back = decode<Message>(encode(d.body, {.source = d.from, .trace = d.trace ? std::optional(*d.trace) : std::nullopt}), &around);
  if (!back) {
    ctx.refused(&ctx, back.code());
    return d;
  }
  return {around.source, std::move(*back), shared(around.trace)};
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

/// An answer to the host comes before the host's next questions: else all that a flood of them asks waits for the flood's end.
inline caf::message_id stamp(address to) {
  return caf::make_message_id(to.of == role::host ? caf::message_priority::high : caf::message_priority::normal);
}

/// Puts an element into the mailbox that the address leads to: the one place from which messages leave.
template <class Make>
bool put(body_context& ctx, address to, std::uint64_t messages, caf::execution_unit* on, Make make) {
  ctx.count.sent(on ? static_cast<const void*>(on) : &ctx, messages);
  const auto deliver = [&](caf::abstract_actor* actor) { actor->enqueue(make(), on); };
  return on ? ctx.routes.reach(to, deliver) : ctx.routes.reach_from_outside(to, deliver);
}

template <class Address> struct plays;
template <role R> struct plays<address_of<R>> {
  static constexpr role value = R;
};

} // namespace detail

/// The role of the actor that has this state: of its address, which `me()` tells.
template <class State>
inline constexpr role role_of = detail::plays<decltype(std::declval<const State&>().me())>::value;

/// Sends a message in somebody's name, as part of the trace that the calling thread works for. False where the address leads nowhere in this process: whoever it was has left.
/// `on`: where the sender runs; null outside of actors.
template <role From, role... To, class Message>
  requires detail::travels_alone<Message>
bool send_as(address_of<From> from, body_context& ctx, address_of<To...> to, Message m, caf::execution_unit* on = nullptr) {
  detail::check_sending<From, Message, To...>();
  const auto messages = carried(m);
  return detail::put(ctx, to, messages, on, [&] {
    return caf::make_mailbox_element(nullptr, detail::stamp(to), {},
                                     over_the_wire(ctx, delivery<Message>{from, std::move(m), trace_scope::current()}));
  });
}
template <role From, role... To, class Message>
bool send_as(address_of<From>, body_context& ctx, address_of<To...> to, const packed<From, Message>& m,
             caf::execution_unit* on = nullptr) {
  detail::check_sending<From, Message, To...>();
  return detail::put(ctx, to, 1, on, [&] {
    return caf::make_mailbox_element(nullptr, detail::stamp(to), {}, m.content);
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
    over_the_wire(*self->state.ctx, delivery<Message>{self->state.me(), std::move(m), trace_scope::current()}))};
}

/// Tells an actor of this process what no other process may be told: from a thread of the host, say. Comes behind what waits in its mailbox,
/// unless `Local::overtakes`.
template <role To, class Local>
bool hand_over(body_context& ctx, address_of<To> to, Local m) {
  return ctx.routes.reach_from_outside(to, [&](caf::abstract_actor* actor) {
    constexpr auto turn = requires { Local::overtakes; } ? caf::message_priority::high : caf::message_priority::normal;
    actor->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(turn), {}, std::move(m)), nullptr);
  });
}
/// Tells the actor itself, behind what waits in its mailbox.
template <class State, class Local>
void remind(caf::stateful_actor<State>* self, Local m) {
  self->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)), self->context());
}

namespace detail {

/// A message for an actor that waits in the scheduler's queue, not in the actor's mailbox.
class later_turn final : public caf::resumable, public caf::ref_counted {
public:
  later_turn(caf::strong_actor_ptr whose, caf::mailbox_element_ptr what) : whose_(std::move(whose)), what_(std::move(what)) {}
  resume_result resume(caf::execution_unit* on, std::size_t) override {
    whose_->enqueue(std::move(what_), on);
    return done;
  }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  caf::strong_actor_ptr whose_;
  caf::mailbox_element_ptr what_;
};

} // namespace detail

/// Tells the actor itself, behind what waits in its mailbox and behind all actors that have work now. CAF lets an actor handle hundreds of
/// messages in a turn, those that it sends itself among them: a long job that only reminds itself keeps everybody waiting.
template <class State, class Local>
void remind_after_others(caf::stateful_actor<State>* self, Local m) {
  auto turn = caf::make_counted<detail::later_turn>(caf::strong_actor_ptr(self->ctrl()), caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)));
  self->context()->exec_later(turn.get());
  turn.release(); // it is the queue's now
}

/// Sends an actor a message of its own after a while: the one way in which a body waits. Tests advance the time.
template <class State, class Message>
void post_later(caf::stateful_actor<State>* self, std::chrono::nanoseconds after, Message m) {
  self->delayed_send(self, after, std::move(m));
}

/// A frame that goes to another node, in somebody's name.
template <class Message>
[[nodiscard]] frame outward_frame(const body_context& ctx, address from, const Message& m) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(ctx.time->wall().time_since_epoch());
  return encode(m, {.source = from, .time_us = now.count()});
}
/// To the relays of a Subspace, or of Evolution, at other nodes.
template <class State, class Message>
void spread_outward(caf::stateful_actor<State>* self, const Message& m) {
  auto& s = self->state;
  if (s.ctx->others)
    s.ctx->others->spread(s.me(), Message::type, [time = s.ctx->time, me = address(s.me()), m] {
      const auto now = std::chrono::duration_cast<std::chrono::microseconds>(time->wall().time_since_epoch());
      return encode(m, {.source = me, .time_us = now.count()});
    });
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

} // namespace ammo

/// Inside a process CAF passes the struct itself; CAF's own serialisation never sees one.
namespace caf {
template <class Message>
struct allowed_unsafe_message_type<ammo::delivery<Message>> : std::true_type {};
} // namespace caf

/// The same for what an actor tells itself, or a thread of the host its bridge.
#define AMMO_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name)
