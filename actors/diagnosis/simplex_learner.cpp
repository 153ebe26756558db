#include "actors/diagnosis/simplex_learner.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace ammo {

void project_to_simplex(std::span<double> v) {
  assert(!v.empty());
  std::vector<double> sorted(v.begin(), v.end());
  std::ranges::sort(sorted, std::greater{});
  double sum = 0, shift = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    sum += sorted[k];
    const double candidate = (sum - 1) / static_cast<double>(k + 1);
    if (sorted[k] <= candidate)
      break;
    shift = candidate;
  }
  for (double& x : v)
    x = std::max(x - shift, 0.0);
}

simplex_learner::simplex_learner(learning_rule rule, std::size_t actions, double step)
  : rule_(rule), step_(step), played_(actions, 1 / static_cast<double>(actions)), sum_(actions, 0.0),
    state_(actions, 0.0) {
  assert(actions > 0 && step > 0);
  if (rule == learning_rule::optimistic_gradient)
    state_ = played_;
}

std::vector<double> simplex_learner::average() const {
  if (rounds_ == 0)
    return played_;
  std::vector<double> mean = sum_;
  const double total = static_cast<double>(rounds_) * static_cast<double>(rounds_ + 1) / 2;
  for (double& x : mean)
    x /= total;
  return mean;
}

void simplex_learner::learn(std::span<const double> gains) {
  assert(gains.size() == played_.size());
  ++rounds_;
  for (std::size_t a = 0; a < played_.size(); ++a)
    sum_[a] += static_cast<double>(rounds_) * played_[a];
  switch (rule_) {
    case learning_rule::regret_matching_plus:
    case learning_rule::predictive_matching: return match(gains);
    case learning_rule::optimistic_gradient: return descend(gains);
    case learning_rule::optimistic_hedge: return reweigh(gains);
  }
}

void simplex_learner::match(std::span<const double> gains) {
  const double got = std::inner_product(gains.begin(), gains.end(), played_.begin(), 0.0);
  const double guess = rule_ == learning_rule::predictive_matching ? 1 : 0;
  double total = 0;
  for (std::size_t a = 0; a < state_.size(); ++a) {
    const double regret = gains[a] - got;
    state_[a] = std::max(state_[a] + regret, 0.0);
    total += played_[a] = std::max(state_[a] + guess * regret, 0.0);
  }
  for (double& p : played_)
    p = total > 0 ? p / total : 1 / static_cast<double>(played_.size());
}

void simplex_learner::descend(std::span<const double> gains) {
  for (std::size_t a = 0; a < state_.size(); ++a)
    state_[a] += step_ * gains[a];
  project_to_simplex(state_);
  for (std::size_t a = 0; a < state_.size(); ++a)
    played_[a] = state_[a] + step_ * gains[a];
  project_to_simplex(played_);
}

void simplex_learner::reweigh(std::span<const double> gains) {
  for (std::size_t a = 0; a < state_.size(); ++a) {
    state_[a] += step_ * gains[a];
    played_[a] = state_[a] + step_ * gains[a];
  }
  const double top = *std::ranges::max_element(played_);
  double total = 0;
  for (double& p : played_)
    total += p = std::exp(p - top);
  for (double& p : played_)
    p /= total;
}

} // namespace ammo
