/// A contest of policies over one scene: the same creations, person and noise for each, through the real user_mind.
#pragma once

#include "actors/user_buddy/user_config.hpp"
#include "bench/regret/settings.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace regret_bench {

inline constexpr std::size_t points = 100; ///< of a curve

struct contender {
  std::string name;
  ammo::user_config config;
};

/// Every policy that `user_policy` names but `host`, then the options worth a row of their own.
[[nodiscard]] std::vector<contender> contenders();

/// Total slate regret after each `points`-th part of the rounds.
using curve = std::vector<double>;

[[nodiscard]] curve play(const contender& who, const scene& where, std::uint64_t seed, std::uint64_t rounds);

/// `[contender][seed - first_seed]`, on `threads` threads; `done` counts finished runs.
[[nodiscard]] std::vector<std::vector<curve>> play_all(const std::vector<contender>& all, setting s,
                                                       std::uint64_t first_seed, std::uint64_t seeds, std::uint64_t rounds, unsigned threads,
                                                       std::atomic<std::size_t>& done);

/// Slope of log regret against log rounds, from a tenth of the rounds on.
[[nodiscard]] double growth_exponent(const curve& c);

} // namespace regret_bench
