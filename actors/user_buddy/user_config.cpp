#include "actors/user_buddy/user_config.hpp"

#include "actors/base/named.hpp"

#include <array>

namespace ammo {

namespace {

constexpr std::array<std::string_view, 8> policy_names{"thompson", "greedy", "uniform", "epsilon_greedy",
                                                       "c2ucb",    "sampled_ucb", "ftrl", "host"};
constexpr std::array<std::string_view, 3> drift_names{"none", "restart", "discount"};

} // namespace

std::string_view name_of(user_policy p) noexcept { return name_in(policy_names, p); }

result<user_policy> user_policy_named(std::string_view name) { return named_in<user_policy>(policy_names, "policy", name); }

std::string_view name_of(user_drift d) noexcept { return name_in(drift_names, d); }

result<user_drift> user_drift_named(std::string_view name) { return named_in<user_drift>(drift_names, "drift", name); }

} // namespace ammo
