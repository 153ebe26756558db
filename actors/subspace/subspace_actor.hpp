/// The body of a Subspace: the actor group of its User Buddies and Goal Buddies. Takes creations, publishes catalogue
/// periods, broadcasts regret feedback.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/protocol/fan_out.hpp"
#include "actors/subspace/attention_book.hpp"
#include "actors/subspace/period_mind.hpp"
#include "actors/subspace/publication_mind.hpp"
#include "actors/subspace/subspace_mind.hpp"

#include <chrono>
#include <optional>
#include <unordered_set>

namespace ammo {

struct subspace_setup {
  context_ptr ctx;
  subspace_config config;
  std::optional<address_of<role::host>> host; ///< is told of each user who knows this Subspace's catalogue
  std::uint32_t shards = 1; ///< of MetaSpace and of AiPP: they are told of every version first, and report once a period
  /// True: a simulation's clock opens and closes periods, and offers are taken in the order of Goal Buddies when one opens.
  /// False: offers are taken as they come, published within `publish_interval`, and answered once the version hangs where every
  /// User Buddy looks before it proposes: who has the verdict finds the creation live.
  bool clocked = false;
  std::chrono::milliseconds publish_interval{5};
  double lambda = 1; ///< weight of cost against visibility in a Goal Buddy's utility, of which Evolution is told
  std::shared_ptr<subspace_mind> recovered{}; ///< goes on with this one, and takes it; null: begins
  bool by_merit = false; ///< that visibility is counted in backward rewards
};

/// Time to publish what has changed. Never leaves the actor.
struct publish_due {};

struct subspace_state {
  static constexpr const char* name = "ammo.subspace";

  body_context* ctx = nullptr;
  std::shared_ptr<const subspace_setup> setup;
  std::optional<subspace_mind> mind;
  std::shared_ptr<const catalogue_version> published;
  fan_out_to<role::user_buddy, role::clock> users;
  fan_out_to<role::goal_buddy> goals;
  fan_out_to<role::goal_buddy> catalogue_readers; ///< those of the goals that want the news
  publication_mind publication;                   ///< not clocked
  period_mind periods;                            ///< clocked
  attention_book reports{1};
  std::optional<packed<role::subspace, regret_feedback>> last_regret; ///< for who comes later
  std::unordered_set<std::uint64_t> returning; ///< Goal Buddies of the mind recovered that haven't joined yet
  std::uint64_t noted = 0;                     ///< place of its last frame
  std::optional<time_source::instant> away; ///< it has failed, and waits for its mind as it was since then
  bool broadcasting = false;                   ///< regret feedback is still going out
  bool spreading = false;                      ///< so is a version
  std::optional<packed<role::subspace, catalogue_news>> newer; ///< than that one: goes out after it
  [[nodiscard]] address_of<role::subspace> me() const { return address_of<role::subspace>(setup->config.id); }
};

/// A clock that sends period_open gets period_opened, and period_closed.
caf::behavior subspace(caf::stateful_actor<subspace_state>* self, std::shared_ptr<const subspace_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::publish_due)
