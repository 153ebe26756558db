/// The same minds without actors: each thread plays its users' rounds in a loop.
#pragma once

#include "runtime/simulation/game.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace ammo::bench {

struct loop_result {
  double seconds = 0;
  double slate_regret = 0; ///< over all users and rounds
};

/// Plays the deployment's rounds on `threads` threads. Periods are closed as the actors close them: reports are made,
/// the catalogue is seen anew; nothing is broadcast, as there is nobody to send to.
inline loop_result bare_loop(const options& deployment, const layout& space, const scenario& players, std::uint32_t threads) {
  auto config = std::make_shared<user_config>(user_config{{.space = space}, {}});
  config->seed = deployment.seed;
  people_config people;
  people.seed = deployment.seed;

  subspace_mind group({.id = subspace_id{0}, .coordinates = space.coordinates(subspace_id{0})});
  for (const auto& g : players.goals) {
    (void)group.join({g.goal, g.owner, g.budget_micros});
    creation_offer offer{.goal = g.goal, .key = 1, .content = g.content, .e = g.grounded, .grounded = g.grounded};
    (void)group.offer(offer);
  }
  auto snapshot = group.publish().snapshot;

  struct part {
    std::deque<user_mind> users;
    std::unique_ptr<metaspace_mind> metaspace;
    std::unique_ptr<aipp_mind> aipp;
    double slate_regret = 0;
  };
  std::vector<part> parts(threads);
  for (std::uint32_t t = 0; t < threads; ++t) {
    auto& p = parts[t];
    p.metaspace = std::make_unique<metaspace_mind>(metaspace_config{.shard = t, .shards = threads});
    p.aipp = std::make_unique<aipp_mind>(aipp_config{.space = space, .people = people, .slots = deployment.slots, .shard = t});
    for (std::size_t i = t; i < players.people.size(); i += threads) {
      p.users.emplace_back(config, players.people[i].first);
      p.users.back().see(snapshot);
      (void)p.aipp->add(players.people[i].first, players.people[i].second);
    }
    p.metaspace->see(snapshot);
    p.aipp->see(snapshot);
  }

  auto play_part = [&](part& p) {
    for (std::uint32_t done = 0, period = 1; done < deployment.simulation.rounds; ++period) {
      auto rounds = std::min(deployment.simulation.rounds_per_epoch, deployment.simulation.rounds - done);
      p.aipp->begin({period, rounds});
      for (std::uint32_t r = 0; r < rounds; ++r)
        for (auto& user : p.users) {
          auto proposal = user.propose(occasion::round, 0, deployment.slots);
          auto outcome = p.aipp->granted(p.metaspace->grant(*proposal));
          (void)user.learn(*outcome.learned);
        }
      auto closing = p.aipp->close();
      (void)p.metaspace->close(closing.report);
      p.slate_regret += sum_of(closing.report.slate).value();
      done += rounds;
    }
  };
  auto begun = std::chrono::steady_clock::now();
  std::vector<std::jthread> running;
  for (auto& p : parts)
    running.emplace_back([&] { play_part(p); });
  running.clear();
  loop_result out;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  for (const auto& p : parts)
    out.slate_regret += p.slate_regret;
  return out;
}

} // namespace ammo::bench
