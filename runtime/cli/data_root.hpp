/// Where the real data of coin, job and edu is.
#pragma once

#include "ammo/options.hpp"

namespace ammo::cli {

/// Sets `data_root` of a deployment that needs data: `given` (--data), else $AMMO_DATA, else what the deployment says, else
/// ../share/ammo/subspaces beside the program, else the source tree it was built from. Errors: `missing_data`, for the
/// first subspace whose folder isn't there.
result<void> find_data(const std::string& given, options& deployment);

} // namespace ammo::cli
