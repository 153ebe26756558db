/// Where it may be best by what is believed of people, and where most is to be learnt. Pure.
#pragma once

#include "bench/attack/taste_belief.hpp"
#include "actors/goal_buddy/goal_policy.hpp"

#include <span>
#include <vector>

namespace ammo {

/// Some of the people: all are shown x where x·q is above `least`.
struct likely_taste {
  const taste_belief* q = nullptr;
  double least = 0;
  double share = 0; ///< of all rounds
};

/// Of a place: the sum over the people of share·(p + interest·4p(1 − p)) for the chance p that they are shown it there,
/// − λ·½|x − grounded|². Without interest, that is its expected utility. The view and the beliefs must outlive it.
class expected_utility {
public:
  expected_utility(const goal_view& view, std::vector<likely_taste> people, double interest)
    : view_(view), people_(std::move(people)), interest_(interest) {}
  /// Of x. Its gradient is added to `slope`, unless that is empty. O(people·width²).
  [[nodiscard]] double value(std::span<const float> x, std::span<float> slope = {}) const;
  /// Up the gradient from x, in the ball, for as long as that gains.
  [[nodiscard]] std::vector<float> climbed(std::vector<float> x) const;

private:
  const goal_view& view_;
  std::vector<likely_taste> people_;
  double interest_;
};

} // namespace ammo
