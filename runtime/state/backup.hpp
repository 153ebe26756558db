/// A copy of a folder's state while a runtime is using it.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <string>

namespace ammo {

/// Copies a state, and its decisions, as they are at one moment, from a folder to one that is empty or isn't there. The runtime goes on; nothing waits. A
/// start on the copy finds what a start after a crash at that moment would. Bytes of the copy.
/// Errors: `no_such_file` (no state there), `bad_state` (something is at the target), `bad_value` (one of the two is no folder), those of the store.
[[nodiscard]] result<std::uint64_t> back_up(const std::string& from, const std::string& to);

/// Copies the decisions of a state to another place, where there are any. Rows that are there stay.
[[nodiscard]] result<void> copy_decisions(const std::string& from, const std::string& to);

} // namespace ammo
