/// The body of an AiPP shard: grants become deliveries or a simulated person's feedback, feedback becomes reward.
#pragma once

#include "actors/aipp/aipp_mind.hpp"
#include "actors/protocol/body.hpp"
#include "actors/protocol/fan_out.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace ammo {

/// Who a shard of AiPP is for, and where deliveries go.
struct aipp_setup {
  context_ptr ctx;
  aipp_config config;
  caf::actor host; ///< receives slate_delivery; may be null in a simulation
  std::vector<std::pair<user_id, person>> people; ///< of a simulation; the others join as the host's users
};

struct aipp_state {
  static constexpr const char* name = "ammo.aipp";
  body_context* ctx = nullptr;
  context_ptr keep;
  std::optional<aipp_mind> mind;
  std::unordered_map<std::uint64_t, caf::actor> buddies; ///< by user
  caf::actor host, clock;
  caf::actor evolution; ///< whose strains its users play; null: nobody's
  std::optional<regret_report> report; ///< of the period that was played, until MetaSpace asks for it
  std::uint64_t period = 0; ///< of the clock
};

/// Handles join, leave, catalogue_news, clock_tick, slate_granted, feedback, strain_news, period_close, statistics_request.
/// The sender of clock_tick gets period_played; the sender of period_close gets regret_report.
caf::behavior aipp(caf::stateful_actor<aipp_state>* self, std::shared_ptr<aipp_setup> setup);

} // namespace ammo
