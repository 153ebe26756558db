/// One game of a simulation: a deployment, one user policy, all rounds, through the real actors.
#pragma once

#include "ammo/options.hpp"
#include "ammo/report.hpp"
#include "ammo/simulation.hpp"
#include "runtime/system/actor_graph.hpp"
#include "runtime/system/content_goals.hpp"
#include "subspaces/content.hpp"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace ammo {

/// What every game of a simulation starts from: made once, so that policies meet the same people and the same content.
struct scenario {
  std::vector<content> contents; ///< by subspace
  std::vector<std::pair<user_id, person>> people;
  std::vector<admit_goal> goals;
};

/// People stand for the choosers in turn; further rounds of them are bootstrap copies. Each content item has a Goal Buddy.
[[nodiscard]] scenario make_scenario(const options& deployment, const layout& space, std::vector<content> contents);

/// What one game has shown.
struct game_result {
  played_policy played;
  std::unordered_map<std::uint64_t, exposure> exposures; ///< over the game, by content number
  std::vector<double> creators; ///< by Goal Buddy of the scenario: mean utility a period, as in `market_shape`
  std::uint64_t creations = 0;
  std::uint64_t slots_granted = 0;
  std::vector<refusal_count> refused;
  std::int64_t budget_granted_micros = 0, budget_spent_micros = 0;
  std::vector<counter_value> counters;
  std::uint64_t messages = 0; ///< between actors; grants that travel together count one by one
  std::uint64_t handled = 0, handled_setup = 0; ///< as they travelled: in all, and before the first round
  std::uint64_t broadcast_turn_ns_max = 0;
  std::vector<std::vector<reward_finding>> found; ///< by person asked, by factor: what its User Buddy has found out of rewards
  std::vector<compared_arms> compared{}; ///< by group of people; empty where there is no control
  evolution_report evolved{}; ///< nothing where nothing evolves
  double seconds = 0; ///< from the first period's opening to the last one's close
};

/// Told after each period: rounds done and the period's mean slate regret a round. False cancels.
using period_callback = std::function<bool(std::uint32_t rounds_done, double slate_regret)>;

/// Blocks until played. Errors: those of `actor_graph::make`, `cancelled`, `timed_out`.
[[nodiscard]] result<game_result> play(const options& deployment, const scenario& players, const period_callback& tell = {},
                                       const host_policies& host = {}, const creator_policy_maker& creators = {});

} // namespace ammo
