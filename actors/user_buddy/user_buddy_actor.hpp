/// The body of a User Buddy: messages to its mind, the mind's answers to messages.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/base/boxed.hpp"
#include "actors/user_buddy/push_book.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace ammo {

/// What all User Buddies of a MetaSpace shard share.
struct user_buddy_links {
  context_ptr ctx;
  std::shared_ptr<const user_config> config;
  address_of<role::metaspace> metaspace; ///< the shard that arbitrates for these users
  std::uint32_t slots = 5; ///< N of a clock's round and of a push
  bool push = false;       ///< propose a push when a new creation would enter the slate
  std::uint32_t subspaces = 0;                      ///< are told of a stated interest, without whose it is
  std::optional<address_of<role::population>> population{}; ///< is joined once something is learned
  std::uint32_t pushes = 12;                        ///< most proposed in one interval; more are `push_limited`
  std::chrono::milliseconds push_interval{3'600'000};
  float push_slack = 0.1f; ///< share of its length that the mean may move by before a buddy registers again
};

struct user_buddy_state {
  static constexpr const char* name = "ammo.user_buddy";
  body_context* ctx = nullptr;
  std::shared_ptr<const user_buddy_links> links;
  std::optional<user_mind> mind;
  std::uint32_t rounds_left = 0; ///< of the clock's tick
  boxed<push_book> push;         ///< where pushes are proposed
  [[nodiscard]] address_of<role::user_buddy> me() const { return address_of<role::user_buddy>(mind->user()); }
};

/// Plays one user.
caf::behavior user_buddy(caf::stateful_actor<user_buddy_state>* self, std::shared_ptr<const user_buddy_links> links, user_id user);

} // namespace ammo
