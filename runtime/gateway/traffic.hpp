/// What the gateway counts of its own: connections, requests by status, refusals by name.
#pragma once

#include "runtime/gateway/refusal.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace ammo::web {

/// Counters since the gateway started. Usable from any thread; each is exact, all together are of no one moment.
struct traffic {
  std::atomic<std::uint64_t> connections_open{0}, connections_taken{0}, requests{0}, bytes_in{0}, bytes_out{0};
  std::array<std::atomic<std::uint64_t>, 5> answers{};        ///< by hundreds of the status: 1xx … 5xx
  std::array<std::atomic<std::uint64_t>, faults> refused{};   ///< by fault: connections and requests that never reached the runtime

  void answered(unsigned status) noexcept {
    if (status >= 100 && status < 600)
      answers[status / 100 - 1].fetch_add(1, std::memory_order_relaxed);
  }
  void refuse(fault what) noexcept {
    if (what < fault::end_)
      refused[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
  }
};

} // namespace ammo::web
