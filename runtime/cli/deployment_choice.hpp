/// What the commands have in common: which deployment is meant, and how a refusal is said.
#pragma once

#include "ammo/options.hpp"

#include <string>
#include <vector>

namespace ammo::cli {

inline constexpr int failed = 1, bad_usage = 2; ///< exit codes

/// Says on the error stream what is wrong; returns `code`.
int refuse(const failure& why, int code);
/// The same failure, with the flag that is to blame.
[[nodiscard]] failure by_flag(failure why, const std::string& flag);

/// The deployment that a target names: a built-in one, or a TOML file.
[[nodiscard]] result<options> deployment_of(const std::string& target);
/// Sets one key for a flag, so that a refusal names the flag.
result<void> set(options& deployment, const std::string& flag, const std::string& key, const std::string& value);
/// KEY=VALUE of --set, one by one.
result<void> set_all(options& deployment, const std::vector<std::string>& settings);

} // namespace ammo::cli
