/// How the body of a User Buddy proposes a slate: at once, or once its host's policy has chosen on a thread of its own.
/// Lives here: slates that wait for the policy, and who stands in for it. May not live here: what asks for a slate.
#pragma once

#include "actors/user_buddy/user_buddy_actor.hpp"

#include <cstdint>

namespace ammo {

/// The unit of this user's frames.
inline address unit_of(const user_buddy_state& s) { return address_of<role::aipp>(s.links->shard); }
inline void refuse(caf::stateful_actor<user_buddy_state>* self, errc code) { self->state.ctx->refused(self, code); }
void note_slate(caf::stateful_actor<user_buddy_state>* self, const slate_proposal& proposed, std::uint32_t situation);

/// Proposes, and counts what a host's policy did wrong.
result<slate_proposal> propose(caf::stateful_actor<user_buddy_state>* self, const slate_wish& w);
/// Sends a proposal on, or says to whoever asked why there is none.
void deliver(caf::stateful_actor<user_buddy_state>* self, const slate_wish& w, result<slate_proposal> proposal);
/// Proposes a slate, at once or once the host's policy has chosen.
void want_slate(caf::stateful_actor<user_buddy_state>* self, slate_wish w);
/// Asks the host's policy for the oldest slate that waits, unless it is at work for this user already.
void ask_policy(caf::stateful_actor<user_buddy_state>* self);
/// The host's policy has chosen, or failed.
void chosen(caf::stateful_actor<user_buddy_state>* self, policy_chose& m);
/// It has had its time.
void policy_time_over(caf::stateful_actor<user_buddy_state>* self, policy_due m);
/// Slates that wait for it are proposed without it.
void stand_in_for_all(caf::stateful_actor<user_buddy_state>* self);

} // namespace ammo
