/// A slate as bytes, written straight away: it is what is answered most, and a tree of values in between costs ten times as much.
#pragma once

#include "runtime/gateway/service/service.hpp"

#include <string>

namespace ammo::web {

/// As docs/openapi.yaml describes it, in either form. O(bytes).
[[nodiscard]] std::string bytes_of(const slate& s, const service& with, form as);

} // namespace ammo::web
