/// The smallest host: includes AMMO, links it, and has its runtime choose a slate.
#include <ammo/runtime.hpp>

#include <iostream>

namespace {

int fail(const ammo::failure& why) {
  std::cerr << why.text() << '\n';
  return 1;
}

} // namespace

int main() {
  ammo::options deployment;
  deployment.slots = 2;
  deployment.subspaces.push_back({.name = "film", .width = 2});
  auto started = ammo::runtime::start(deployment);
  if (!started)
    return fail(started.error());
  auto& rt = **started;

  ammo::user_id visitor{1};
  if (auto added = rt.add_goal({.goal = ammo::goal_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 7}); !added)
    return fail(added.error());
  if (auto added = rt.add_user(visitor); !added)
    return fail(added.error());
  for (int round = 0; round < 100; ++round) { // a slate may be empty where the buddy expects nothing of what there is
    auto slate = rt.ask(visitor);
    if (!slate)
      return fail(slate.error());
    if (slate->creations.empty())
      continue;
    std::cout << "AMMO " << ammo::version() << " shows content " << slate->creations.front().content << '\n';
    rt.stop();
    return slate->creations.size() == 1 && slate->creations.front().content == 7 ? 0 : 1;
  }
  return 1;
}
