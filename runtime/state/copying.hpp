/// A state as a whole, from one place to another: a folder, or a PostgreSQL.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace ammo {

struct copied_state {
  std::uint64_t units = 0, snapshots = 0, blocks = 0, sleepers = 0, bytes = 0; ///< bytes of snapshots, blocks and sleepers
};

/// Copies every row, each checked against its checksum. The copy counts when all of it is there: a start on one that was interrupted is
/// refused. `progress`: the share that is done, 0 … 1, now and then.
/// Errors: `no_such_file` (no state there), `state_in_use` (somebody has one of the two), `bad_state` (there is a state, or the rest of a copy,
/// at the target), those of the store; the source is as it was.
[[nodiscard]] result<copied_state> copy_state(const std::string& from, const std::string& to, const std::function<void(double)>& progress = {});

} // namespace ammo
