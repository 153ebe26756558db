/// How well agents do under their strains, as one hub (an AiPP shard, a Subspace) sees it. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

/// What a score is made of: engagement (reward a round) plus these shares, weighed.
struct fitness_weights {
  double satisfaction = 0; ///< of impressions with a reward above 0
  double accuracy = 0;     ///< of first slots with no less reward than their user gives on average
};

struct fitness_book_state;

/// Agents differ by far more than strains make them. So each is compared with itself: an agent's gain is its score in a period
/// less its own past, a running mean of its scores over generations, in each of which it was dealt another strain. An
/// agent's numbers are summed in its own order, and those of agents exactly: the order in which they are heard is no matter.
class fitness_book {
public:
  explicit fitness_book(fitness_weights weights = {}) : weights_(weights) {}

  /// A generation begins; the one before becomes the agents' past. `strains` > 0.
  void deal(std::uint64_t generation, std::size_t strains);
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  void round(std::uint64_t agent) { ++agents_[agent].now.rounds; }
  /// What an impression earned. `first`: of the slate's first slot.
  void reward(std::uint64_t agent, double value, bool first = false) { take(agents_[agent], value, first); }
  /// A round with all its rewards, in slot order.
  void slate(std::uint64_t agent, std::span<const float> rewards);
  void forget(std::uint64_t agent) { agents_.erase(agent); }

  /// Ends a period: how each strain did, by place.
  [[nodiscard]] std::vector<strain_tally> close();

  [[nodiscard]] fitness_book_state save() const;
  /// The same book again. Errors: `bad_state`.
  [[nodiscard]] static result<fitness_book> restore(fitness_weights weights, const fitness_book_state& state);

private:
  static constexpr std::uint32_t most_strains = 1u << 16; // of a state

  struct counts {
    std::uint32_t rounds = 0, impressions = 0, satisfied = 0, firsts = 0, accurate = 0;
    double reward = 0;
  };
  struct record {
    counts now;                    // of the period
    double given = 0;              // all its rewards
    std::uint64_t impressions = 0; // and how many they are
    double scores = 0;             // Σ of the generation's periods
    std::uint32_t periods = 0;
    bool known = false;            // has it a past
    double past = 0;
  };
  static void take(record& of, double value, bool first);
  [[nodiscard]] double score(const counts& c) const noexcept;

  fitness_weights weights_;
  std::uint64_t generation_ = 0;
  std::size_t strains_ = 0;
  std::unordered_map<std::uint64_t, record> agents_;
};

} // namespace ammo
