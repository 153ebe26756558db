/// What the command has to know of the terminal that it may be talking to.
#pragma once

#include <cstddef>
#include <cstdio>

namespace ammo::cli {

[[nodiscard]] bool is_terminal(std::FILE* stream);
/// Its width in characters; 80 where there is no terminal.
[[nodiscard]] std::size_t columns_of(std::FILE* stream);
/// A terminal that takes colours, of a user who hasn't set NO_COLOR (no-color.org).
[[nodiscard]] bool takes_colour(std::FILE* stream);

} // namespace ammo::cli
