/// The bridge: where calls of host threads become messages of the protocol, and their answers callbacks.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/protocol/unit_moves.hpp"
#include "runtime/host/admission/admissions.hpp"
#include "runtime/host/calls/callback_runner.hpp"
#include "runtime/host/calls/key_book.hpp"
#include "runtime/host/calls/request_book.hpp"
#include "runtime/host/calls/ticket.hpp"
#include "runtime/system/actor_graph.hpp"
#include "runtime/system/gauges.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace ammo {

/// A host thread → bridge. Never leaves the process.
struct host_call {
  host_question question;
  std::shared_ptr<ticket> asker;
  std::uint64_t key = 0; ///< of a call that changes something
  bool given = false;    ///< the key is the host's, who may repeat it
  bool looked = false;   ///< it is known whether its user sleeps
  address unit{};        ///< the address that stands for the unit that it is for (see `frame_log`); nobody: it is found out
};
struct host_stops {};
/// From the state's log: every place up to this one is durable.
struct log_durable {
  static constexpr bool overtakes = true; ///< answers wait for it, and it only grows
  std::uint64_t place = 0;
};
struct patience_due {};
/// Whoever hasn't answered a look at their health by now is reported as silent.
struct health_due {
  std::uint64_t request = 0;
};

/// Whom the bridge sends questions to.
struct bridge_setup {
  context_ptr ctx;
  std::uint32_t shards = 1, subspaces = 1;
  bool evolves = false;
  std::shared_ptr<callback_runner> callbacks{}; ///< required: takes pushes
  /// An answer that comes later than this finds no request any more. The call has had its deadline long before.
  std::chrono::milliseconds patience{60'000};
  // What was here before a restart.
  std::vector<user_id> users{};
  std::vector<std::pair<goal_id, subspace_id>> goals{};
  std::vector<key_frame> keys{}; ///< in the order of their answers
  bool strict_slates = false; ///< a slate is delivered once it is durable
  bool units_move = false;    ///< of a node: no unit is here at first
};

struct bridge_state {
  static constexpr const char* name = "ammo.bridge";
  struct waiting {
    std::shared_ptr<ticket> asker;
    std::uint64_t key = 0;                          ///< 0: the call changes nothing
    bool given = false;
    std::vector<std::shared_ptr<ticket>> repeats{}; ///< under the same key
    std::size_t answers = 1; ///< still missing (statistics come from many)
    bool sums = false;       ///< of statistics
    bool answered = false;   ///< its answer is among `bridge_state::held`
    gauge_values held{};     ///< by those who have answered
    std::vector<compared_arms> compared{}; ///< the same
    std::optional<health_answer> health{};  ///< of a look at it: what is known so far
    address unit{};                         ///< what becomes of it is part of this unit
    /// For it, and for its repeats.
    void end(const failure& why) const {
      asker->answer(why);
      for (const auto& repeat : repeats)
        repeat->answer(why);
    }
  };
  body_context* ctx = nullptr;
  std::shared_ptr<const bridge_setup> setup;
  std::vector<bool> shards_here, subspaces_here;
  bool rest_here = false; ///< what is of no shard and no subspace
  std::optional<request_book<waiting>> under_way;
  std::optional<admissions> admitted;
  key_book keys;
  /// A user who is falling asleep or waking up, and what is called meanwhile, in order. Nobody else is a host's to call.
  struct dozer {
    bool falls = false;     ///< asleep, and isn't yet
    std::uint64_t life = 0; ///< of one who falls asleep
    std::shared_ptr<sleep_attempt> attempt{}; ///< the same
    std::vector<host_call> calls{};
  };
  std::unordered_map<std::uint64_t, dozer> dozers; ///< by user
  static constexpr std::size_t most_waiting_calls = 65'536;
  std::size_t waiting_calls = 0; ///< of all dozers
  time_source::instant looked_for_ended{};
  struct held_slate {
    slate_delivery slate;
    address_of<role::aipp> shard;
  };
  /// An answer, or a slate of a deployment that is strict with them, that waits until what makes it true is durable.
  struct held_answer {
    std::uint64_t place = 0; ///< in the log
    std::uint64_t request = 0;
    std::variant<host_answer, held_slate> what;
  };
  std::deque<held_answer> held; ///< by place; no more than requests are under way, and `most_held_pushes`
  static constexpr std::size_t most_held_pushes = 4'096;
  std::size_t held_pushes = 0;
  std::uint64_t durable = 0;    ///< up to this place
  bool watching = false; ///< a look at what is given up is due
  [[nodiscard]] static address_of<role::host> me() { return the_host; }
};

/// Serves host_call and host_stops. No code of a host runs in it.
caf::behavior bridge(caf::stateful_actor<bridge_state>* self, std::shared_ptr<const bridge_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::host_call)
AMMO_LOCAL_MESSAGE(ammo::host_stops)
AMMO_LOCAL_MESSAGE(ammo::log_durable)
AMMO_LOCAL_MESSAGE(ammo::patience_due)
AMMO_LOCAL_MESSAGE(ammo::health_due)
