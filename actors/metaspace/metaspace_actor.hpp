/// The body of a MetaSpace shard: proposals in, grants out, once a period the attention of its users to each subspace.
#pragma once

#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/metaspace/watch_book.hpp"
#include "actors/protocol/body.hpp"
#include "actors/protocol/fan_out.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace ammo {

struct metaspace_setup {
  context_ptr ctx;
  slate_caps caps;
  reward_rule rewards = reward_rule::exposure;
  std::uint32_t shard = 0, shards = 1;
  /// Without a simulation's clock: how often a period is closed and regret feedback sent on its way. 0: by the clock.
  std::chrono::milliseconds regret_interval{0};
  layout space = {};  ///< required for push
  std::uint64_t first_impression = 1; ///< see metaspace_config
  bool push = false;  ///< wake the users whose slates a new creation could enter
};

/// Behind the proposals that are waiting: time to send their grants. Never leaves the actor.
struct grants_due {};
/// More users are to be woken. Never leaves the actor.
struct wakes_due {};
/// More creations of a version are to be looked at. Never leaves the actor.
struct looks_due {};
/// Time to close a period by oneself. Never leaves the actor.
struct regret_due {
  static constexpr std::chrono::milliseconds again{1'000};
};

struct metaspace_state {
  static constexpr const char* name = "ammo.metaspace";
  body_context* ctx = nullptr;
  std::shared_ptr<const metaspace_setup> setup;
  std::optional<metaspace_mind> mind;
  fan_out_to<role::user_buddy> users;
  std::vector<bool> subspaces; ///< which have published
  slates_granted grants;             ///< not sent yet
  std::vector<std::uint64_t> asked;  ///< the host's requests among them
  std::uint64_t period = 0;           ///< closed by oneself
  std::optional<watch_book> watched; ///< for push
  std::optional<strain_news> strains; ///< that play now, for who comes later
  std::optional<people_news> people;  ///< what people's rewards are like, for who comes later
  struct wake_call {
    packed<role::metaspace, wake> what;
    std::vector<user_id> users; ///< still to be woken
  };
  std::deque<wake_call> wakes;       ///< on their way, in turns
  std::deque<watch_book::call> looks; ///< of versions, oldest first: whom what is fresh wakes isn't all known yet
  /// Also after a failure: what it knows comes again from others, but for what watches for pushes, which does with the next reward.
  void renew();
  [[nodiscard]] address_of<role::metaspace> me() const { return address_of<role::metaspace>(setup->shard); }
  /// The AiPP shard of the same users.
  [[nodiscard]] address_of<role::aipp> aipp() const { return address_of<role::aipp>(setup->shard); }
};

caf::behavior metaspace(caf::stateful_actor<metaspace_state>* self, std::shared_ptr<const metaspace_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::grants_due)
AMMO_LOCAL_MESSAGE(ammo::wakes_due)
AMMO_LOCAL_MESSAGE(ammo::looks_due)
AMMO_LOCAL_MESSAGE(ammo::regret_due)
