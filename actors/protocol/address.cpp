#include "actors/protocol/address.hpp"

#include "actors/base/named.hpp"

#include <array>

namespace ammo {

std::string_view name_of(role r) noexcept {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(role::end_)> names{
    "nobody",   "node",       "host",       "clock",      "supervisor", "metaspace", "aipp",
    "subspace", "user_buddy", "goal_buddy", "population", "evolution",  "generator"};
  return name_in<role>(names, r);
}

} // namespace ammo
