/// What is looked at in a TOML text before it is parsed.
#pragma once

#include "actors/base/result.hpp"

#include <string_view>

namespace ammo {

/// Is a text short and flat enough to be parsed? Walks it once, without recursion. Errors: `malformed_toml` with the place, for
/// more than `longest_toml` bytes, a key of more than `deepest_toml` parts, and brackets nested deeper than that.
[[nodiscard]] result<void> toml_gate(std::string_view text, std::string_view source);

} // namespace ammo
