/// The body of an AiPP shard: grants become deliveries or a simulated person's feedback, feedback becomes reward.
#pragma once

#include "actors/aipp/aipp_mind.hpp"
#include "actors/aipp/reward_variety.hpp"
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
  std::optional<address_of<role::host>> host; ///< receives slate_delivery; nobody in a simulation
  std::vector<std::pair<user_id, person>> people; ///< of a simulation; the others join as the host's users
  std::shared_ptr<reward_variety> variety{}; ///< all shards'; null: nobody asks
  std::shared_ptr<aipp_mind> recovered{}; ///< goes on with this one, and takes it; null: begins
};

struct aipp_state {
  static constexpr const char* name = "ammo.aipp";
  body_context* ctx = nullptr;
  context_ptr keep;
  std::optional<aipp_mind> mind;
  std::optional<address_of<role::host>> host;
  std::shared_ptr<reward_variety> variety;
  std::uint32_t shard = 0;
  bool clock_waits = false; ///< for the period to have been played
  bool evolves = false;     ///< its users play strains
  bool noted_first = false; ///< see aipp_config
  std::optional<regret_report> report; ///< of the period that was played, until MetaSpace asks for it
  std::uint64_t period = 0; ///< of the clock
  std::uint64_t noted = 0;  ///< place of its last frame
  std::optional<time_source::instant> away; ///< it has failed, and waits for its mind as it was since then
  [[nodiscard]] address_of<role::aipp> me() const { return address_of<role::aipp>(shard); }
};

/// Answers clock_tick with period_played, period_close with regret_report.
caf::behavior aipp(caf::stateful_actor<aipp_state>* self, std::shared_ptr<aipp_setup> setup);

} // namespace ammo
