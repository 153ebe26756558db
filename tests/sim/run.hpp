/// Seeds are played, and what fails is made small and told so that it can be played again.
#pragma once

#include "tests/sim/world.hpp"

#include <string>

namespace ammo::sim {

[[nodiscard]] outcome play(const scenario& s, broken_rule broken = broken_rule::none);
/// A scenario that fails likewise with as few and as short faults as could be found.
[[nodiscard]] scenario shrunk(scenario s, broken_rule broken);
/// What failed, the smallest scenario that was found for it, and how to play it again.
[[nodiscard]] std::string report_on(std::uint64_t seed, broken_rule broken = broken_rule::none);

} // namespace ammo::sim
