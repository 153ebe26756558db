/// What a runtime is put under: callers that ask, as hosts do, and what they were told.
#pragma once

#include "ammo/policy.hpp"
#include "ammo/runtime.hpp"
#include "bench/hosting.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace ammo::bench {

using bench_clock = std::chrono::steady_clock;

inline double seconds_since(bench_clock::time_point begun) {
  return std::chrono::duration<double>(bench_clock::now() - begun).count();
}

/// Of the values, that which a share of them doesn't exceed; 0 of none. Reorders them.
[[nodiscard]] double quantile(std::vector<double>& values, double share);

struct world {
  std::uint32_t users = 20'000, creations = 1'000, dim = 16, slots = 5;
};

/// A runtime with those creations, in random directions, and nobody in it yet. Null, and a word on standard error, where it can't start.
[[nodiscard]] std::unique_ptr<runtime> started(const options& deployment, const world& w, host_policies host = {});
[[nodiscard]] options deployment_of(const world& w);
/// Adds users `first` … `first + count - 1`; how many were.
std::uint64_t add_users(runtime& rt, std::uint64_t first, std::uint64_t count);

/// What callers were told in a time.
struct told {
  double seconds = 0;
  std::uint64_t ok = 0, refused = 0, others = 0; ///< refused: `overloaded`; ok: within those seconds
  double longest_silence_ms = 0;                 ///< the longest time without an answer that was ok
  std::vector<double> latency_ms;                ///< of what was ok
  std::vector<double> refusal_us;                ///< what a call took that was refused at once
  [[nodiscard]] double goodput() const noexcept { return static_cast<double>(ok) / seconds; }
};

/// Callers that ask without a pause, each the next as soon as the call has returned: the callback form, which doesn't wait.
[[nodiscard]] told spin(runtime& rt, const world& w, std::uint32_t threads, double seconds);
/// Two callers with so many asks under way together: what the runtime answers beside threads that spin without calling it.
[[nodiscard]] told answered_beside(runtime& rt, const world& w, std::uint32_t spinning, double seconds);
/// One caller that waits for each answer. `answers`: and gives feedback on all that it is shown.
[[nodiscard]] told one_by_one(runtime& rt, const world& w, double seconds, bool answers = false);

} // namespace ammo::bench
