/// The Goal Buddies that a deployment's content brings: one for each item, the same in a live runtime and in a
/// simulation.
#pragma once

#include "actors/protocol/messages.hpp"
#include "ammo/options.hpp"
#include "subspaces/content.hpp"

#include <cstdint>
#include <vector>

namespace ammo {

/// The content number of an item: subspace and position.
[[nodiscard]] constexpr std::uint64_t content_number(std::size_t subspace, std::uint64_t position) noexcept {
  return static_cast<std::uint64_t>(subspace) << 32 | position;
}

/// In the order of subspaces and items; a Goal Buddy's id is its place in that order. `goal.share` of them play the
/// deployment's policy, the others are static. `contents`: by subspace.
[[nodiscard]] std::vector<admit_goal> content_goals(const options& deployment, const std::vector<content>& contents);

} // namespace ammo
