/// The Supervisor: takes User Buddies and Goal Buddies in, introduces them to the rest, and starts a failed one again.
#pragma once

#include "actors/goal_buddy/goal_buddy_actor.hpp"
#include "actors/protocol/body.hpp"
#include "actors/base/random.hpp"
#include "actors/user_buddy/user_buddy_actor.hpp"

#include <atomic>
#include <chrono>
#include <unordered_map>
#include <vector>

namespace ammo {

struct supervisor_setup {
  context_ptr ctx;
  std::vector<std::shared_ptr<const user_buddy_links>> users; ///< by shard: what a user of that shard gets
  std::vector<caf::actor> aipp;                               ///< by shard
  std::vector<caf::actor> subspaces;                          ///< by subspace
  std::vector<goal_config> goals;                             ///< by subspace
  caf::actor population{};                                    ///< learns the prior of new users; may be null
  caf::actor host;                                            ///< is told when a user leaves; may be null
  /// A buddy that fails more often than this within `restart_window` is given up (`actor_failed`).
  std::uint32_t restarts = 5;
  std::chrono::seconds restart_window{60};
};

/// The shard of MetaSpace and AiPP that a user belongs to.
[[nodiscard]] inline std::size_t shard_of(user_id user, std::size_t shards) noexcept {
  return static_cast<std::size_t>(splitmix64(raw(user))() % shards);
}

struct supervisor_state {
  static constexpr const char* name = "ammo.supervisor";
  /// One buddy under supervision.
  struct charge {
    bool is_user = true;
    std::uint64_t id = 0;
    std::shared_ptr<const goal_buddy_setup> goal; ///< of a Goal Buddy
    std::vector<time_source::instant> failures;
  };

  body_context* ctx = nullptr;
  std::shared_ptr<const supervisor_setup> setup;
  std::vector<std::shared_ptr<const user_buddy_links>> links; ///< by shard: what a new user gets, with the newest prior
  std::unordered_map<std::uint64_t, caf::actor> users, goals; ///< by id
  std::unordered_map<caf::actor_addr, charge> charges;
};

/// Handles admit_user, dismiss_user, admit_goal, writing_request, prior_news, statistics_request.
caf::behavior supervisor(caf::stateful_actor<supervisor_state>* self, std::shared_ptr<const supervisor_setup> setup);

} // namespace ammo
