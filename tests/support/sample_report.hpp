/// A report with something in every field, for tests of what is made of it.
#pragma once

#include "ammo/report.hpp"

#include <cmath>

namespace ammo::test {

/// Regret that falls from `start` to `end` with a half-life of `half` rounds.
inline played_policy sample_game(const std::string& policy, double start, double end, double half, std::size_t rounds = 2'000) {
  played_policy game;
  game.policy = policy;
  for (std::size_t t = 0; t < rounds; ++t) {
    double regret = end + (start - end) * std::exp2(-static_cast<double>(t) / half);
    game.slate_by_round.push_back(regret);
    game.stated_by_round.push_back(regret - 3);
    game.slate += regret;
    game.stated += regret - 3;
    game.slate_first_tenth += t < rounds / 10 ? regret : 0;
    game.slate_last_tenth += t >= rounds - rounds / 10 ? regret : 0;
  }
  game.hit_slates = 1'000;
  game.hits = policy == "uniform" ? 4 : 310;
  return game;
}

inline report sample_report() {
  report r;
  r.deployment = "coin";
  r.subspaces = {"coin"};
  r.seed = 7;
  r.dim = 32;
  r.slots = 5;
  r.users = 435;
  r.goals = r.creations = 1'434;
  r.rounds = 2'000;
  r.feedback = "linear";
  r.noise = 0.3;
  r.main = sample_game("thompson", 2.4, 0.12, 150);
  r.baselines = {sample_game("uniform", 2.4, 2.4, 1), sample_game("greedy", 2.4, 0.45, 60)};
  r.slots_granted = 4'350'000;
  r.refused = {{errc::not_live, 12}, {errc::cap_goal, 3'456}};
  r.budget_granted_micros = 1'434'000'000;
  r.budget_spent_micros = 1'650'250'000;
  r.held_out = {true, 0.31, 0.204, 0.0031, 87};
  r.top = {{"coin", "USD Coin <USDC> & friends", 0.312, 271'440, 0.42},
           {"coin", "Cosmos Hub Atom", 0.201, 174'870, 0.38},
           {"coin", "\x1b[31mAn \"awfully\" long name of a coin that nobody could ever read to its end in a terminal", 0.1, 87'000, -0.05}};
  r.evolved = {{"User Buddies", {"noise", "optimism"}, 31, {0.12, 1.5},
                {{1, 2.25, 0.8, 0.5, 0.29, 0, 0}, {2, 3.125, 0.9, 0.6, 0.061, 4, 1}},
                {{1, 0, 0, 0, {0.4, 3}}, {31, 1, 7, 1, {0.12, 1.5}}},
                {{31, 1, 7, 1, {0.12, 1.5}, 0.25}, {1, 0, 0, 0, {0.4, 3}}}, 0.061}};
  r.diversity_floor = 0.05;
  r.attributions = {"Chain Registry, © its contributors, github.com/cosmos/chain-registry, CC BY 4.0; reduced to CSV, assets "
                    "merged by origin."};
  r.messages = 12'345'678;
  r.counters = {{"handled", {}, 9}, {"refused", {{"code", "not_live"}}, 12}, {"users", {}, 150}};
  r.seconds = 8.7;
  r.rounds_per_second = 101'234.5;
  r.threads = 2;
  r.peak_rss_bytes = 512'000'000;
  r.broadcast_turn_ns_max = 1'200'000;
  return r;
}

} // namespace ammo::test
