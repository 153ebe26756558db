/// What a simulation has shown, for people and for machines.
#pragma once

#include "ammo/counter_value.hpp"
#include "ammo/errc.hpp"
#include "ammo/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ammo {

/// The market for attention in one period.
struct market_shape {
  double gini = 0;            ///< of impressions over live creations: 0 all alike, towards 1 one has them all
  double top_share = 0;       ///< of impressions, of the most seen tenth of the live creations
  double user_welfare = 0;    ///< mean reward of a round, over all of its slots
  double creator_welfare = 0; ///< mean over Goal Buddies of visibility − λ·½|e − facts|²; with backward rewards, merit − …
  friend bool operator==(const market_shape&, const market_shape&) = default;
};

/// One policy's game on a deployment's seed.
struct played_policy {
  std::string policy;
  double stated = 0;                ///< Σ stated regret over rounds, mean over people
  double slate = 0;                 ///< Σ slate regret over rounds, mean over people
  double slate_first_tenth = 0;     ///< the part of it in the first tenth of the rounds
  double slate_last_tenth = 0;      ///< and in the last
  std::vector<double> slate_by_round;  ///< mean over people, one entry a round
  std::vector<double> stated_by_round;
  std::vector<market_shape> market;    ///< one entry a period
  std::uint64_t hit_slates = 0;     ///< slates of the last tenth, of people with held-out choices
  std::uint64_t hits = 0;           ///< of those, with a held-out choice in them
};

/// How often a slate of N hits a held-out real choice.
struct hit_rates {
  bool known = false;     ///< are there real choices at all
  double slate = 0;       ///< the deployment's policy, last tenth of its rounds
  double popularity = 0;  ///< the N most chosen creations, for everyone
  double chance = 0;      ///< N creations at random
  std::uint64_t people = 0; ///< with held-out choices
};

/// A creation and the attention that it got.
struct top_creation {
  std::string subspace, title;
  double visibility = 0;          ///< impressions / rounds: P(e ∈ S)
  std::uint64_t impressions = 0;
  double engagement = 0;          ///< mean reward of an impression
};

/// The game among policies, as measured: everybody's User Buddies are one player, and so is each half of the Goal Buddies
/// that move; each player chooses one policy for all of its buddies.
struct AMMO_EXPORT diagnosis {
  /// One choice of each player; positions in `user_policies` and `goal_policies`.
  struct profile {
    std::size_t user = 0, first = 0, second = 0;
    friend bool operator==(const profile&, const profile&) = default;
  };
  /// What a player gains in a profile, and how much more its best answer gives.
  struct standing {
    double payoff = 0, gain = 0;
    std::string best_answer; ///< a policy; its own where nothing gains
  };

  std::vector<std::string> user_policies, goal_policies; ///< the deployment's own come first
  std::uint32_t rounds = 0;        ///< of each game, of each person
  std::uint64_t movers = 0;        ///< Goal Buddies of both halves; the others are static
  /// Player (users, first half, second half) × profile, the second half's choice running fastest. Users: mean reward of a
  /// round. Goal Buddies: mean utility of one.
  std::vector<double> payoffs;
  std::array<standing, 3> standings; ///< of the deployment's own profile
  double nash_conv = 0;              ///< sum of their gains
  /// Share of each profile in the long run of evolution (α-Rank, α = 100, each player's payoffs scaled to [0, 1]).
  std::vector<double> alpha_rank;
  bool settled = false;              ///< best answers from the deployment's profile end in an equilibrium
  std::vector<profile> answers;      ///< where they end, or the profiles that they go round

  [[nodiscard]] profile at(std::size_t number) const noexcept;
};

/// Count of one kind of refusal.
struct refusal_count {
  errc code = errc::ok;
  std::uint64_t count = 0;
};

/// One generation of one kind of buddy.
struct evolved_generation {
  std::uint64_t generation = 0; ///< from 1
  double welfare = 0;           ///< of User Buddies: mean reward of a slate; of Goal Buddies: mean utility
  double satisfaction = 0;      ///< share of impressions with a reward above 0 (of Goal Buddies: with utility above 0)
  double accuracy = 0;          ///< of User Buddies: share of first slots with no less than their user's mean reward
  double diversity = 0;         ///< of the strains that followed: mean deviation of hyper-parameters, in units of their ranges
  std::uint64_t replaced = 0, newcomers = 0; ///< strains that gave way; of the new ones, drawn afresh
};

/// Where a strain came from. Parent 0: from nobody, drawn at random.
struct evolved_strain {
  std::uint64_t lineage = 0, predecessor = 0, parent = 0;
  std::uint64_t born = 0; ///< after which generation
  std::vector<double> hyper_parameters;
  std::optional<double> score{}; ///< of one that plays now: its agents' gain over their own past, less the mean of all strains
};

/// A kind of buddy that has evolved.
struct evolved_buddies {
  std::string name;                          ///< "User Buddies", "Goal Buddies of coin"
  std::vector<std::string> hyper_parameters; ///< their names
  std::uint64_t best = 0;                    ///< lineage of the strain that did best of late; 0: none was judged
  std::vector<double> best_values;           ///< its hyper-parameters
  std::vector<evolved_generation> generations;
  std::vector<evolved_strain> lineage;       ///< every strain there was, oldest first; of the gone, the last 4,096
  std::vector<evolved_strain> strains{};     ///< those that play now, best first; who wasn't judged yet comes last
  double diversity = 0;                      ///< of these: see `evolved_generation`
  std::string subspace{};                    ///< of Goal Buddies
};

/// What User Buddies have found out of rewards in a subspace, which nobody has told them: means over people (at most 256 are asked). See
/// `reward_findings` for the terms. Nothing where the learner measures nothing.
struct found_rewards {
  std::string subspace;
  std::uint64_t people = 0;
  double two_valued = 0, linear = 0, heavy = 0; ///< shares of people whose rewards are of that kind
  double offset = 0, noise = 0;                 ///< in the host's unit
  double restarts = 0;                          ///< changes of taste that were noticed, a person
  std::vector<double> looks;                    ///< by slot; empty: slots aren't told apart
  double apart = 0;                             ///< probability that tastes differ by situation
};

/// What slates of the policy earn beside slates of control, which are drawn at random (`user.control_share`). Pushes are in neither.
struct control_lift {
  struct arm {
    std::uint64_t impressions = 0;
    /// Of an impression, in the unit of the host's rewards; one that nobody has said anything to counts as 0. Nothing without impressions.
    std::optional<double> mean_reward{};
  };
  arm policy, control;
  std::optional<double> lift{}; ///< the policy's mean reward less control's; nothing where an arm has no impressions
  /// 95 % interval of the lift, by how far 32 groups of people differ: whoever is shown much, or is in a mood, is one group's. Nothing as long as
  /// fewer than 8 of them were shown something of both arms.
  std::optional<double> low{}, high{};
};

/// A simulation's result. The same seed gives the same report, but for the fields under "timings".
struct AMMO_EXPORT report {
  std::string deployment;
  std::vector<std::string> subspaces;
  std::uint64_t seed = 0;
  std::uint32_t dim = 0, slots = 0;
  std::uint64_t users = 0, goals = 0, creations = 0, rounds = 0; ///< rounds: of each user
  std::string feedback;
  double noise = 0;
  bool wire_check = false;
  played_policy main;                   ///< the deployment's policy
  std::vector<played_policy> baselines; ///< uniform and greedy, unless turned off
  std::uint64_t slots_granted = 0;
  std::vector<refusal_count> refused;   ///< by code, ascending
  std::int64_t budget_granted_micros = 0, budget_spent_micros = 0;
  hit_rates held_out;
  std::optional<diagnosis> diagnosed;   ///< where `simulation.diagnose` asked for it
  std::vector<top_creation> top;        ///< by visibility, at most 10
  std::vector<evolved_buddies> evolved; ///< empty where nothing evolves
  double diversity_floor = 0;           ///< that evolution keeps
  std::optional<control_lift> control{}; ///< of the main game; nothing where `user.control_share` is 0
  std::vector<found_rewards> rewards;   ///< by subspace, of the main game; empty where the learner measures nothing
  std::vector<std::string> attributions;///< of the data, to be shown with it
  std::uint64_t messages = 0;           ///< between actors in the main game; grants that travel together count one by one
  std::vector<counter_value> counters;  ///< everything that is counted, of the main game, by name
  // timings
  double seconds = 0;                   ///< wall time of the main game
  double rounds_per_second = 0;         ///< users × rounds / seconds
  std::uint32_t threads = 0;
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t broadcast_turn_ns_max = 0; ///< longest processor time that a broadcast held a thread for

  [[nodiscard]] std::string to_json() const;
  /// A page of its own, no outside resource: regret curves as inline SVG, tables, attributions.
  [[nodiscard]] std::string to_html() const;
  /// A summary for a terminal of `columns` characters; `colour`: with ANSI colours.
  [[nodiscard]] std::string to_text(std::size_t columns = 80, bool colour = false) const;
};

} // namespace ammo
