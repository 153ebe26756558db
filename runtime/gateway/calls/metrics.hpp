/// Figures in the text format that Prometheus reads (version 0.0.4).
/// Lives here: names, units, labels. May not live here: what counts.
#pragma once

#include "runtime/gateway/service/service.hpp"

#include <string>

namespace ammo::web {

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics: base units, labels with few values (an error's name, who refused, hundreds of a status), at most 500 series.
[[nodiscard]] std::string metrics_of(const runtime_statistics& s, const traffic& t);

} // namespace ammo::web
