/// Plays a world: people side by side, what they have in common pooled between rounds.
#pragma once

#include "bench/people/players.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace people_bench {

using make_player = std::function<std::unique_ptr<player>(const subspace_of_people&, std::size_t)>;

struct played {
  std::vector<double> regret;   ///< by person
  std::vector<double> back;     ///< `heart`: rounds after the change until the mean of ten slates is 85 % of the best
  std::vector<double> restarts; ///< by person
  std::vector<double> curve;    ///< regret up to the end of each of `points` equal stretches of the rounds, mean over people
  double seconds = 0;           ///< of this thread's processor, in choosing and learning; the world's own arithmetic is left out
  std::string note;             ///< of the person of most regret
};

inline constexpr std::size_t points = 200; ///< of a curve; fewer where there are fewer rounds

/// `period`: rounds from one pooling to the next; 0: people know nothing of one another.
[[nodiscard]] played play(const subspace_of_people& s, std::size_t people, std::uint32_t period, const make_player& make);

} // namespace people_bench
