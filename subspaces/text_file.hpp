/// Files that a host names: read whole, and never for ever.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <string>

namespace ammo {

/// What a regular file holds, its first `most` bytes at the most. A FIFO or a device isn't opened: reading it might never end.
/// Errors: `no_such_file`, with what is to stand behind its path: nothing where it isn't there, else " is no regular file" or " can't be read".
[[nodiscard]] result<std::string> text_of_file(const std::string& path, std::size_t most);

} // namespace ammo
