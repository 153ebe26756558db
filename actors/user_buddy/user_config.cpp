#include "actors/user_buddy/user_config.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ammo {

namespace {

constexpr std::array<std::string_view, 8> policy_names{"thompson", "greedy", "uniform", "epsilon_greedy",
                                                       "c2ucb",    "sampled_ucb", "ftrl", "host"};
constexpr std::array<std::string_view, 3> drift_names{"none", "restart", "discount"};

} // namespace

std::string_view name_of(user_policy p) noexcept {
  const auto i = static_cast<std::size_t>(p);
  return i < policy_names.size() ? policy_names[i] : "unknown";
}

result<user_policy> user_policy_named(std::string_view name) {
  const auto found = std::ranges::find(policy_names, name);
  if (found == policy_names.end()) {
    std::string known;
    for (std::string_view p : policy_names)
      known += (known.empty() ? "" : ", ") + std::string(p);
    return {errc::bad_value, "policy \"" + std::string(name) + "\"; there are " + known};
  }
  return static_cast<user_policy>(found - policy_names.begin());
}

std::string_view name_of(user_drift d) noexcept {
  const auto i = static_cast<std::size_t>(d);
  return i < drift_names.size() ? drift_names[i] : "unknown";
}

result<user_drift> user_drift_named(std::string_view name) {
  const auto found = std::ranges::find(drift_names, name);
  if (found == drift_names.end())
    return {errc::bad_value, "drift \"" + std::string(name) + "\"; there are none, restart, discount"};
  return static_cast<user_drift>(found - drift_names.begin());
}

} // namespace ammo
