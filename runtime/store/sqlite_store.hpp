/// A state in one SQLite file, for one process: the embedded default.
#pragma once

#include "runtime/store/store.hpp"

#include <functional>
#include <string>

namespace ammo::store {

struct sqlite_options {
  std::string file;
  /// The store's clock, in milliseconds since any time; empty: the machine's wall clock. It only judges leases.
  std::function<std::chrono::milliseconds()> now;
  const char* vfs = nullptr; ///< SQLite's file layer, by its registered name; null: the default
};

/// Errors: `store_unavailable`, `state_damaged` (not a database; acknowledged frames or other rows are lost or altered), `state_full`, `state_newer`.
[[nodiscard]] result<std::unique_ptr<state_store>> open_sqlite(const sqlite_options& options);

} // namespace ammo::store
