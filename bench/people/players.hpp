/// Who plays the worlds: the default learner and those that it is compared with, behind one interface.
#pragma once

#include "actors/user_buddy/belief/belief_options.hpp"
#include "actors/protocol/pooled.hpp"
#include "actors/user_buddy/slate/slate_options.hpp"
#include "bench/people/worlds.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace people_bench {

struct told_reward {
  std::uint64_t content = 0;
  std::uint32_t slot = 0;
  double reward = 0;
};

struct player {
  virtual ~player() = default;
  /// Contents shown in a round, by slot.
  virtual std::vector<std::uint64_t> choose(std::uint32_t round, std::uint32_t situation) = 0;
  virtual void learn(std::uint32_t round, std::uint32_t situation, const std::vector<told_reward>& told) = 0;
  virtual ammo::pooled_sums statistics() const { return {}; }
  virtual void hear(const ammo::pooled_sums&) {}
  virtual std::size_t restarts() const { return 0; }
  virtual std::string note() const { return {}; }
};

/// What may be switched off or set, for ablations.
struct player_options {
  ammo::user_learner learner = ammo::user_learner::people;
  ammo::user_policy policy = ammo::user_policy::sampled_ucb;
  ammo::people_options people{};
  double optimism = 3;
};

[[nodiscard]] std::unique_ptr<player> make_default(const subspace_of_people& s, std::size_t person, const player_options& o);
/// The classic learner with nothing set.
[[nodiscard]] std::unique_ptr<player> make_classic(const subspace_of_people& s, std::size_t person);

/// Who can be asked to play by name: `default`; `classic`; and the default learner under each other policy, by the policy's name.
[[nodiscard]] std::vector<std::string> learner_names();
/// `name` is one of them. `o`: of all but `classic`.
[[nodiscard]] std::unique_ptr<player> make_named(const std::string& name, const subspace_of_people& s, std::size_t person, player_options o);

} // namespace people_bench
