/// What a host is told of all counters. Pure.
#pragma once

#include "ammo/runtime.hpp"
#include "runtime/system/control_lift.hpp"
#include "runtime/system/gauges.hpp"

#include <cstddef>
#include <cstdint>

namespace ammo {

/// `gauges`, `compared`: summed over the actors that have answered.
[[nodiscard]] inline runtime_statistics summed(const counters& all, const gauge_values& gauges, std::span<const compared_arms> compared) {
  runtime_statistics out;
  out.users = value_of(gauges, counter::users);
  out.asleep = value_of(gauges, counter::asleep);
  out.goals = value_of(gauges, counter::goals);
  out.creations = value_of(gauges, counter::creations);
  out.budget_granted_micros = static_cast<std::int64_t>(value_of(gauges, counter::budget_granted_micros));
  out.budget_spent_micros = static_cast<std::int64_t>(value_of(gauges, counter::budget_spent_micros));
  out.slates = all.of(counter::slates);
  out.slots_granted = all.of(counter::slots_granted);
  out.feedback = all.of(counter::feedback);
  out.pushes = all.of(counter::pushes);
  out.messages = all.of(counter::handled);
  out.actors_restarted = all.of(counter::restarts);
  out.watches = all.of(counter::watches);
  out.wakes = all.of(counter::wakes);
  for (std::size_t i = 0; i < static_cast<std::size_t>(errc::end_); ++i)
    if (const auto n = all.refused(static_cast<errc>(i)))
      out.refused.push_back({static_cast<errc>(i), n});
  out.counters = readings(all, gauges);
  out.control = lift_of(compared);
  return out;
}

} // namespace ammo
