/// The deployments of examples/deployments, as they were when the library was built.
#pragma once

#include <span>
#include <string_view>

namespace ammo {

struct built_in_deployment {
  std::string_view name; ///< "coin"
  std::string_view toml; ///< the whole file
};

/// By name, ascending.
[[nodiscard]] std::span<const built_in_deployment> built_in_deployments() noexcept;

} // namespace ammo
