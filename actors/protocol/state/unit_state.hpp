/// Snapshots of units that are more than one mind: a subspace with its Goal Buddies, and what the host was told.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/protocol/state/evolution_state.hpp"
#include "actors/protocol/state/goal_state.hpp"
#include "actors/protocol/state/key_state.hpp"
#include "actors/protocol/state/subspace_state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

namespace ammo {

/// A Subspace with its ledger, and the Goal Buddies that it has. `place`: of its last frame that is in it.
struct subspace_unit_state {
  static constexpr std::uint16_t kind = 14;
  subspace_mind_state mind;
  std::uint64_t place = 0;
  std::vector<admit_goal> goals; ///< ascending: how each was admitted
  std::vector<goal_mind_state> minds{}; ///< of those that move, in no order, without catalogues
  std::vector<key_frame> answers{};     ///< under the keys that were used last, oldest first
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mind, s.place, s.goals, s.minds, s.answers); }
};

/// What is of no user shard and no subspace: the strains that played last. Answers under keys, oldest first: of states from before they were the units' own.
struct host_unit_state {
  static constexpr std::uint16_t kind = 13;
  std::vector<key_frame> answers;
  std::optional<evolution_mind_state> evolution{}; ///< without history
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.answers, s.evolution); }
};

} // namespace ammo
