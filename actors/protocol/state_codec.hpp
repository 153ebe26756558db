/// The msgpack form of every mind's state: a snapshot is the array [version, kind, what is shared, body].
///
/// Lives here: encoding and decoding. A snapshot is self-contained: catalogue versions and embeddings that its parts hold are in
/// it, each once. Never throws; bytes are untrusted. A decoded state is well-formed, its numbers finite; whether it
/// makes sense is judged by the mind that is restored from it.
#pragma once

#include "actors/protocol/codec.hpp"
#include "actors/protocol/states.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ammo {

/// Versions count from the end of the state issue; until then snapshots may change without notice.
inline constexpr std::uint32_t state_version = 0;

/// What a snapshot may hold: more than a frame, for it comes from the own store.
inline constexpr wire_limits state_limits{.bytes = std::size_t{1} << 30,
                                          .elements = std::size_t{1} << 28,
                                          .depth = 32,
                                          .text = std::size_t{1} << 16,
                                          .rows = std::uint32_t{1} << 28,
                                          .unfolded = std::size_t{1} << 31};

/// The snapshot of a state. Equal states give equal bytes.
template <class State> [[nodiscard]] frame encode_state(const State& s);

/// The state in a snapshot. Fields missing at the end take their defaults, additional ones are ignored.
/// Errors: those of `gate`, `frame_wrong_version`, `frame_unknown_type` (the state of another kind of mind),
/// `frame_wrong_shape`, `frame_too_large`.
template <class State>
[[nodiscard]] result<State> decode_state(std::span<const std::byte> bytes, const wire_limits& limits = state_limits);

// Instantiated in state_codec.cpp for each of AMMO_EACH_STATE.

/// The name of a state's struct by its kind, e.g. "subspace_mind_state"; "unknown" where there is none.
[[nodiscard]] std::string_view state_name(std::uint16_t kind) noexcept;

} // namespace ammo
