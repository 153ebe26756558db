/// The Supervisor's part in a restart, and in units of a node that come and go: their buddies are started with the minds that they had, and end where another node has
/// the unit from then on.
/// Lives here: who starts and who ends, and when the bridge is told. May not live here: what an admission or a failure asks for.
#pragma once

#include "actors/supervisor/supervisor_actor.hpp"

#include <optional>

namespace ammo {

/// Who was here before a restart goes on.
void start_recovered(caf::stateful_actor<supervisor_state>* self, recovered_buddies& all);
/// Units have come: their buddies are started, and then the bridge is told.
void come(caf::stateful_actor<supervisor_state>* self, buddies_came& m);
/// Starts the next of them.
void start_some(caf::stateful_actor<supervisor_state>* self);
/// Units go: their buddies end, and nobody is told that their entities have left.
void go(caf::stateful_actor<supervisor_state>* self, units_go& m);
/// Once the last of them has ended nothing is noted of their units any more, and the bridge is told.
void finish_going(caf::stateful_actor<supervisor_state>* self);

// In supervisor_actor.cpp:

/// Starts a Goal Buddy, or answers whoever asked why it can't be. `recovered`: the log knows of it; `remembered`: what it goes on with.
void take_in_goal(caf::stateful_actor<supervisor_state>* self, const admit_goal& m, address_of<role::host, role::clock> from, bool recovered = false,
                  std::optional<goal_mind_state> remembered = {});

} // namespace ammo
