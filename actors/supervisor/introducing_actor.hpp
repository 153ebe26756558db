/// How the Supervisor starts a buddy, introduces it to who has to do with it, and takes its leave of them.
/// Lives here: what is told to whom, and what the log is to say. May not live here: whether somebody comes or goes.
#pragma once

#include "actors/supervisor/supervisor_actor.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace ammo {

/// Starts a User Buddy and tells everyone who has to do with the user. `recovered`: goes on with this mind; null: is new. `noted`: place of the last frame in that mind.
void start_user(caf::stateful_actor<supervisor_state>* self, user_id user, supervisor_state::charge c, std::shared_ptr<user_mind> recovered = {}, std::uint64_t noted = 0);
/// Starts a Goal Buddy and introduces it to its Subspace.
void start_goal(caf::stateful_actor<supervisor_state>* self, supervisor_state::charge c);
/// Everyone forgets the user.
void part_with_user(caf::stateful_actor<supervisor_state>* self, user_id user, std::uint64_t life);
/// Its Subspace forgets a Goal Buddy, behind everything that it has told that itself.
void forget_goal(caf::stateful_actor<supervisor_state>* self, goal_id goal, subspace_id at, std::uint64_t request);
/// Those who speak to a User Buddy, and the population, hear that it isn't here any more. AiPP doesn't: its user hasn't left.
void tell_gone(caf::stateful_actor<supervisor_state>* self, user_id user, std::uint64_t life);
/// The answer to an admission or a dismissal. A clock wants none.
void answer(caf::stateful_actor<supervisor_state>* self, address_of<role::host, role::clock> to, std::uint64_t request, errc code, std::string detail = {}, std::uint64_t life = 0);

/// What the log of a Subspace is to say of who is here.
template <class Message>
void note_goal(caf::stateful_actor<supervisor_state>* self, subspace_id at, goal_id goal, const Message& m) {
  note(*self->state.ctx, address_of<role::subspace>(at), address_of<role::goal_buddy>(goal), m);
}

} // namespace ammo
