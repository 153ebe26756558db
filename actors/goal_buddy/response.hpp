/// The best response to people who are known: most of them won for the least error. Pure.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// One of the people: is shown x where likes·x ≥ least.
struct taste {
  std::vector<float> likes; ///< length 1
  float least = 0;
};

/// Where the share of `people` who are shown it − λ·½|x − grounded|² is highest. The view must outlive it; not nobody.
class response {
public:
  response(const goal_view& view, std::vector<taste> people) : view_(view), people_(std::move(people)) {}

  [[nodiscard]] double utility(std::span<const float> x) const;
  /// From `home`, the facts, and the four most promising places on the arcs from the facts to one person's likes: gradient
  /// ascent with thresholds softened to logistic ones of a width that falls from 0.1 to `softness`, then the nearest
  /// place to the facts that keeps the same people and one more, or all but one, as long as that pays. O(people²·width).
  [[nodiscard]] std::vector<float> best(std::span<const float> home, double softness, splitmix64& g) const;

private:
  [[nodiscard]] double softened(std::span<const float> x, double softness) const;
  [[nodiscard]] std::vector<std::vector<float>> starts(double softness, splitmix64& g) const;
  [[nodiscard]] std::vector<float> ascended(std::vector<float> x, double softness) const;
  [[nodiscard]] std::vector<float> nearest(std::span<const std::size_t> won) const;
  [[nodiscard]] std::vector<float> improved(std::span<const float> x) const;

  const goal_view& view_;
  std::vector<taste> people_;
};

} // namespace ammo
