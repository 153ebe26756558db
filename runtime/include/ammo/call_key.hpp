/// What makes a call that changes something repeatable.
#pragma once

#include <cstdint>

namespace ammo {

/// The idempotency key of a call that changes something: a number of the host's own below 2^63, for one call and its repeats. A
/// repeat gets the answer of the first call, or waits for it with that; the last 16,384 keys that were answered are known. 0: the
/// runtime makes one, and tells it where the host may need it (`failure::key`).
/// `holder`: for whom the host calls, a number of its own, where it calls for many who don't trust one another: where there is no room for another key, whoever
/// holds most of them loses the oldest, so that nobody pushes out the keys of those who hold fewer. It is no part of the key.
struct call_key {
  std::uint64_t value = 0;
  std::uint64_t holder = 0;
  constexpr call_key() = default;
  constexpr explicit call_key(std::uint64_t v, std::uint64_t of = 0) noexcept : value(v), holder(of) {}
};

} // namespace ammo
