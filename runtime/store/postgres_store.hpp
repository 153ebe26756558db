/// A state in PostgreSQL (15 or later), shared by any number of nodes: each call is one statement, so no lock is held
/// while a client thinks. Leases are judged by the server's clock.
#pragma once

#include "runtime/store/postgres_link.hpp"
#include "runtime/store/store.hpp"

#include <string>

namespace ammo::store {

struct postgres_options {
  std::string url;             ///< libpq's: "postgresql://user@host/base" or "host=… dbname=…"
  std::string schema = "ammo"; ///< PostgreSQL's schema for the tables; letters, digits and _
  postgres_limits limits;
};

/// Connects, and makes the tables where they aren't there. Errors: `store_unavailable`, `bad_value` (the schema's name),
/// `state_newer`.
[[nodiscard]] result<std::unique_ptr<state_store>> open_postgres(postgres_options options);

} // namespace ammo::store
