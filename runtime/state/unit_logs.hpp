/// What the logs of all nodes say of units: each unit's frames in the order in which they happened.
/// Lives here: the order. May not live here: what a frame does.
#pragma once

#include "runtime/state/noted_frame.hpp"
#include "runtime/store/store.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace ammo {

struct unit_frame {
  noted_frame what;
  store::position at;
  store::incarnation node;
  std::size_t log = 0; ///< the number of the node's log in this reading, from 1
};

/// Calls `take` with every frame of a unit that has a history, behind what is kept of it. A unit that went from one node to another and back has its terms in
/// each other's way: frames of a later term that are read first wait in memory. `logs`: the number of each node's log, by the order of `nodes`, which it sorts.
/// Errors: those of `take`, which end it; those of the store; `state_damaged`, with the place.
[[nodiscard]] result<void> read_unit_logs(store::state_store& from, std::vector<store::node>& nodes, std::span<const store::unit_history> histories,
                                          const std::function<result<void>(const unit_frame&)>& take);

} // namespace ammo
