/// What goes around a ring of User Buddies, with where it goes next. Never leaves the process.
#pragma once

#include "actors/protocol/body.hpp"

#include <vector>

namespace ammo {

struct ring_turn {
  prior_sum sum;
  std::vector<caf::actor> next; ///< those whose turn is still to come, nearest last; the Population actor is the first entry
};

/// Sends it on.
template <class Self>
void pass_on(Self* self, body_context& ctx, ring_turn turn) {
  auto to = std::move(turn.next.back());
  turn.next.pop_back();
  turn.sum = over_the_wire(ctx, std::move(turn.sum));
  ctx.count.sent(self, 1);
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(
    caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(turn)), self->context());
}

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::ring_turn)
