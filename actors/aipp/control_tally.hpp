/// What slates of the policy and slates of control, drawn at random, have earned: sums by group of people. Pure.
/// Lives here: what is counted by arm. May not live here: what follows from it.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/random.hpp"
#include "actors/protocol/messages/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ammo {

/// Whose an impression is where slates of control are drawn.
enum class arm : std::uint8_t { none = 0, ///< nobody's: a push, or nothing is compared
                                policy = 1,
                                control = 2 };

/// People fall into so many groups by their id, whatever their shard: an interval follows from how far groups differ.
inline constexpr std::size_t compared_groups = 32;

class control_tally {
public:
  void shown(user_id user, arm of) {
    if (of != arm::none)
      ++impressions(of_group(user), of);
  }
  /// It was not shown after all.
  void revoked(user_id user, arm of) {
    if (of != arm::none && impressions(of_group(user), of) > 0)
      --impressions(of_group(user), of);
  }
  void rewarded(user_id user, arm of, double reward) {
    if (of == arm::none)
      return;
    auto& group = of_group(user);
    (of == arm::control ? group.control_reward : group.policy_reward) += reward;
  }
  /// By group; empty: nothing was counted.
  [[nodiscard]] std::vector<compared_arms> save() const { return groups_; }
  /// False, and nothing changes, where these are no groups.
  [[nodiscard]] bool restore(const std::vector<compared_arms>& groups) {
    const auto sound = [](const compared_arms& g) { return std::isfinite(g.policy_reward) && std::isfinite(g.control_reward); };
    if ((!groups.empty() && groups.size() != compared_groups) || !std::ranges::all_of(groups, sound))
      return false;
    groups_ = groups;
    return true;
  }

private:
  [[nodiscard]] compared_arms& of_group(user_id user) {
    if (groups_.empty())
      groups_.resize(compared_groups);
    return groups_[(splitmix64(raw(user))() >> 32) % compared_groups];
  }
  static std::uint64_t& impressions(compared_arms& g, arm of) noexcept { return of == arm::control ? g.control_impressions : g.policy_impressions; }

  std::vector<compared_arms> groups_;
};

/// Adds one shard's groups to the sum of others'; those of another number of groups are ignored.
inline void add(std::vector<compared_arms>& sums, const std::vector<compared_arms>& more) {
  if (sums.empty())
    sums = more;
  else if (sums.size() == more.size())
    for (std::size_t i = 0; i < more.size(); ++i) {
      sums[i].policy_impressions += more[i].policy_impressions;
      sums[i].control_impressions += more[i].control_impressions;
      sums[i].policy_reward += more[i].policy_reward;
      sums[i].control_reward += more[i].control_reward;
    }
}

} // namespace ammo
