/// The body of Evolution: hears how strains do, and tells everyone of the next generation. In the background: nobody waits for
/// it, and a buddy plays its new strain from its next slate or move on.
#pragma once

#include "actors/evolution/evolution_mind.hpp"
#include "actors/protocol/body.hpp"
#include "actors/protocol/state/evolution_state.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace ammo {

struct evolution_setup {
  context_ptr ctx;
  evolution_mind mind;
  std::uint32_t shards = 1, subspaces = 1; ///< the hubs: they pass the strains on and report on them
  std::chrono::milliseconds interval{0}; ///< of a generation; 0: a simulation's clock ends it
};

/// Time to end a generation by oneself; where somebody hasn't reported yet, one interval later. Never leaves the actor.
struct generation_due {
  static constexpr std::chrono::milliseconds again{1'000};
  bool late = false;
};

struct evolution_state {
  static constexpr const char* name = "ammo.evolution";
  body_context* ctx = nullptr;
  std::shared_ptr<evolution_setup> setup;
  evolution_mind_state as_it_was; ///< when its last generation began
  /// After a failure: as it was then. Reports since are lost, so who made them counts as silent in this generation.
  void renew();
  [[nodiscard]] static address_of<role::evolution> me() { return the_evolution; }
};

/// Tells all hubs of strains: the shards of MetaSpace, then those of AiPP, then the Subspaces. Whoever wires Evolution tells
/// them of the founders so, in its name.
void tell_hubs(body_context& ctx, std::uint32_t shards, std::uint32_t subspaces, const strain_news& news,
               caf::execution_unit* on = nullptr);

/// A clock's period_close ends a generation; it is answered with strain_news, behind everyone else's.
caf::behavior evolution(caf::stateful_actor<evolution_state>* self, std::shared_ptr<evolution_setup> setup);

/// Its stand-in at a node that doesn't have it.
struct evolution_relay_state {
  static constexpr const char* name = "ammo.evolution_relay";
  body_context* ctx = nullptr;
  [[nodiscard]] static address_of<role::evolution> me() { return the_evolution; }
};
caf::behavior evolution_relay(caf::stateful_actor<evolution_relay_state>* self, context_ptr ctx, std::uint32_t shards, std::uint32_t subspaces);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::generation_due)
