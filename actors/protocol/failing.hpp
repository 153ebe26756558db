/// What happens when an actor fails at a message: who hears of it, what waits until its mind is back.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/sending.hpp"

#include <chrono>
#include <cstdint>
#include <type_traits>

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

namespace detail {

/// Can a part's mind be brought back from a log? Its state says since when it waits for that.
template <class State>
concept comes_back = requires(State s) { s.away; };
/// Does a part begin anew after a failure, as others tell it again what it has to know?
template <class State>
concept renews = requires(State s) { s.renew(); };
template <class State>
using handled = std::conditional_t<comes_back<State>, caf::result<void>, void>; ///< some wait

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

/// Within such a step: does a part of it that the rest doesn't need. False: it has thrown.
template <class F>
[[nodiscard]] bool succeeds(F& what) noexcept {
  try {
    what();
    return true;
  } catch (...) {
    return false;
  }
}

template <class State>
guard guard_of(const State& s, bool leaves) noexcept { return {s.me(), leaves, renews<State> || (comes_back<State> && s.ctx->frames)}; }

/// Begins anew (one that somebody waits for ends, and is started again), or asks a log for the mind of a part that has failed; the log is asked again by whoever releases a part from quarantine.
template <class State>
void await_mind(caf::stateful_actor<State>* self) noexcept {
  if constexpr (requires { self->state.is_awaited(); })
    if (self->state.is_awaited())
      self->quit(caf::make_error(caf::sec::runtime_error));
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
/// Nor for what is close by: it writes without.
void tell_failed(body_context& ctx, address part, const nearby_request& asked) noexcept;
/// Nor a host for a Subspace that introduces nobody any more: its user is let in to the others.
void tell_failed(body_context& ctx, address part, const join& newcomer) noexcept;
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
    if constexpr (std::is_same_v<Message, nearby_request>)
      tell_failed(ctx, part, m);
    if constexpr (std::is_same_v<Message, join>)
      if (part.of == role::subspace && from.of == role::user_buddy && ctx.failures.holds(part))
        tell_failed(ctx, part, m);
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
template <class Message>
inline constexpr bool is_hello = std::is_same_v<Message, join>;
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

} // namespace detail

} // namespace ammo
