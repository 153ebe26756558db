/// The msgpack form of every message: a frame is the array [version, type, source, term, sequence, time, body].
///
/// Lives here: encoding, decoding, and the gate that refuses hostile bytes before anything is allocated.
/// Never throws; bytes are untrusted.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/base/result.hpp"
#include "actors/base/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace ammo {

namespace detail {
template <class List> struct variant_of;
template <class... Ts> struct variant_of<type_list<Ts...>> { using type = std::variant<Ts...>; };
} // namespace detail

inline constexpr std::uint32_t wire_version = 1;

/// What stands around a message in its frame.
struct envelope {
  std::uint32_t version = wire_version; ///< encode writes its own, whatever stands here
  std::uint16_t type = 0;     ///< set by encode
  address source{};           ///< who sent it
  std::uint64_t term = 0;    ///< the sender's term
  std::uint64_t sequence = 0; ///< counts up for a (source, term)
  std::int64_t time_us = 0;   ///< microseconds since 1970, UTC; 0 when not given
  std::optional<trace_context> trace{}; ///< of the request that it was sent for; stands with the source, and only beside an actor's
  friend bool operator==(const envelope&, const envelope&) = default;
};

using frame = std::vector<std::byte>;

/// What the gate allows. Defaults are those of every node.
struct wire_limits {
  std::size_t bytes = std::size_t{1} << 24;    ///< longest frame
  std::size_t elements = std::size_t{1} << 20; ///< most values in a frame, nested ones included
  std::size_t depth = 16;                      ///< deepest nesting; 32 at most, whatever stands here
  std::size_t text = std::size_t{1} << 16;     ///< longest string, bytes
  std::uint32_t rows = std::uint32_t{1} << 20; ///< most rows of a catalogue_news, live and free
  std::size_t unfolded = std::size_t{1} << 25; ///< most memory that the panels of a catalogue_news may take, bytes
};

/// Walks the bytes once; allocates nothing but the parser's stack, of fixed size.
/// Errors: `frame_truncated`, `frame_trailing_bytes`, `frame_too_deep`, `frame_too_large`, `frame_duplicate_key`,
/// `frame_bad_utf8`, `frame_bad_extension`, `not_finite`, `frame_wrong_shape` (not msgpack, or a map's key that isn't
/// text); the detail gives the byte offset. What a frame declares counts against the limits at once. Maps may have
/// 32 keys open at one place (more: `frame_too_large`). Extensions are 1, an embedding, and 2, the rows of a catalogue;
/// others are refused.
[[nodiscard]] result<void> gate(std::span<const std::byte> bytes, const wire_limits& limits = {});

/// The frame of a message. Never fails: messages hold values only. What breaks the limits (a NaN, a catalogue over
/// 16 MiB) is refused where it is decoded.
template <class Message>
[[nodiscard]] frame encode(const Message& m, envelope around = {});

/// Appends to `out` instead of allocating a fresh frame.
template <class Message>
void encode_to(frame& out, const Message& m, envelope around = {});

/// Reads the envelope alone (after `gate`; safe on any bytes). Errors: `frame_wrong_version`, `frame_wrong_shape`,
/// `frame_truncated`, `frame_too_large`.
[[nodiscard]] result<envelope> peek(std::span<const std::byte> bytes, const wire_limits& limits = {});

/// The message in a frame: gate, envelope, body. Fields missing at the end take their defaults (an older sender),
/// additional ones at the end are ignored (a newer sender). A catalogue_news must hold the whole of its block.
/// Errors: those of `gate`, `frame_wrong_version`, `frame_unknown_type` (another type than Message), `frame_wrong_shape`.
template <class Message>
[[nodiscard]] result<Message> decode(std::span<const std::byte> bytes, envelope* around = nullptr,
                                     const wire_limits& limits = {});

// Instantiated in codec.cpp for each of `all_messages`.

/// Some message, whichever it is: a std::variant of `all_messages` in their order.
using any_message = detail::variant_of<all_messages>::type;

/// The message in a frame, of whatever type its envelope names. Errors: those of `decode`.
[[nodiscard]] result<any_message> decode_any(std::span<const std::byte> bytes, envelope* around = nullptr,
                                             const wire_limits& limits = {});

/// The name of a message's struct by its number on the wire, e.g. "slate_proposal"; "unknown" where there is none.
[[nodiscard]] std::string_view message_name(std::uint16_t type) noexcept;

} // namespace ammo
