/// What a deployment gives to all of its bodies: the time, the counters and the log sink.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/base/counters.hpp"
#include "actors/base/host_code.hpp"
#include "actors/base/log.hpp"

#include <initializer_list>
#include <memory>
#include <string_view>

namespace ammo {

/// Shared by every body of a deployment. `time` and `log` are set before the first actor starts, and never after.
struct context {
  std::shared_ptr<const time_source> time = machine_time(); ///< never null
  counters count;
  log_sink log;

  /// Writes a record, where the sink wants it, of the trace that the calling thread works for.
  void note(log_level level, std::string_view event, std::initializer_list<log_field> fields = {}) const noexcept {
    if (!log.wants(level))
      return;
    in_host_code here(this);
    log.write({level, event, {fields.begin(), fields.size()}, time->wall(), trace_scope::current().get()});
  }
  /// Counts `n` refusals, and notes them for whoever looks for a fault.
  void refused(const void* who, errc code, std::uint64_t n = 1) noexcept {
    count.refused(who, code, n);
    note(log_level::debug, "refused", {{"code", name_of(code)}, {"count", n}});
  }
};

} // namespace ammo
