/// The full-information best response as a Goal Buddy's policy: it is told every person's q. A yardstick; no creator could play it.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

#include <cstddef>
#include <vector>

namespace ammo::bench {

/// Each time it is asked it takes the scores that a creation must beat for each person, from the true q and the public
/// creations, and goes to the best response to them where that beats what it expects where it is.
[[nodiscard]] goal_strategy_maker best_responders(std::vector<std::vector<float>> q, std::size_t slots);

} // namespace ammo::bench
