#include "runtime/host/calls/ticket.hpp"

#include <string>
#include <type_traits>

namespace ammo {
namespace {

template <class T>
constexpr bool only_asks = std::is_same_v<T, slate_request> || std::is_same_v<T, belief_request> || std::is_same_v<T, statistics_request> ||
                           std::is_same_v<T, evolution_request> || std::is_same_v<T, health_request> || std::is_same_v<T, explain_request>;

} // namespace

bool changes(const host_question& q) noexcept {
  return std::visit(
    []<class Question>(const Question& m) {
      if constexpr (std::is_same_v<Question, writing_request>)
        return m.order == writing_order::publish;
      else
        return !only_asks<Question>;
    },
    q);
}

void ticket::finish(host_answer a) noexcept {
  const trace_scope part_of(trace_);
  const auto done = std::exchange(done_, nullptr);
  try {
    done(std::move(a), std::move(place_));
  } catch (...) { // a taker must not throw
    ctx_->refused(this, errc::callback_failed);
  }
}

void ticket::expire(std::chrono::milliseconds after) {
  const auto was = at_.exchange(stage::ended, std::memory_order_acq_rel);
  if (was == stage::ended)
    return;
  const bool unknown = key_ != 0 && was == stage::handed_on;
  failure late{unknown ? errc::outcome_unknown : errc::timed_out,
               "no answer within " + std::to_string(after.count()) + " ms (limits.request_timeout_ms)", unknown ? key_ : 0};
  if (unknown)
    late.detail += "; its repeat under key " + std::to_string(key_) + " is told what became of it";
  const trace_scope part_of(trace_);
  ctx_->refused(this, late.code);
  finish(std::move(late));
}

} // namespace ammo
