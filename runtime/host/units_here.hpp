/// Which units are here, and what the bridge does when they come and go.
/// Lives here: the bridge's part in it. May not live here: who takes units, and the buddies in them.
#pragma once

#include "runtime/host/bridge_actor.hpp"

#include <utility>
#include <vector>

namespace ammo {

/// Of the address that stands for a unit. One that no unit has counts as here: whoever answers says so.
[[nodiscard]] bool is_here(const bridge_state& s, address a);

/// Each part that has something to count, of the units that are here.
template <class F>
void each_counting_here(const bridge_state& s, F f) {
  each_counting(s.setup->shards, s.setup->subspaces, s.setup->evolves && s.rest_here, [&]<role R>(address_of<R> who) {
    const bool here = R == role::subspace ? s.subspaces_here[who.id()] : R == role::supervisor || R == role::evolution || s.shards_here[who.id()];
    if (here)
      f(who);
  });
}

/// Who was here before, and what was answered under keys.
void recover(caf::stateful_actor<bridge_state>* self, const std::vector<user_id>& users, const std::vector<std::pair<goal_id, subspace_id>>& goals,
             const std::vector<key_frame>& answers);
/// Units have come, and their bodies are at work.
void take_in(caf::stateful_actor<bridge_state>* self, units_came& m);
/// Units go. Calls that wait for users of theirs go to wherever these are.
void part_with(caf::stateful_actor<bridge_state>* self, units_go& m);

} // namespace ammo
