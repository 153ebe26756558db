#include "actors/goal_buddy/goal_genes.hpp"

#include <cmath>

namespace ammo {

std::vector<gene> genes_of(goal_policy p, bool writes) {
  std::vector<gene> out;
  switch (resolved(p, writes)) {
    case goal_policy::exploiter:
    case goal_policy::explorer: out = {gene::step, gene::patience}; break;
    case goal_policy::adaptive: out = {gene::patience, gene::curiosity}; break;
    case goal_policy::host: out = {gene::patience}; break; // that much of when it is asked is ours
    case goal_policy::unstated:
    case goal_policy::fixed: return out;                   // nor does it write unasked
  }
  if (writes)
    out.insert(out.end(), {gene::reach, gene::length});
  return out;
}

goal_habits played(const strain& s, goal_habits before) noexcept {
  for (const auto& [which, value] : s.genes)
    switch (which) {
      case gene::step: before.step = value; break;
      case gene::patience: before.patience = static_cast<std::uint32_t>(std::lround(value)); break;
      case gene::curiosity: before.curiosity = value; break;
      case gene::reach: before.style.reach = value; break;
      case gene::length: before.style.length = value; break;
      default: break;
    }
  return before;
}

} // namespace ammo
