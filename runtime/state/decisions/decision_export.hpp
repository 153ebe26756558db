/// A state's decisions as text, for whoever judges policies.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ammo {

struct exported_decisions {
  std::uint64_t slates = 0;
  std::uint64_t left_out = 0; ///< of CSV: slates with an unknown propensity
};

/// Reads the decisions of a state, also while a runtime has it, and hands over one line at a time. `csv`: a line an impression; else a JSON
/// object a slate, and then one a creation that was shown. `day`: since 1970; nothing: all.
/// Errors: `no_such_file` (no state there, or none that keeps decisions), those of the store.
[[nodiscard]] result<exported_decisions> export_decisions(const std::string& place, std::optional<std::uint32_t> day, bool csv,
                                                          const std::function<bool(const std::string&)>& put);

} // namespace ammo
