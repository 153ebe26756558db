/// How a cluster is, asked of one of its nodes over a link.
#pragma once

#include "ammo/options.hpp"

#include <chrono>
#include <string>

namespace ammo {

/// What the node at HOST:PORT says, as `runtime::node_status` does. `asker`: the deployment, with a node's name and certificates. Blocks. Errors: those of
/// certificates; `bad_value`: why it refused, or that nobody is there; `timed_out`.
[[nodiscard]] result<std::string> ask_status(const options& asker, const std::string& at, std::chrono::milliseconds within);

} // namespace ammo
