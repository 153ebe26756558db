/// The host's policies of Goal Buddies among the built-in ones.
#pragma once

#include "actors/base/context.hpp"
#include "actors/goal_buddy/goal_policy.hpp"
#include "actors/user_buddy/outside_runner.hpp"
#include "ammo/goal_policy.hpp"

#include <chrono>
#include <memory>

namespace ammo {

/// Where policies run; known before the first Goal Buddy starts.
struct policy_place {
  std::shared_ptr<context> ctx;                   ///< required
  std::shared_ptr<outside_runner> runner{};       ///< null: in the Goal Buddy, without a budget, as a simulation's do
  std::chrono::milliseconds budget{50};
};

/// Empty where the maker is. With a runner, a Goal Buddy asks its policy in one turn and moves as it said in the next: a slow policy
/// holds up nobody, and past its budget the creation stays where it is.
[[nodiscard]] goal_strategy_maker hosted_goals(const creator_policy_maker& creators, std::shared_ptr<const policy_place> where = {});

} // namespace ammo
