/// Text as a terminal shows it: how wide it is, how it is cut, padded, wrapped and coloured.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ammo {

/// Control characters and broken UTF-8 become "?", so that content can't steer the terminal.
[[nodiscard]] std::string harmless(std::string_view text);
/// Columns that a text takes; combining marks take none, East Asian wide characters and emoji two.
[[nodiscard]] std::size_t width_of(std::string_view text);
/// Cut to `columns`, with "…" where something is missing.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);
/// Spaces behind, or before, up to `columns`.
[[nodiscard]] std::string pad_right(std::string text, std::size_t columns);
[[nodiscard]] std::string pad_left(std::string text, std::size_t columns);
/// Lines of at most `columns`, broken at spaces, but not before a "%"; all but the first start with `indent` spaces.
/// Each ends with a newline.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent = 0);
/// A bar of blocks, `share` in [0, 1] of `columns`, padded to `columns`.
[[nodiscard]] std::string bar(double share, std::size_t columns);
/// The text in an ANSI style ("1;32"); an empty style leaves it alone.
[[nodiscard]] std::string styled(const std::string& text, std::string_view style);

} // namespace ammo
