#include "actors/user_buddy/user_genes.hpp"

namespace ammo {

std::vector<gene> genes_of(user_policy p) {
  switch (p) {
    case user_policy::thompson: return {gene::noise};
    case user_policy::sampled_ucb: return {gene::noise, gene::optimism};
    case user_policy::c2ucb: return {gene::optimism}; // only its product with the noise counts
    case user_policy::epsilon_greedy: return {gene::epsilon};
    case user_policy::greedy:
    case user_policy::uniform:
    case user_policy::ftrl:
    case user_policy::host: break;
  }
  return {};
}

exploration played(const strain& s, exploration before) noexcept {
  for (const auto& [which, value] : s.genes)
    switch (which) {
      case gene::noise: before.noise = value; break;
      case gene::optimism: before.optimism = value; break;
      case gene::epsilon: before.epsilon = value; break;
      default: break;
    }
  return before;
}

} // namespace ammo
