/// What was there of units before a restart, a move or a failure, as it is read from the store.
/// Lives here: what recovery.cpp goes on from and past.cpp fills in. May not live here: anything that outlasts a recovery.
#pragma once

#include "runtime/state/replay.hpp"
#include "runtime/state/state_keeper.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace ammo {

struct state_keeper::past {
  store::state_store* from = nullptr; ///< required
  bool keys = true;                   ///< answers under keys are wanted, too
  std::vector<store::unit_id> units{}; ///< that are brought back, ascending
  std::vector<store::claim> claims{}; ///< as they were before anything was read: who takes a unit on them has read all of it
  std::vector<store::node> nodes{}; ///< by the terms in which they owned
  std::vector<store::unit_history> histories{};
  std::map<std::uint32_t, shard_replay> shards{};     ///< by number of unit, as subspaces
  std::map<std::uint32_t, subspace_replay> subspaces{};
  std::vector<key_frame> answers_of_host{};           ///< of unit 0's snapshot
  std::uint64_t frames = 0;                           ///< that were applied
  // Interests that were learned, and calls that were under way, each with the log that says so: requests are numbered by process.
  std::size_t log = 0;                                          ///< from 1
  std::map<store::unit_id, std::size_t> snapshot_of{};          ///< the log whose node wrote the unit's snapshot
  std::set<std::pair<std::size_t, std::uint64_t>> interests{};
  std::map<std::uint64_t, std::size_t> opened{}; ///< by key; none: the unit's snapshot says so
};

} // namespace ammo
