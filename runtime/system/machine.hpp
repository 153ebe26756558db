/// What the machine gives: memory and threads, asked before anything is built on them.
#pragma once

#include "actors/base/result.hpp"
#include "ammo/options.hpp"

#include <cstdint>
#include <new>
#include <system_error>

namespace ammo {

/// Bytes that this process may still take: the least of the machine's free memory, its control group's and its address
/// space's. Never fails: what can't be read sets no bound.
[[nodiscard]] std::uint64_t memory_left() noexcept;

/// "users = 10,000,000 needs about 34 GB, 6 GB may be used". Errors: `not_enough_memory`.
[[nodiscard]] result<void> enough_memory(const char* what, std::uint64_t many, std::uint64_t bytes);

/// What `f` gives, or, where it throws, why: `not_enough_memory`, `system_refused`, `internal`.
template <class F>
[[nodiscard]] auto without_exceptions(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return failure{errc::not_enough_memory, {}};
  } catch (const std::system_error&) {
    return failure{errc::system_refused, {}};
  } catch (...) {
    return failure{errc::internal, {}};
  }
}

/// Threads that a deployment's actors take, with those of the actor system's own.
[[nodiscard]] std::uint32_t threads_of(const options& deployment) noexcept;

/// Does the system give so many threads? Starts and ends them once. Errors: `system_refused`.
[[nodiscard]] result<void> enough_threads(std::uint32_t threads);

} // namespace ammo
