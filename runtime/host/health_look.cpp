#include "runtime/host/health_look.hpp"

#include "runtime/host/units_here.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<bridge_state>*;

/// A part answers a look at its health within this, or is silent.
constexpr std::chrono::milliseconds health_wait{250};

} // namespace

void look_at_health(self_ptr self, bridge_state::waiting from) {
  auto& s = self->state;
  auto [number, entry] = remember(self, std::move(from));
  auto& told = entry->health.emplace();
  const auto now = s.ctx->time->now();
  const auto probe = [&, number = number]<role R>(address_of<R> who) {
    if (hand_over(*s.ctx, who, health_probe{number, now}))
      told.parts.push_back({.of = who});
  };
  each_counting_here(s, probe);
  probe(the_population);
  probe(the_host);
  entry->answers = told.parts.size();
  post_later(self, health_wait, health_due{number});
}

void tell_health(self_ptr self, std::uint64_t request) {
  auto& s = self->state;
  auto* w = s.under_way->find(request);
  if (!w || !w->health)
    return;
  auto told = *std::move(w->health);
  for (auto& p : told.parts)
    if (!p.answers)
      p.waited = health_wait;
  for (const auto& f : s.ctx->failures.all()) {
    auto of = std::ranges::find(told.parts, f.part, &health_answer::part::of);
    if (of == told.parts.end()) // a buddy
      of = told.parts.insert(of, {.of = f.part, .answers = true});
    of->failures = f.failures;
    of->quarantined = f.quarantined;
  }
  if (s.ctx->frames)
    if (auto takes = s.ctx->frames->takes_changes(); !takes)
      told.store = takes.error();
  answer(self, request, std::move(told));
}

void follow_health(self_ptr self, const health_sign& m) {
  auto* w = self->state.under_way->find(m.request);
  if (!w || !w->health)
    return;
  const auto of = std::ranges::find(w->health->parts, m.part, &health_answer::part::of);
  if (of == w->health->parts.end() || std::exchange(of->answers, true))
    return;
  of->waited = m.waited;
  if (--w->answers == 0)
    tell_health(self, m.request);
}

} // namespace ammo
