/// Is everything in a state's file that was acknowledged, and as it was written? SQLite itself says nothing of a bit that has changed in a row, or of commits
/// that its write-ahead log has lost. May not live here: what rows say.
#pragma once

#include "runtime/store/sqlite_handle.hpp"
#include "runtime/store/sqlite_marker.hpp"

#include <span>

namespace ammo::store {

/// Writes a checksum of all rows that have none of their own: of all tables but logs, pieces and sleepers; a node's head and lease go on without it.
/// Within the transaction that changes any. O(rows). The verdict is done.
[[nodiscard]] result<verdict> seal(sqlite_connection& db);

/// `marks`: as they were before this call: heads go on meanwhile. A state of schema 1 has no seal: it gets one.
/// Error: `state_damaged`: what was acknowledged is missing, or rows were altered.
[[nodiscard]] result<void> check_whole(sqlite_connection& db, std::span<const sqlite_marker::mark> marks);

} // namespace ammo::store
