/// Which AMMO this is.
#pragma once

#include "ammo/export.hpp"

#include <string_view>

namespace ammo {

/// "0.1.0": semantic version of the library that is linked.
[[nodiscard]] AMMO_EXPORT std::string_view version() noexcept;

} // namespace ammo
