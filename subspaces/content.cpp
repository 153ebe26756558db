#include "subspaces/content.hpp"

namespace ammo {

std::uint32_t default_dim(std::string_view name) noexcept {
  if (name == "coin")
    return 32;
  if (name == "job")
    return 96;
  if (name == "edu")
    return 48;
  return 0;
}

} // namespace ammo
