/// The game that `ammo run` plays, by its minds in a loop, on one thread: noisy rewards, default User Buddies that learn, and any
/// Goal Buddies.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"
#include "runtime/include/ammo/options.hpp"
#include "subspaces/content.hpp"

#include <cstddef>
#include <vector>

namespace ammo::bench {

/// One subspace and its people.
struct noisy_world {
  options deployment;                ///< prices, budget, users, rounds, noise, seed
  content items;
  std::vector<std::vector<float>> q; ///< by person
};

/// The first subspace of a built-in deployment, as `make_scenario` makes it. `deployment.seed` is of all randomness.
[[nodiscard]] noisy_world make_world(const options& deployment, content items);

/// How one Goal Buddy plays.
struct player {
  goal_policy policy = goal_policy::fixed;
  goal_strategy_maker own = {}; ///< of goal_policy::host
};

/// Each Goal Buddy's mean utility over the periods: its share of the slates − λ·½|e − grounded|². `players`: one for each item.
/// `from`: the first period that counts.
[[nodiscard]] std::vector<double> play(const noisy_world& world, const std::vector<player>& players, std::size_t from = 1);

} // namespace ammo::bench
