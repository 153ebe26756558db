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
  out.goals = content_goals(deployment, out.contents);
  return out;
}

} // namespace ammo
