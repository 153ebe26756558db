/// Every state that a mind may be restored from, and the one list of them.
///
/// A state is a plain struct with its kind in snapshots and the order of its fields; `state/` has them, with those of
/// their parts, by role. Its msgpack form follows from `fields` alone, as a message's does (see state_codec.hpp). The
/// state of a class T is T_state; T::save gives it, and T::restore makes a T of it that answers as the first would.
/// Fields are only ever appended. May not live here: behaviour.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/protocol/state/aipp_state.hpp"
#include "actors/protocol/state/decision_state.hpp"
#include "actors/protocol/state/evolution_state.hpp"
#include "actors/protocol/state/goal_state.hpp"
#include "actors/protocol/state/metaspace_state.hpp"
#include "actors/protocol/state/population_state.hpp"
#include "actors/protocol/state/subspace_state.hpp"
#include "actors/protocol/state/unit_state.hpp"
#include "actors/protocol/state/user_state.hpp"

/// The list: X(name) for each state, by its kind, ascending.
#define AMMO_EACH_STATE(X)                                                                                                           \
  X(user_mind_state)                                                                                                                 \
  X(goal_mind_state)                                                                                                                 \
  X(subspace_mind_state)                                                                                                             \
  X(metaspace_mind_state)                                                                                                            \
  X(watch_book_state) X(aipp_mind_state) X(evolution_mind_state)                                                                     \
    X(population_mind_state) X(push_book_state) X(user_shard_state)                                                                  \
      X(slate_frame) X(key_frame) X(host_unit_state) X(subspace_unit_state) X(decided_slate) X(decided_reward) X(decided_revocation) \
        X(sleeper_state) X(slept_frame)
