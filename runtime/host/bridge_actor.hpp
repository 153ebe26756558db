/// The bridge: where calls of host threads become messages of the protocol, and their answers callbacks.
#pragma once

#include "actors/protocol/body.hpp"
#include "ammo/runtime.hpp"
#include "runtime/host/admissions.hpp"
#include "runtime/host/request_book.hpp"
#include "runtime/system/actor_graph.hpp"
#include "runtime/system/gauges.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

using host_question = std::variant<slate_request, feedback, graded_feedback, stated_preference, belief_request, creation_offer, creation_withdrawal, admit_user,
                                   dismiss_user, admit_goal, statistics_request, interest_statement, writing_request,
                                   evolution_request>;
using host_answer =
  std::variant<failure, slate_delivery, feedback_verdict, creation_verdict, admission, belief, runtime_statistics, written_news,
               evolution_report>;

/// The promise of an answer: given exactly once, `stopped` where nobody else gave it (an actor ended, a message was lost).
class ticket {
public:
  ticket(std::function<void(host_answer)> done, std::shared_ptr<std::atomic<std::uint32_t>> under_way)
    : done_(std::move(done)), under_way_(std::move(under_way)) {}
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() { answer(failure{errc::stopped, {}}); }
  void answer(host_answer a);

private:
  std::function<void(host_answer)> done_;
  std::shared_ptr<std::atomic<std::uint32_t>> under_way_;
};

/// A host thread → bridge. Never leaves the process.
struct host_call {
  host_question question;
  std::shared_ptr<ticket> asker;
};
struct host_listens {
  std::function<void(const slate&)> on_push;
};
struct host_stops {};
struct deadline_due {};

/// Whom the bridge sends questions to.
struct bridge_setup {
  context_ptr ctx;
  std::uint32_t shards = 1, subspaces = 1;
  bool evolves = false;
  std::chrono::milliseconds timeout{5000};
};

struct bridge_state {
  static constexpr const char* name = "ammo.bridge";
  struct waiting {
    std::shared_ptr<ticket> asker;
    std::size_t answers = 1; ///< still missing (statistics come from many)
    gauge_values held{};     ///< by those who have answered
  };
  body_context* ctx = nullptr;
  std::shared_ptr<const bridge_setup> setup;
  std::optional<request_book<waiting>> under_way;
  std::optional<admissions> admitted;
  std::function<void(const slate&)> on_push;
  bool watching = false; ///< a look at the deadlines is due
  [[nodiscard]] static address_of<role::host> me() { return the_host; }
};

/// Serves host_call, host_listens and host_stops.
caf::behavior bridge(caf::stateful_actor<bridge_state>* self, std::shared_ptr<const bridge_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::host_call)
AMMO_LOCAL_MESSAGE(ammo::host_listens)
AMMO_LOCAL_MESSAGE(ammo::host_stops)
AMMO_LOCAL_MESSAGE(ammo::deadline_due)
