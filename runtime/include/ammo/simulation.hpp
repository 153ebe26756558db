/// Plays a deployment with simulated people through the real actors, and reports.
#pragma once

#include "ammo/export.hpp"
#include "ammo/goal_policy.hpp"
#include "ammo/options.hpp"
#include "ammo/policy.hpp"
#include "ammo/report.hpp"
#include "ammo/result.hpp"

#include <functional>
#include <string_view>

namespace ammo {

/// Told after each period, on the calling thread.
struct progress {
  std::string_view policy;       ///< whose game is being played
  std::uint64_t rounds_done = 0; ///< over all games of the simulation, rounds of each user
  std::uint64_t rounds_all = 0;
  double slate_regret = 0;       ///< mean a round in the period just played
};
/// Return false to cancel.
using progress_callback = std::function<bool(const progress&)>;

/// Blocks until played. Content of the subspaces comes from their kinds; subspaces of kind "host" have none here.
/// `host`: policies of the host's own, for `user.policy = "host"`; `creators`: for `goal.policy = "host"`.
/// Errors: those of `options::check` and of the content (`missing_data`, `bad_data_line`, …), `cancelled`, `timed_out` (a
/// period took too long), `actor_failed`, `internal` (`tell` has thrown).
[[nodiscard]] AMMO_EXPORT result<report> simulate(const options& deployment, const progress_callback& tell = {},
                                                  const host_policies& host = {}, const creator_policy_maker& creators = {});

} // namespace ammo
