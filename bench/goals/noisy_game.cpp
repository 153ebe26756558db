#include "bench/goals/noisy_game.hpp"

#include "actors/aipp/aipp_mind.hpp"
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <deque>

namespace ammo::bench {
namespace {

constexpr subspace_id here{0};

struct creator {
  goal_mind mind;
  std::vector<float> e; ///< where its live creation is
};

} // namespace

noisy_world make_world(const options& deployment, content items) {
  noisy_world w{deployment, std::move(items), {}};
  const auto choosers = std::max<std::size_t>(1, w.items.choosers.size());
  for (std::size_t user = 0; user < deployment.simulation.users; ++user)
    w.q.push_back(w.items.choosers.empty() ? preference_of(w.items, 0, user, deployment.seed)
                                           : preference_of(w.items, user % choosers, user / choosers, deployment.seed));
  return w;
}

std::vector<double> play(const noisy_world& world, const std::vector<player>& players, std::size_t from) {
  const options& o = world.deployment;
  const auto width = world.items.dim;
  const auto space = layout::make(width, {{"items", {0, width}}}).value();
  auto config = std::make_shared<user_config>(user_config{{.space = space}, {}});
  config->seed = o.seed;
  config->group_weight = 0.5; // as in a deployment
  people_config people;
  people.noise = o.simulation.noise;
  people.seed = o.seed;

  const auto& terms = o.subspaces.front();
  subspace_mind group({.id = here, .coordinates = {0, width}, .norm_cap = static_cast<float>(terms.norm_cap), .price_micros = terms.price_micros, .distance_price_micros = terms.distance_price_micros, .crowd = terms.crowd, .seed = o.seed});
  std::vector<goal_mind> goals;
  for (std::size_t i = 0; i < players.size(); ++i) {
    goal_config c{.policy = players[i].policy, .lambda = o.goal.lambda, .step = o.goal.step, .norm_cap = static_cast<float>(terms.norm_cap), .patience = o.goal.patience, .seed = o.seed, .curiosity = o.goal.curiosity, .host = players[i].own};
    const auto e = world.items.embedding(i);
    goals.emplace_back(c, goal_id{i}, owner_id{i}, i, std::vector<float>(e.begin(), e.end()));
    (void)group.join({goal_id{i}, owner_id{i}, o.goal.budget_micros, players[i].policy != goal_policy::fixed});
    (void)goals.back().told(group.offer(goals.back().first()));
  }
  auto snapshot = group.publish().snapshot;
  metaspace_mind metaspace({});
  aipp_mind aipp(aipp_config{.space = space, .people = people, .slots = o.slots});
  std::deque<user_mind> users;
  for (std::size_t j = 0; j < world.q.size(); ++j) {
    users.emplace_back(config, user_id{j});
    (void)aipp.add(user_id{j}, person{world.q[j], {}});
  }
  const auto see = [&] {
    for (auto& user : users)
      user.see(snapshot);
    metaspace.see(snapshot);
    aipp.see(snapshot);
    for (std::size_t i = 0; i < goals.size(); ++i)
      if (goals[i].wants_catalogue())
        goals[i].see(snapshot);
  };
  see();

  std::vector<double> utility(goals.size());
  std::size_t counted = 0;
  for (std::uint32_t done = 0, period = 1; done < o.simulation.rounds; ++period) {
    const auto rounds = std::min(o.simulation.rounds_per_epoch, o.simulation.rounds - done);
    aipp.begin({period, rounds});
    for (std::uint32_t r = 0; r < rounds; ++r)
      for (auto& user : users) {
        const auto outcome = aipp.granted(metaspace.grant(*user.propose(occasion::round, 0, o.slots)));
        (void)user.learn(*outcome.learned);
      }
    done += rounds;
    const auto f = group.merge(period, metaspace.close(aipp.close().report));
    if (period >= from) {
      ++counted;
      for (std::size_t i = 0; i < goals.size(); ++i) {
        const auto* shown = exposure_of(f.exposures, goals[i].creation());
        utility[i] += (shown ? static_cast<double>(shown->impressions) / static_cast<double>(f.rounds) : 0) -
                      o.goal.lambda * ball::half_squared_distance(goals[i].e(), world.items.embedding(i));
      }
    }
    for (auto& user : users)
      (void)user.hear(here, f.group);
    const auto told = group.for_creators(f, users.size());
    bool moved = false;
    for (auto& g : goals) {
      if (!g.wants_catalogue())
        continue;
      const auto answer = g.hear(told);
      if (const auto* offer = std::get_if<creation_offer>(&answer)) {
        (void)g.told(group.offer(*offer));
        moved = true;
      }
    }
    if (moved) {
      snapshot = group.publish().snapshot;
      see();
    }
  }
  for (double& u : utility)
    u /= static_cast<double>(std::max<std::size_t>(1, counted));
  return utility;
}

} // namespace ammo::bench
