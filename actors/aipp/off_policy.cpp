#include "actors/aipp/off_policy.hpp"

#include "actors/user_buddy/belief/posterior.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace ammo {

namespace {

/// Two-sided 95 % of a normal distribution.
constexpr double z95 = 1.959963984540054;

errc fault_of(const judged_impression& i) noexcept {
  if (!(i.propensity > 0 && i.propensity <= 1))
    return errc::bad_propensity;
  if (!(i.target >= 0 && i.target <= 1))
    return errc::bad_value;
  return std::isfinite(i.reward) && std::isfinite(i.predicted) ? errc::ok : errc::not_finite;
}

errc fault_of(const judged_round& r) noexcept {
  if (!std::isfinite(r.slots) || !std::isfinite(r.predicted) || !std::isfinite(r.unsupported))
    return errc::not_finite;
  if (r.slots < 0 || r.unsupported < 0)
    return errc::bad_value;
  double targets = 0;
  for (const judged_impression& i : r.shown) {
    if (const errc fault = fault_of(i); fault != errc::ok)
      return fault;
    targets += i.target;
  }
  return targets <= r.slots * (1 + 1e-6) ? errc::ok : errc::bad_value;
}

} // namespace

void off_policy_judge::running::add(double x, std::uint64_t count) noexcept {
  const double before = x - mean;
  mean += before / static_cast<double>(count);
  squares += before * (x - mean);
}

errc off_policy_judge::add(const judged_round& r) noexcept {
  if (const errc fault = fault_of(r); fault != errc::ok)
    return fault;
  double a = 0, b = 0, corrected = r.predicted;
  for (const judged_impression& i : r.shown) {
    const double w = i.target / i.propensity;
    a += w * i.reward;
    b += w;
    corrected += w * (i.reward - i.predicted);
    ww_ += w * w;
  }
  ++rounds_;
  unsupported_rounds_ += r.unsupported > 0;
  weighted_.add(a, rounds_);
  weight_.add(b, rounds_);
  robust_.add(corrected, rounds_);
  slots_ += r.slots;
  w_ += b;
  a_ += a;
  aa_ += a * a;
  ab_ += a * b;
  bb_ += b * b;
  return errc::ok;
}

double off_policy_judge::variance_of_mean(const running& r) const noexcept {
  const auto n = static_cast<double>(rounds_);
  return rounds_ < 2 ? std::numeric_limits<double>::infinity() : r.squares / (n - 1) / n;
}

result<policy_value> off_policy_judge::told(double mean, double variance) const {
  if (!(w_ > 0))
    return {errc::no_overlap, "in " + std::to_string(rounds_) + " rounds"};
  const double error = std::sqrt(variance);
  return policy_value{mean, error, mean - z95 * error, mean + z95 * error, w_ * w_ / ww_, rounds_};
}

result<policy_value> off_policy_judge::importance_weighted() const {
  return told(weighted_.mean, variance_of_mean(weighted_));
}

result<policy_value> off_policy_judge::doubly_robust() const { return told(robust_.mean, variance_of_mean(robust_)); }

result<policy_value> off_policy_judge::self_normalised() const {
  const auto n = static_cast<double>(rounds_);
  const double slots = slots_ / n, ratio = a_ / w_;
  // The delta method's: residuals a − ratio·b of the rounds, around their mean of 0.
  const double squares = std::max(0.0, aa_ - 2 * ratio * ab_ + ratio * ratio * bb_);
  const double variance = rounds_ < 2 ? std::numeric_limits<double>::infinity() : squares / (w_ * w_) * n / (n - 1);
  return told(slots * ratio, slots * slots * variance);
}

result<policy_value> off_policy_judge::overlap() const {
  const double slots = slots_ / static_cast<double>(rounds_);
  return told(weight_.mean / slots, variance_of_mean(weight_) / (slots * slots));
}

reward_model::reward_model(std::uint32_t dim, double lambda)
  : belief_(std::make_unique<ridge_posterior<double>>(dim, lambda)), mean_(dim, 0.0) {}
reward_model::reward_model(const reward_model& other)
  : belief_(std::make_unique<ridge_posterior<double>>(*other.belief_)), mean_(other.mean_) {}
reward_model& reward_model::operator=(const reward_model& other) { return *this = reward_model(other); }
reward_model::reward_model(reward_model&& other) noexcept = default;
reward_model& reward_model::operator=(reward_model&& other) noexcept = default;
reward_model::~reward_model() = default;

double reward_model::predict(std::span<const float> e) const noexcept {
  assert(e.size() == mean_.size());
  return std::inner_product(e.begin(), e.end(), mean_.begin(), 0.0);
}

errc reward_model::learn(std::span<const float> e, double reward) {
  if (e.size() != mean_.size())
    return errc::wrong_dimension;
  if (!belief_->observe(std::vector<double>(e.begin(), e.end()), {&reward, 1}))
    return errc::not_finite;
  belief_->mean(mean_);
  return errc::ok;
}

} // namespace ammo
