/// What counts as text on the wire and from a host.
#pragma once

#include <string>
#include <string_view>

namespace ammo {

/// Well-formed UTF-8, to the last byte?
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// Made safe between tags of HTML and in its quoted attributes; every other byte stays.
[[nodiscard]] std::string html_escaped(std::string_view text);

} // namespace ammo
