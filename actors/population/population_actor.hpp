/// The body of the Population: asks rings of User Buddies for sums, learns what people in general are like, and tells the
/// Supervisor. In the background: a ring that doesn't come back in time is counted and dropped, and nobody waits for it.
#pragma once

#include "actors/population/population_mind.hpp"
#include "actors/protocol/body.hpp"
#include "actors/user_buddy/user_config.hpp"

#include <chrono>
#include <optional>

namespace ammo {

struct population_setup {
  context_ptr ctx;
  std::shared_ptr<const user_config> config;
  std::uint32_t cohort = 16;                   ///< k: members of a ring; ≥ 2
  std::uint32_t rings = 8;                     ///< most rings of a pass
  std::chrono::milliseconds interval{1000};    ///< from one pass to the next; pooled: the k-th takes k times as long, up to 60; 0: by the clock
  std::uint32_t shards = 0;                    ///< MetaSpace shards, whose users hear what is pooled
  std::chrono::milliseconds timeout{1000};     ///< for a pass's rings to come back
};

/// Time for a pass; and the end of the time that a pass has. Never leave the actor.
struct pass_due {
  static constexpr std::chrono::milliseconds again{1'000};
  std::uint64_t number = 0; ///< the one that was asked for last counts
};
struct pass_over {
  static constexpr std::chrono::milliseconds again{1'000};
  std::uint64_t pass = 0;
};

struct population_state {
  static constexpr const char* name = "ammo.population";
  body_context* ctx = nullptr;
  std::shared_ptr<const population_setup> setup;
  std::optional<population_mind> mind;
  bool clock_waits = false;
  std::uint64_t due = 0;   ///< number of the last `pass_due`
  std::uint64_t ended = 0; ///< the last pass that did
  [[nodiscard]] static address_of<role::population> me() { return the_population; }
};

/// User Buddies join once they have learned something; the Supervisor is told of each prior.
caf::behavior population(caf::stateful_actor<population_state>* self, std::shared_ptr<const population_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::pass_due)
AMMO_LOCAL_MESSAGE(ammo::pass_over)
