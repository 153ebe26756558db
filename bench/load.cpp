/// How many full rounds a second the actors play, beside the same minds in a bare loop and bare CAF passing the same
/// number of messages between the same number of actors. All in one run; prints JSON.
///
/// A full round is a proposal, a grant, the person's feedback, the posterior's update, and the exact regret; every
/// `--rounds-per-period` rounds a catalogue period and a regret broadcast go to everyone.
#include "bench/bare_caf.hpp"
#include "bench/bare_loop.hpp"
#include "bench/hosting.hpp"
#include "runtime/simulation/game.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace {

using namespace ammo;
using bench::resident_bytes;

/// Creations in random directions, norm 1.
content random_content(std::uint32_t items, std::uint32_t dim, std::uint64_t seed) {
  content c;
  c.dim = dim;
  auto g = generator(seed, stream::data, 0, 0);
  for (std::uint32_t i = 0; i < items; ++i) {
    c.items.push_back({"item " + std::to_string(i), "item " + std::to_string(i), i});
    std::vector<float> e(dim);
    double square = 0;
    for (auto& x : e) {
      double normal = 0; // Irwin–Hall: near enough to a normal for a direction
      for (int k = 0; k < 12; ++k)
        normal += uniform01(g);
      x = static_cast<float>(normal - 6);
      square += static_cast<double>(x) * x;
    }
    for (auto& x : e)
      c.embeddings.push_back(static_cast<float>(x / std::sqrt(square)));
  }
  c.popularity.assign(items, 0);
  return c;
}

} // namespace

int main(int argc, char** argv) {
  std::uint32_t users = 100'000, creations = 1'000, dim = 32, slots = 5, rounds = 40, rounds_per_epoch = 10, threads = 2;
  CLI::App app{"Full rounds a second through the actors, in a bare loop, and the same messages in bare CAF"};
  app.add_option("--users", users)->capture_default_str();
  app.add_option("--creations", creations)->capture_default_str();
  app.add_option("--dim", dim)->capture_default_str();
  app.add_option("--slots", slots)->capture_default_str();
  app.add_option("--rounds", rounds, "rounds of each user")->capture_default_str();
  app.add_option("--rounds-per-period", rounds_per_epoch)->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  options deployment;
  deployment.name = "load";
  deployment.slots = slots;
  deployment.threads = threads;
  deployment.subspaces.push_back({.name = "load", .width = dim});
  deployment.goal.policy = "static"; // User Buddies are measured, on content that stays
  deployment.simulation.users = users;
  deployment.simulation.rounds = rounds;
  deployment.simulation.rounds_per_epoch = rounds_per_epoch;

  auto space = layout_of(deployment);
  if (!space) {
    std::cerr << "load: " << space.error().text() << '\n';
    return 2;
  }
  auto before = resident_bytes();
  auto players = make_scenario(deployment, *space, {random_content(creations, dim, deployment.seed)});
  std::uint64_t resident = 0;
  auto game = play(deployment, players, [&](std::uint32_t, double) {
    resident = std::max(resident, resident_bytes());
    return true;
  });
  if (!game) {
    std::cerr << "load: " << game.error().text() << '\n';
    return 1;
  }
  auto all = static_cast<double>(users) * rounds;
  auto loop = bench::bare_loop(deployment, *space, players, threads);
  auto messages = game->handled - game->handled_setup;
  auto periods = (rounds + rounds_per_epoch - 1) / rounds_per_epoch;
  auto caf = bench::bare_caf(users, deployment.shards, rounds, periods, threads);

  nlohmann::ordered_json out;
  out["users"] = users;
  out["creations"] = creations;
  out["dim"] = dim;
  out["slots"] = slots;
  out["rounds"] = rounds;
  out["rounds_per_epoch"] = rounds_per_epoch;
  out["threads"] = threads;
  out["actors"] = {{"rounds_per_second", all / game->seconds},
                   {"seconds", game->seconds},
                   {"messages", messages},
                   {"messages_per_round", static_cast<double>(messages) / all},
                   {"slate_regret_per_user", game->played.slate}};
  out["bare_loop"] = {{"rounds_per_second", all / loop.seconds}, {"seconds", loop.seconds}, {"slate_regret_per_user", loop.slate_regret / users}};
  out["bare_caf"] = {{"rounds_per_second", all / caf.seconds},
                     {"seconds", caf.seconds},
                     {"messages", caf.messages},
                     {"messages_per_second", static_cast<double>(caf.messages) / caf.seconds}};
  out["ratio_to_bare_loop"] = loop.seconds / game->seconds;
  out["ratio_to_bare_caf"] = caf.seconds / game->seconds;
  out["bytes_per_user_buddy"] = static_cast<double>(resident - before) / users;
  out["broadcast_turn_ms_max"] = static_cast<double>(game->broadcast_turn_ns_max) / 1e6;
  std::cout << out.dump(2) << '\n';
}
