#include "ammo/version.hpp"

namespace ammo {

std::string_view version() noexcept { return AMMO_VERSION; }

} // namespace ammo
