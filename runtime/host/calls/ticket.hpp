/// The promise of an answer to one call of a host, and its deadline.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/base/context.hpp"
#include "actors/base/trace.hpp"
#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"
#include "ammo/runtime.hpp"
#include "runtime/host/calls/place.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

/// How every part of the runtime is: asked of all of them, answered in time whoever is silent. Never leaves the process.
struct health_request {
  std::uint64_t request = 0;
};
struct health_answer {
  struct part {
    address of;
    bool answers = false; ///< it said so in time
    std::chrono::nanoseconds waited{};
    std::uint64_t failures = 0;
    bool quarantined = false;
  };
  std::vector<part> parts;
  failure store{errc::ok, {}}; ///< ok: what must be durable can be
};

/// A slate on its way to whoever asked.
struct granted_slate {
  slate_delivery of;
  bool provisional = false;
};

using host_question = std::variant<slate_request, feedback, graded_feedback, stated_preference, belief_request, creation_offer, creation_withdrawal, admit_user,
                                   dismiss_user, admit_goal, dismiss_goal, statistics_request, interest_statement, writing_request,
                                   evolution_request, health_request, explain_request>;
using host_answer =
  std::variant<failure, granted_slate, feedback_verdict, creation_verdict, admission, belief, runtime_statistics, written_news,
               evolution_report, health_answer, explained>;

/// Does what is asked change anything but the asking user's count of slates?
[[nodiscard]] bool changes(const host_question& q) noexcept;

/// A call ends once: with its answer, at its deadline, or (where nobody can answer any more) as `stopped`. Whoever claims the end
/// first makes it. It belongs to the trace that the thread works for which makes it. Usable from any thread.
class ticket {
public:
  /// Takes the answer, on whatever thread there is: it must not block and not throw. It owns the answer's place.
  using taker = std::function<void(host_answer, place)>;

  ticket(taker done, place held, std::shared_ptr<context> ctx, time_source::instant due, std::uint64_t key, std::uint64_t holder = 0)
    : done_(std::move(done)), place_(std::move(held)), ctx_(std::move(ctx)), due_(due), key_(key), holder_(holder), trace_(trace_scope::current()) {}
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() { answer(failure{errc::stopped, {}}); }

  /// The call is handed on to whoever carries it out. False: its deadline has come, and nothing of it may happen.
  [[nodiscard]] bool hand_on() noexcept {
    auto expected = stage::made;
    return at_.compare_exchange_strong(expected, stage::handed_on, std::memory_order_acq_rel);
  }
  /// True once: the caller has to `finish` it.
  [[nodiscard]] bool claim() noexcept { return at_.exchange(stage::ended, std::memory_order_acq_rel) != stage::ended; }
  void finish(host_answer a) noexcept;
  void answer(host_answer a) {
    if (claim())
      finish(std::move(a));
  }
  /// The deadline has come. `timed_out`: nothing has happened. `outcome_unknown`: it may have.
  void expire(std::chrono::milliseconds after);

  [[nodiscard]] bool ended() const noexcept { return at_.load(std::memory_order_acquire) == stage::ended; }
  [[nodiscard]] time_source::instant due() const noexcept { return due_; }
  [[nodiscard]] const shared_trace& trace() const noexcept { return trace_; }
  [[nodiscard]] std::uint64_t holder() const noexcept { return holder_; } ///< whose key it is

private:
  enum class stage : std::uint8_t { made,
                                    handed_on,
                                    ended };
  taker done_;
  place place_;
  std::shared_ptr<context> ctx_;
  time_source::instant due_;
  std::uint64_t key_; // of a call that changes something; else 0
  std::uint64_t holder_;
  shared_trace trace_;
  std::atomic<stage> at_{stage::made};
};

} // namespace ammo
