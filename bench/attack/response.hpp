/// The best response to people who are known: most of them won for the least error. Pure.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// Some of the people: all are shown x where likes·x ≥ least.
struct taste {
  std::vector<float> likes; ///< length 1
  float least = 0;
  float share = 0;          ///< of all rounds
};

/// How thoroughly a best response is looked for.
struct response_effort {
  std::size_t starts = 4;   ///< beside those given: the cheapest places that win one taste
  std::size_t patience = 4; ///< tastes won in a row that don't pay, before one gives up
  std::size_t polished = 1; ///< of what was found, the best, improved by single tastes
};

/// Where the share of rounds in which it is shown − λ·½|x − grounded|² is highest. The view must outlive it.
class response {
public:
  static constexpr float tolerance = 2e-5f; ///< of a score, for rounding
  static constexpr float surely = 2.5e-5f;  ///< beyond it: whom a threshold higher by this wins is won, however it is rounded
  response(const goal_view& view, std::vector<taste> people) : view_(view), people_(std::move(people)) {}

  /// Of x, where who lacks no more than `within` is won.
  [[nodiscard]] double utility(std::span<const float> x, float within = tolerance) const;
  /// From each start it wins the next closest taste, one after the other, always at the place nearest to the facts that
  /// wins all so far, for as long as that may pay; the best of these is improved by one taste more, less, or another.
  [[nodiscard]] std::vector<float> best(std::vector<std::vector<float>> starts, const response_effort& effort) const;
  /// The place nearest to the facts, in the ball, that wins these people: x ∝ facts + Σ aⱼ likesⱼ, aⱼ ≥ 0, one aⱼ solved
  /// for after the other until nothing changes (Hildreth 1957, with the ball's multiplier eliminated). Nearly so where
  /// that is slow, and anywhere where it can't be. O(people·width) a sweep.
  [[nodiscard]] std::vector<float> nearest(std::span<const std::uint32_t> people) const;

private:
  struct place {
    double utility = 0;
    std::vector<float> x;
  };
  [[nodiscard]] std::vector<std::uint32_t> won_at(std::span<const float> x) const;
  [[nodiscard]] std::vector<std::uint32_t> closest_lost(std::span<const float> x, std::size_t most) const;
  [[nodiscard]] bool tight(std::uint32_t person, std::span<const float> x) const;
  [[nodiscard]] place at(std::vector<float> x) const;
  [[nodiscard]] place grown(std::vector<float> x, std::size_t patience) const;
  [[nodiscard]] place improved(place from) const;
  [[nodiscard]] bool improve(place& p) const;
  [[nodiscard]] std::vector<std::vector<float>> cheapest(std::size_t most) const;

  const goal_view& view_;
  std::vector<taste> people_;
};

} // namespace ammo
