/// Which AMMO this is.
#pragma once

#include <string_view>

namespace ammo {

/// "0.1.0": semantic version of the library that is linked.
[[nodiscard]] std::string_view version() noexcept;

} // namespace ammo
