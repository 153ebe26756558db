/// Who plays the worlds: the default learner and those that it is compared with, behind one interface.
#pragma once

#include "actors/user_buddy/belief/belief_options.hpp"
#include "actors/protocol/pooled.hpp"
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
  ammo::people_options people{};
  double optimism = 3;
};

[[nodiscard]] std::unique_ptr<player> make_default(const subspace_of_people& s, std::size_t person, const player_options& o);
/// The classic learner with nothing set.
[[nodiscard]] std::unique_ptr<player> make_classic(const subspace_of_people& s, std::size_t person);

} // namespace people_bench
