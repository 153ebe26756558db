/// What the gateway counts of its own: connections, requests by status, refusals by name.
#pragma once

#include "runtime/gateway/text/refusal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace ammo::web {

/// Upper bounds of the buckets of times from a request to its answer, in seconds; one more bucket has what took longer.
inline constexpr std::array duration_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0};

/// Counters since the gateway started. Usable from any thread; each is exact, all together are of no one moment.
struct traffic {
  std::atomic<std::uint64_t> connections_open{0}, connections_taken{0}, requests{0}, bytes_in{0}, bytes_out{0};
  std::array<std::atomic<std::uint64_t>, 5> answers{};        ///< by hundreds of the status: 1xx … 5xx
  std::array<std::atomic<std::uint64_t>, faults> refused{};   ///< by fault: connections and requests that never reached the runtime

  std::array<std::atomic<std::uint64_t>, duration_bounds.size() + 1> durations{}; ///< by bucket
  std::atomic<std::uint64_t> duration_ns{0};                                      ///< sum

  void took(std::chrono::nanoseconds time) noexcept {
    const auto seconds = std::chrono::duration<double>(time).count();
    const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(duration_bounds, seconds) - duration_bounds.begin());
    durations[bucket].fetch_add(1, std::memory_order_relaxed);
    duration_ns.fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
  }
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
