#include "actors/base/turn_clock.hpp"
#include "actors/protocol/body.hpp"

#include <new>

namespace ammo::detail {

namespace {

/// A longer turn holds up all that waits for the thread.
constexpr std::chrono::milliseconds long_turn{5};

/// Of the calling thread, which plays one actor after the other.
thread_local turn_clock turns;

void look_at_length(body_context& ctx, const void* who, address part) noexcept {
  const auto took = turns.end(*ctx.time, long_turn);
  if (took.wall <= long_turn)
    return;
  const auto us = [](std::chrono::nanoseconds t) { return std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(t).count()); };
  ctx.count.add(counter::long_turns, who);
  if (took.processor_at_most > long_turn)
    ctx.count.add(counter::heavy_turns, who);
  ctx.note(log_level::debug, "long_turn",
           {{"part", name_of(part.of)}, {"id", part.id}, {"us", us(took.wall)}, {"processor_us", us(took.processor_at_most)}});
}

address_of<role::subspace> subspace_at(address part) noexcept { return address_of<role::subspace>(static_cast<std::uint32_t>(part.id)); }

/// Where there is no memory even for that, it is counted.
template <class F>
void tell(body_context& ctx, F what) noexcept {
  if (!succeeds(what))
    ctx.refused(&ctx, errc::actor_failed);
}

} // namespace

bool guarded(body_context& ctx, const void* who, guard how, void (*what)(void*), void* with) noexcept {
  const address part = how.part;
  if (!how.leaves && ctx.failures.holds(part)) {
    ctx.refused(who, errc::actor_failed);
    return false;
  }
  const char* why = "an exception";
  turns.begin(*ctx.time, ctx.time->now());
  try {
    what(with);
    look_at_length(ctx, who, part);
    return true;
  } catch (const std::bad_alloc&) {
    why = "no memory";
  } catch (...) {
  }
  const bool quarantined = ctx.failures.on_failure(part, ctx.time->now(), how.comes_back);
  ctx.refused(who, errc::actor_failed);
  ctx.count.add(counter::restarts, who);
  ctx.note(log_level::error, quarantined ? "part_quarantined" : "part_failed",
           {{"part", name_of(part.of)}, {"id", part.id}, {"why", std::string_view(why)}});
  return false;
}

void contradicts_itself(body_context& ctx, const void* who, address part) noexcept {
  ctx.refused(who, errc::bad_state);
  ctx.failures.trust(part); // the next one begins anew
  ctx.note(log_level::error, "part_contradicts_itself", {{"part", name_of(part.of)}, {"id", part.id}});
}

void tell_failed(body_context& ctx, address part, std::uint64_t request) noexcept {
  if (request != 0)
    tell(ctx, [&] { (void)hand_over(ctx, the_host, call_failed{request, part}); }); // else the call ends at its deadline
}

void tell_failed(body_context& ctx, address part, goal_id goal, std::uint64_t key) noexcept {
  tell(ctx, [&] { // else it hears where it stands with the next broadcast
    creation_verdict no;
    no.code = errc::actor_failed;
    no.goal = goal;
    no.key = key;
    (void)send_as(subspace_at(part), ctx, address_of<role::goal_buddy>(goal), std::move(no));
  });
}

void tell_failed(body_context& ctx, address part, const nearby_request& asked) noexcept {
  tell(ctx, [&] { (void)send_as(subspace_at(part), ctx, address_of<role::goal_buddy>(asked.goal), nearby_creations{asked.request, {}}); }); // else the order ends at its deadline
}

void tell_failed(body_context& ctx, address part, const join& newcomer) noexcept {
  tell(ctx, [&] { (void)send_as(subspace_at(part), ctx, the_host, newcomer); }); // else the call ends at its deadline
}

void answer_probe(body_context& ctx, address part, const health_probe& m) noexcept {
  try {
    (void)hand_over(ctx, the_host, health_sign{m.request, part, ctx.time->now() - m.sent});
  } catch (...) { // it counts as silent
  }
}

} // namespace ammo::detail
