#include "runtime/system/control_lift.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace ammo {

std::optional<control_lift> lift_of(std::span<const compared_arms> by_group) {
  compared_arms all;
  std::size_t groups = 0, both = 0;
  for (const auto& g : by_group) {
    all.policy_impressions += g.policy_impressions;
    all.control_impressions += g.control_impressions;
    all.policy_reward += g.policy_reward;
    all.control_reward += g.control_reward;
    groups += g.policy_impressions + g.control_impressions > 0;
    both += g.policy_impressions > 0 && g.control_impressions > 0;
  }
  if (all.policy_impressions + all.control_impressions == 0)
    return std::nullopt;
  control_lift out;
  const double shown = static_cast<double>(all.policy_impressions), drawn = static_cast<double>(all.control_impressions);
  out.policy.impressions = all.policy_impressions;
  out.control.impressions = all.control_impressions;
  if (shown > 0)
    out.policy.mean_reward = all.policy_reward / shown;
  if (drawn > 0)
    out.control.mean_reward = all.control_reward / drawn;
  if (!out.policy.mean_reward || !out.control.mean_reward)
    return out;
  out.lift = *out.policy.mean_reward - *out.control.mean_reward;
  if (both < groups_for_interval)
    return out;
  double square = 0;
  for (const auto& g : by_group) {
    const double apart = (g.policy_reward - *out.policy.mean_reward * static_cast<double>(g.policy_impressions)) / shown -
                         (g.control_reward - *out.control.mean_reward * static_cast<double>(g.control_impressions)) / drawn;
    square += apart * apart;
  }
  const double free = static_cast<double>(groups - 1);
  const double half = boost::math::quantile(boost::math::students_t(free), 0.975) * std::sqrt(square * static_cast<double>(groups) / free);
  out.low = *out.lift - half;
  out.high = *out.lift + half;
  return out;
}

} // namespace ammo
