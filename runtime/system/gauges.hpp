/// What actors hold, summed over them: the gauges of the counters' table.
#pragma once

#include "actors/base/counters.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/protocol/messages.hpp"

namespace ammo {

/// Adds one actor's answer.
inline void add(gauge_values& sums, const statistics& m) {
  const auto gauge = [&sums](counter what) -> std::uint64_t& { return sums[static_cast<std::size_t>(what)]; };
  const auto add_micros = [&gauge](counter what, std::int64_t micros) {
    gauge(what) = static_cast<std::uint64_t>(capped_sum(static_cast<std::int64_t>(gauge(what)), micros));
  };
  gauge(counter::users) += m.users;
  gauge(counter::goals) += m.goals;
  gauge(counter::creations) += m.creations;
  add_micros(counter::budget_granted_micros, m.budget_granted_micros);
  add_micros(counter::budget_spent_micros, m.budget_spent_micros);
}

[[nodiscard]] inline std::uint64_t value_of(const gauge_values& sums, counter what) { return sums[static_cast<std::size_t>(what)]; }

} // namespace ammo
