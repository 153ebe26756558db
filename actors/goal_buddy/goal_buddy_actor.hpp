/// The body of a Goal Buddy: offers its mind's creations and hears what became of them.
#pragma once

#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/protocol/body.hpp"

#include <optional>

namespace ammo {

/// Everything that a Goal Buddy starts (and restarts) with.
struct goal_buddy_setup {
  context_ptr ctx;
  caf::actor subspace;
  caf::actor host; ///< is told of the first creation when `welcome.request` is set; may be null
  goal_config config;
  admit_goal welcome;
};

struct goal_buddy_state {
  static constexpr const char* name = "ammo.goal_buddy";
  body_context* ctx = nullptr;
  std::shared_ptr<const goal_buddy_setup> setup;
  std::optional<goal_mind> mind;
  bool welcomed = false; ///< its first creation has had its verdict
};

/// Makes its first offer once its Subspace has made it a member. Handles join_goal, catalogue_news, regret_feedback, creation_verdict,
/// strain_news, interest_notice, leave.
caf::behavior goal_buddy(caf::stateful_actor<goal_buddy_state>* self, std::shared_ptr<const goal_buddy_setup> setup);

} // namespace ammo
