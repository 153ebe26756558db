/// The body of a User Buddy: messages to its mind, the mind's answers to messages.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/base/boxed.hpp"
#include "actors/user_buddy/outside_runner.hpp"
#include "actors/user_buddy/push_book.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
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
  std::shared_ptr<outside_runner> policies{};       ///< where a host's policies run; null: in the User Buddy, without a budget
  std::chrono::milliseconds policy_budget{50};
  std::uint32_t shard = 0; ///< of these users: the unit of their frames
  float push_slack = 0.1f; ///< share of its length that the mean may move by before a buddy registers again
};

/// Slates that wait for the host's policy, oldest first. It is asked for one at a time.
struct outside_state {
  struct wanted {
    slate_wish wish;
    std::uint64_t number = 0;
  };
  std::deque<wanted> waiting;
  std::uint64_t last = 0;    ///< numbered so far
  std::uint64_t at_work = 0; ///< the number that the policy is at; 0: none
  /// Whose questions these are: an answer to the User Buddy that had this user before is nobody's.
  std::shared_ptr<const int> asker = std::make_shared<const int>(0);
};
/// The policy has chosen, or (nothing) failed.
struct policy_chose {
  std::uint64_t number = 0;
  std::shared_ptr<const int> asker;
  std::optional<host_choice_made> made;
};
struct policy_due {
  std::uint64_t number = 0;
};

struct user_buddy_state {
  static constexpr const char* name = "ammo.user_buddy";
  body_context* ctx = nullptr;
  std::shared_ptr<const user_buddy_links> links;
  std::optional<user_mind> mind;
  std::uint32_t rounds_left = 0; ///< of the clock's tick
  std::uint64_t noted = 0;       ///< place of its last frame
  std::optional<time_source::instant> away; ///< it has failed, and waits for its mind as it was since then
  boxed<push_book> push;         ///< where pushes are proposed
  std::unique_ptr<outside_state> outside; ///< where the host's policy runs elsewhere
  std::shared_ptr<const sleep_attempt> dozes; ///< it is about to leave memory, unless that was called off
  [[nodiscard]] bool whole() const { return static_cast<bool>(user_mind::restore(links->config, mind->save())); }
  [[nodiscard]] address_of<role::user_buddy> me() const { return address_of<role::user_buddy>(mind->user()); }
};

/// Plays one user. `recovered`: goes on with this mind, and takes it; null: a new one. `noted`: place of the last frame that is in that mind.
caf::behavior user_buddy(caf::stateful_actor<user_buddy_state>* self, std::shared_ptr<const user_buddy_links> links, user_id user,
                         std::shared_ptr<user_mind> recovered, std::uint64_t noted);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::policy_chose)
AMMO_LOCAL_MESSAGE(ammo::policy_due)
