/// How a slate gets from AiPP to whoever asked, or to whoever listens for pushes.
/// Lives here: the bridge's part in it. May not live here: calls of any other kind.
#pragma once

#include "runtime/host/bridge_actor.hpp"

namespace ammo {

/// Hands a slate out, or holds it until it is durable.
void deliver(caf::stateful_actor<bridge_state>* self, slate_delivery& m, address_of<role::aipp, role::user_buddy> from);
/// One that was held, and is durable now.
void deliver_held(caf::stateful_actor<bridge_state>* self, bridge_state::held_slate& held);

} // namespace ammo
