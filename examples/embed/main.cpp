/// A host with a subspace of its own: a cinema that shows each visitor three films out of twelve.
#include "ammo/runtime.hpp"

#include <chrono>
#include <cmath>
#include <future>
#include <iostream>
#include <map>
#include <utility>
#include <vector>

namespace {

/// Films on a circle of genres: the host's own embedding, two coordinates of norm 1.
std::vector<float> film(int number) {
  auto angle = 2 * 3.14159265f * static_cast<float>(number) / 12;
  return {std::cos(angle), std::sin(angle)};
}

int fail(const ammo::failure& why) {
  std::cerr << "embed: " << why.text() << '\n';
  return 1;
}

} // namespace

int main() {
  // 1. Start: one subspace of two coordinates, three slots.
  ammo::options deployment;
  deployment.name = "cinema";
  deployment.slots = 3;
  deployment.subspaces.push_back({.name = "film", .width = 2});
  deployment.goal.policy = "static"; // a film is what it is; else Goal Buddies move theirs to be seen more
  std::promise<void> first_push; // outlives the runtime, which calls back
  auto started = ammo::runtime::start(deployment);
  if (!started)
    return fail(started.error());
  auto& rt = **started;

  // 2. Listen to pushes, add a visitor, and a Goal Buddy for each of eleven films.
  rt.on_push([&, told = false](const ammo::slate&) mutable { // one push at a time, on a thread of the runtime
    if (!std::exchange(told, true))
      first_push.set_value();
  });
  ammo::user_id visitor{7};
  if (auto added = rt.add_user(visitor); !added)
    return fail(added.error());
  for (int i = 0; i < 11; ++i)
    if (auto added = rt.add_goal({.goal = ammo::goal_id(i), .subspace = "film", .grounded = film(i), .content = std::uint64_t(i)});
        !added)
      return fail(added.error());

  // 3. Ask for slates and tell what the visitor liked: films near number 10.
  std::map<std::uint64_t, int> seen;
  for (int round = 0; round < 300; ++round) {
    auto slate = rt.ask(visitor);
    if (!slate)
      return fail(slate.error());
    for (const auto& shown : slate->creations) {
      auto liked = film(int(shown.content))[0] * film(10)[0] + film(int(shown.content))[1] * film(10)[1];
      if (auto heard = rt.feedback(visitor, shown.impression, liked); !heard)
        return fail(heard.error());
      seen[shown.content] += round >= 200;
    }
  }

  // 4. The makers of film 10 create another one. This visitor would like it: it is pushed, without being asked for.
  if (auto made = rt.create({.goal = ammo::goal_id(10), .e = film(11), .content = 11}); !made)
    return fail(made.error());

  const bool pushed = first_push.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready;

  // 5. What the User Buddy believes, what the runtime has counted, and stop.
  auto belief = rt.regret(visitor);
  auto counted = rt.statistics();
  if (!belief || !counted)
    return fail(belief ? counted.error() : belief.error());
  for (auto [number, times] : seen)
    std::cout << "film " << number << ": shown " << times << " times in the last 100 slates\n";
  std::cout << "believed regret of the last slate " << belief->believed_regret << ", at most " << belief->regret_bound << " (95 %)\n"
            << counted->slates << " slates, " << counted->feedback << " rewards, " << counted->pushes << " pushes\n";
  rt.stop();
  return pushed ? 0 : 1;
}
