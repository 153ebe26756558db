/// A look at the health of every part, for a call that asks for it.
/// Lives here: the bridge's part in it. May not live here: what a part is asked, and how it answers.
#pragma once

#include "runtime/host/bridge_actor.hpp"

#include <cstdint>
#include <utility>

namespace ammo {

/// The number of a question that goes out, and its entry (bridge_actor.cpp, as `answer`).
std::pair<std::uint64_t, bridge_state::waiting*> remember(caf::stateful_actor<bridge_state>* self, bridge_state::waiting w);
/// An answer that promises something leaves once all that was noted before it is durable.
void answer(caf::stateful_actor<bridge_state>* self, std::uint64_t request, host_answer a);

/// Asks every part when it gets round to a message.
void look_at_health(caf::stateful_actor<bridge_state>* self, bridge_state::waiting from);
/// A part has got round to it.
void follow_health(caf::stateful_actor<bridge_state>* self, const health_sign& m);
/// All that is known of everybody's health, once all have answered or their time is over.
void tell_health(caf::stateful_actor<bridge_state>* self, std::uint64_t request);

} // namespace ammo
