/// Measures the game among policies that a deployment's buddies could play: one simulation for each profile.
/// Lives here: who plays what, and what comes of it. The solution concepts are in actors/diagnosis.
#pragma once

#include "runtime/simulation/game.hpp"

#include <functional>
#include <string>

namespace ammo {

/// Told that a game of so many rounds begins; whom that game is to tell of its periods.
using game_teller = std::function<period_callback(const std::string& policy, std::uint32_t rounds)>;

/// How many games `diagnose` plays.
[[nodiscard]] std::size_t games_to_diagnose(const options& deployment);

/// Plays `simulation.diagnose_rounds` rounds of every profile of the deployment's user policy, Thompson sampling, C2UCB and
/// greedy, and of all goal policies for each half of the Goal Buddies that move: at most 200, evenly spread, every second
/// one in the first half. Errors: those of `play`.
[[nodiscard]] result<diagnosis> diagnose(const options& deployment, scenario players, const game_teller& told,
                                         const host_policies& host, const creator_policy_maker& creators);

} // namespace ammo
