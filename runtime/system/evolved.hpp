/// What Evolution tells, in a host's words.
#pragma once

#include "actors/protocol/messages.hpp"
#include "ammo/options.hpp"
#include "ammo/report.hpp"

#include <vector>

namespace ammo {

/// One entry a kind of buddy, and a subspace of Goal Buddies.
[[nodiscard]] std::vector<evolved_buddies> what_evolved(const options& deployment, const evolution_report& told);

} // namespace ammo
