/// Which node is to play a unit: weighted rendezvous hashing. Pure; what is so is in the claims, this says only what should be.
#pragma once

#include "runtime/cluster/capabilities.hpp"
#include "runtime/store/records.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::cluster {

/// What a unit of a deployment asks of the node that plays it.
struct unit_needs {
  store::unit_id unit{};
  std::string label;              ///< what nodes prefer it by: "people" (a user shard), a subspace's name, "population", "evolution"
  std::vector<std::string> needs; ///< a node that lacks one of them can't play it
};

/// A node as placement sees it. Its name decides, not its incarnation: after a restart it draws the units that it had.
struct candidate {
  store::incarnation id;
  std::string name;
  capabilities can;
};

/// How strongly a node of that name and weight draws a unit: the same number on every machine whose logarithm is the same. The highest plays
/// the unit, and each node's share of the units is its share of the weights (Schindelhauer, Schomaker 2005).
[[nodiscard]] double draw(std::string_view node, store::unit_id unit, double weight) noexcept;

/// Who can play a unit, the one who should first; indices into `among`. A node that joins or leaves changes the place of no two others, so it
/// takes units from others, or leaves them its own, and moves nothing else. O(n log n) for n nodes.
[[nodiscard]] std::vector<std::size_t> ranking(const unit_needs& unit, std::span<const candidate> among);

} // namespace ammo::cluster
