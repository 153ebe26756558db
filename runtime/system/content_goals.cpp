#include "runtime/system/content_goals.hpp"

#include "actors/base/random.hpp"

namespace ammo {

std::vector<admit_goal> content_goals(const options& deployment, const std::vector<content>& contents) {
  std::vector<admit_goal> out;
  std::uint64_t goal = 0;
  for (std::size_t at = 0; at < contents.size(); ++at)
    for (std::size_t i = 0; i < contents[at].items.size(); ++i, ++goal) {
      const auto& described = contents[at].items[i];
      auto g = generator(deployment.seed, stream::goal, goal, 0);
      const bool competes = uniform01(g) < deployment.goal.share;
      const auto e = contents[at].embedding(i);
      out.push_back({.goal = goal_id{goal},
                     .owner = owner_id{content_number(at, described.owner)},
                     .subspace = subspace_id{static_cast<std::uint16_t>(at)},
                     .content = content_number(at, i),
                     .grounded = {{e.begin(), e.end()}},
                     .budget_micros = deployment.goal.budget_micros,
                     .policy = competes ? deployment.goal.policy : "static",
                     .request = 0,
                     .facts = deployment.goal.generator.empty() ? std::vector<fact>{} : described.facts,
                     .tags = described.tags});
    }
  return out;
}

} // namespace ammo
