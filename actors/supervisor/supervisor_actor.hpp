/// The Supervisor: takes User Buddies and Goal Buddies in, introduces them to the rest, and starts a failed one again.
#pragma once

#include "actors/goal_buddy/goal_buddy_actor.hpp"
#include "actors/protocol/body.hpp"
#include "actors/protocol/unit_moves.hpp"
#include "actors/user_buddy/user_buddy_actor.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

/// Who was here before a restart.
struct recovered_buddies {
  std::vector<std::shared_ptr<user_mind>> users; ///< each is taken
  std::vector<admit_goal> goals;                 ///< members of their Subspaces' minds
  std::unordered_map<std::uint64_t, goal_mind_state> minds; ///< by Goal Buddy: of those that move, as of the last snapshot
};

/// Units that have come to this node, with who is in them. The bridge is told once all are at work. Never leaves the process.
struct buddies_came {
  std::vector<std::pair<std::uint32_t, std::shared_ptr<user_config>>> shards; ///< what their users are made by
  recovered_buddies who;
  units_came then;
};
/// More of them are to be started. Never leaves the actor.
struct start_more {};

/// A buddy that was told to go should have ended by now. Never leaves the actor.
struct end_due {
  static constexpr std::chrono::milliseconds after{100};
  caf::actor_addr of;
};

struct supervisor_setup {
  context_ptr ctx;
  std::vector<std::shared_ptr<const user_buddy_links>> users; ///< by shard: what a user of that shard gets
  std::vector<goal_config> goals;                             ///< by subspace
  std::optional<address_of<role::population>> population{};   ///< learns the prior of new users
  std::optional<address_of<role::host>> host{};               ///< is told when a user leaves
  std::shared_ptr<recovered_buddies> recovered{}; ///< are started first; null: nobody
  bool units_move = false; ///< of a node: no user shard is here at first
  /// A buddy that fails more often than this within `restart_window` is given up (`actor_failed`).
  std::uint32_t restarts = failure_book::most;
  std::chrono::seconds restart_window = failure_book::window;
};

struct supervisor_state {
  static constexpr const char* name = "ammo.supervisor";
  /// One buddy under supervision.
  struct charge {
    std::shared_ptr<const goal_buddy_setup> goal; ///< of a Goal Buddy
    std::vector<time_source::instant> failures{};
    std::uint64_t life = 0; ///< of a User Buddy, see ended_lives
    bool leaving = false; ///< was dismissed, and still answers what it was asked before
    bool sleeps = false;  ///< ends, and its user is a row of the store
    /// What is asked for a user meanwhile waits for the User Buddy's end, in order: an address is one actor's. Admissions and
    /// dismissals take turns, an admission first.
    struct waiting_turn {
      address_of<role::host, role::clock> asker;
      std::uint64_t request = 0;
    };
    std::vector<waiting_turn> waiting{};
    std::uint64_t request = 0; ///< of a Goal Buddy that leaves: the host's
    /// What is asked for a Goal Buddy meanwhile waits for its end, in order.
    std::vector<std::pair<std::variant<admit_goal, dismiss_goal>, address_of<role::host, role::clock>>> later{};
    /// Whether the user is there once all that waits has been done.
    [[nodiscard]] bool will_be_here() const noexcept { return leaving == (waiting.size() % 2 == 1); }
  };

  body_context* ctx = nullptr;
  std::shared_ptr<const supervisor_setup> setup;
  std::vector<std::shared_ptr<const user_buddy_links>> links; ///< by shard: what a new user gets, with the newest prior
  std::unordered_map<std::uint64_t, charge> users, goals;     ///< by id
  std::unordered_map<std::uint64_t, subspace_id> given_up;    ///< Goal Buddies that keep failing; what they have live stays
  std::unordered_map<caf::actor_addr, address> buddies;       ///< whose actor it is that has ended
  std::size_t leaving = 0, goals_leaving = 0;                 ///< of the users, of the Goal Buddies
  std::uint64_t lives = 0;                                    ///< of User Buddies, so far
  std::deque<buddies_came> coming;                            ///< not all at work yet
  std::vector<bool> shards_here;
  std::optional<units_go> going;                              ///< whose buddies haven't all ended
  std::unordered_set<caf::actor_addr> ending;                 ///< these
  [[nodiscard]] std::uint32_t shard(user_id user) const noexcept { return shard_of(user, static_cast<std::uint32_t>(links.size())); }
  [[nodiscard]] static address_of<role::supervisor> me() { return the_supervisor; }
};

caf::behavior supervisor(caf::stateful_actor<supervisor_state>* self, std::shared_ptr<const supervisor_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::buddies_came)
AMMO_LOCAL_MESSAGE(ammo::start_more)
AMMO_LOCAL_MESSAGE(ammo::end_due)
