/// Documents: bodies as values, from JSON or msgpack and back.
/// Lives here: the gate of what others wrote. May not live here: what a document must say.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace ammo::web {

/// Members stand in the order in which they were put in.
using document = nlohmann::ordered_json;

enum class form : std::uint8_t { json,
                                 msgpack };

inline constexpr std::size_t deepest = 16; ///< levels of arrays and objects in a document
inline constexpr std::size_t most_members = 256; ///< of one object

/// May binary data of msgpack be texts? Its raw type was both, once.
enum class raw_texts : std::uint8_t { refused,
                                      taken };

/// Reads a whole body. An EXT of type 1 in msgpack, little-endian float32, is an array of numbers, as on the wire of the runtime. Throws
/// `refusal`: `malformed_body`, `body_too_deep`, `repeated_member`, `bad_utf8`. O(bytes); nothing is allocated on a length's word alone.
[[nodiscard]] document read_document(std::string_view bytes, form as, raw_texts raw = raw_texts::refused);

/// Never throws but for want of memory: what isn't UTF-8 is shown as U+FFFD. In msgpack it uses neither bin, EXT nor str 8, which readers from before
/// 2013 don't know.
[[nodiscard]] std::string write_document(const document& all, form as);

/// Well-formed UTF-8, to the last byte?
[[nodiscard]] bool is_text(std::string_view bytes) noexcept;

} // namespace ammo::web
