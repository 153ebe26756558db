/// The host's policies of Goal Buddies among the built-in ones.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"
#include "ammo/goal_policy.hpp"

namespace ammo {

/// Empty where the maker is.
[[nodiscard]] goal_strategy_maker hosted_goals(const creator_policy_maker& creators);

} // namespace ammo
