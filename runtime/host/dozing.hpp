/// What the bridge does about users who fall asleep and wake up: their calls wait meanwhile, in order.
/// Lives here: the bridge's side of it. May not live here: who is to sleep.
#pragma once

#include "runtime/host/bridge_actor.hpp"

#include <functional>

namespace ammo {

/// Counts a refusal, and ends the call with it (bridge_actor.cpp, as `called`).
void refuse(caf::stateful_actor<bridge_state>* self, ticket& asker, errc code, std::string detail);
/// What the bridge does with a call.
void called(caf::stateful_actor<bridge_state>* self, host_call& m);

/// A call about somebody who isn't here waits until it is known whether they sleep, and until they are awake: nothing of it has happened
/// until then. Who is only just falling asleep stays awake. True: it waits.
bool waits_for_user(caf::stateful_actor<bridge_state>* self, host_call& m);
/// A user's User Buddy is to leave memory: of a user who has nothing under way. What was called before is ahead of it.
void let_sleep(caf::stateful_actor<bridge_state>* self, sleep_call& m);
/// That was given up.
void stay_awake(caf::stateful_actor<bridge_state>* self, user_id user);
/// The User Buddy has ended, and its user sleeps. What was called meanwhile wakes them.
void fall_asleep(caf::stateful_actor<bridge_state>* self, user_id user);
/// What waited goes on, or is refused as the store or the row says.
void wake_up(caf::stateful_actor<bridge_state>* self, const woken& m);
/// A user who was to fall asleep has left.
void sleep_no_more(caf::stateful_actor<bridge_state>* self, user_id user);
/// Users of units that have gone to another node: what waits for them ends as `state_in_use`.
void forget_dozers(caf::stateful_actor<bridge_state>* self, const std::function<bool(user_id)>& whom);

} // namespace ammo
