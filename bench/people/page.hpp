/// The curves of a run, as a page that stands alone.
#pragma once

#include "bench/people/worlds.hpp"

#include <string>
#include <vector>

namespace people_bench {

/// What one learner came to in one world: of people of all seeds.
struct outcome {
  std::string learner;
  double mean = 0, half = 0, worst = 0; ///< regret, or rounds to come back; `half` of the 95 % interval
  double restarts = 0;                  ///< mean over people
  double slates_a_second = 0;           ///< of one core, in choosing and learning alone
  bool over = false;                    ///< above the world's bar
  std::vector<double> curve;            ///< mean regret over the rounds
  std::vector<double> values;           ///< by person
  std::string note;                     ///< what the learner of the person of most regret believes
};

struct world_outcome {
  world where;
  std::vector<outcome> learners;
};

[[nodiscard]] inline const char* measure_of(const world& w) {
  return w.answers == response::heart ? "rounds to come back" : "regret";
}

[[nodiscard]] std::string page_of(const std::vector<world_outcome>& all, const std::string& title);
[[nodiscard]] std::string json_of(const std::vector<world_outcome>& all);

} // namespace people_bench
