/// A Subspace's stand-in at a node that doesn't have it: what the Subspace tells everybody crosses a link once, and goes round to the people of this node from
/// here; what they tell the Subspace goes to the node that has it.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/protocol/fan_out.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace ammo {

struct subspace_relay_setup {
  context_ptr ctx; ///< with `others`
  subspace_id id{};
  std::uint32_t shards = 1; ///< of MetaSpace and of AiPP; those that are here are told first
};

/// Whoever plays a Subspace's address at this node ends, as its unit comes or goes: its User Buddies join whoever has the address now. Never leaves the process.
struct hand_members {};

struct subspace_relay_state {
  static constexpr const char* name = "ammo.subspace_relay";
  body_context* ctx = nullptr;
  std::shared_ptr<const subspace_relay_setup> setup;
  std::shared_ptr<const catalogue_version> published; ///< the newest that was heard of
  fan_out_to<role::user_buddy> users;
  std::optional<packed<role::subspace, regret_feedback>> last_regret; ///< for who comes later
  bool broadcasting = false;                                          ///< regret feedback is still going out
  bool spreading = false;                                             ///< so is a version
  std::optional<packed<role::subspace, catalogue_news>> newer;        ///< than that one: goes out after it
  [[nodiscard]] address_of<role::subspace> me() const { return address_of<role::subspace>(setup->id); }
};

caf::behavior subspace_relay(caf::stateful_actor<subspace_relay_state>* self, std::shared_ptr<const subspace_relay_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::hand_members)
