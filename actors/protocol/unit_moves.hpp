/// Units that come to a node's process, and go from it: what its supervisor and its bridge are told. Never leaves the process.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/sending.hpp"
#include "actors/protocol/state/key_state.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace ammo {

/// Which units, each list ascending.
struct unit_set {
  std::vector<std::uint32_t> shards, subspaces;
  bool rest = false; ///< what is of no shard and no subspace
  [[nodiscard]] bool has_shard(std::uint32_t i) const noexcept { return std::ranges::binary_search(shards, i); }
  [[nodiscard]] bool has_subspace(std::uint32_t at) const noexcept { return std::ranges::binary_search(subspaces, at); }
};

/// To the bridge, once the buddies of these units are here: calls about them may come.
struct units_came {
  unit_set which;
  std::vector<user_id> users;
  std::vector<std::pair<goal_id, subspace_id>> goals;
  std::vector<key_frame> answers; ///< under keys, oldest first
  std::function<void()> done;
};

/// To the supervisor, which ends their buddies, and from there to the bridge. What they were about to do happens at another node.
struct units_go {
  unit_set which;
  std::function<void()> done;
};

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::units_came)
AMMO_LOCAL_MESSAGE(ammo::units_go)
