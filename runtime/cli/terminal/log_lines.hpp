/// The deployment's log as lines of standard error.
#pragma once

#include "actors/base/log.hpp"

#include <string>
#include <vector>

namespace ammo::cli {

/// The names that `--log` takes.
inline const std::vector<std::string> log_levels{"none", "error", "warning", "info", "debug"};

/// Each record of at least that level is a line, "ammo: warning callback_running waited_ms=2000", as it happens. "none": a silent sink.
[[nodiscard]] log_sink log_lines(const std::string& least);

} // namespace ammo::cli
