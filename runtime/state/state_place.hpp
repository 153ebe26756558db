/// Where a state is: a folder of this machine (SQLite), or a PostgreSQL that many machines reach.
#pragma once

#include "runtime/store/store.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace ammo {

/// "postgresql://…" or "postgres://…"; all else is a folder.
[[nodiscard]] bool is_postgres(std::string_view place) noexcept;
/// The place as it may be shown: without a password.
[[nodiscard]] std::string shown(std::string_view place);
/// Opens the store that is there, or makes it. A folder must be there. Errors: those of the store.
[[nodiscard]] result<std::unique_ptr<store::state_store>> open_store(const std::string& place);

} // namespace ammo
