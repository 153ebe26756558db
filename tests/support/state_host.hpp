/// The deployment that is killed, for the host that plays it and the test that looks what is there.
#pragma once

#include "ammo/runtime.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace ammo::test {

inline constexpr std::uint64_t killed_users = 6; ///< each as fast as they can
inline constexpr std::uint64_t killed_passers_by = 40; ///< users behind them, one after the other: most of them sleep
inline constexpr std::int64_t killed_budget = 1'000'000'000, killed_price = 1'000;

inline options killed_deployment(const std::string& state) {
  options o;
  o.slots = 3;
  o.threads = 2;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2, .price_micros = killed_price});
  o.limits.impression_days = 10'000;
  o.state = state;
  o.state_decisions = true;
  o.durability.snapshot_frames = 400; // some kills hit a snapshot
  o.durability.lease_ms = 1'000;
  o.durability.sleep_after_s = 1; // those who come by now and then sleep in between
  return o;
}

inline goal_spec killed_goal() {
  return {.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .budget_micros = killed_budget};
}

} // namespace ammo::test
