#include "runtime/simulation/game.hpp"

#include <algorithm>

namespace ammo {
namespace {

person person_of(const options& deployment, const layout& space, const std::vector<content>& contents, std::uint64_t user) {
  person p;
  p.q.assign(space.dim(), 0.0f);
  for (std::size_t at = 0; at < contents.size(); ++at) {
    const auto& c = contents[at];
    auto choosers = std::max<std::size_t>(1, c.choosers.size());
    auto chooser = user % choosers;
    // Without choosers, every user is a person of their own.
    auto copy = c.choosers.empty() ? user : user / choosers;
    auto block_q = preference_of(c, chooser, copy, deployment.seed);
    auto block = space.coordinates(subspace_id{static_cast<std::uint16_t>(at)});
    for (std::uint32_t k = 0; k < block.width && k < block_q.size(); ++k)
      p.q[block.offset + k] += block_q[k];
    if (!c.choosers.empty())
      for (auto item : c.choosers[chooser].held_out)
        p.held_out.push_back(content_number(at, item));
  }
  std::sort(p.held_out.begin(), p.held_out.end());
  return p;
}

} // namespace

scenario make_scenario(const options& deployment, const layout& space, std::vector<content> contents) {
  scenario out;
  out.contents = std::move(contents);
  for (std::uint64_t user = 0; user < deployment.simulation.users; ++user)
    out.people.emplace_back(user_id{user}, person_of(deployment, space, out.contents, user));
  std::uint64_t goal = 0;
  for (std::size_t at = 0; at < out.contents.size(); ++at) {
    const auto& c = out.contents[at];
    for (std::size_t i = 0; i < c.items.size(); ++i, ++goal) {
      auto g = generator(deployment.seed, stream::goal, goal, 0);
      auto competes = uniform01(g) < deployment.goal.share;
      const auto e = c.embedding(i);
      out.goals.push_back({goal_id{goal}, owner_id{content_number(at, c.items[i].owner)},
                           subspace_id{static_cast<std::uint16_t>(at)}, content_number(at, i),
                           embedding{{e.begin(), e.end()}}, deployment.goal.budget_micros,
                           competes ? deployment.goal.policy : "static", 0,
                           deployment.goal.generator.empty() ? std::vector<fact>{} : c.items[i].facts});
    }
  }
  return out;
}

} // namespace ammo
