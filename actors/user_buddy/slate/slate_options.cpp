#include "actors/user_buddy/slate/slate_options.hpp"

#include "actors/base/named.hpp"

#include <array>

namespace ammo {

namespace {

constexpr std::array<std::string_view, 8> policy_names{"thompson", "greedy", "uniform", "epsilon_greedy",
                                                       "c2ucb",    "sampled_ucb", "ftrl", "host"};

} // namespace

std::string_view name_of(user_policy p) noexcept { return name_in(policy_names, p); }

result<user_policy> user_policy_named(std::string_view name) { return named_in<user_policy>(policy_names, "policy", name); }

} // namespace ammo
