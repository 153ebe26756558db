/// What counts as text on the wire and from a host.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ammo {

/// Well-formed UTF-8, to the last byte?
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// In quotes, for an error's detail: at most `most` bytes of it, cut between characters, with its length where it is longer.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t most = 80);
/// Made safe between tags of HTML and in its quoted attributes; every other byte stays.
[[nodiscard]] std::string html_escaped(std::string_view text);

} // namespace ammo
