/// Enums that a configuration names.
#pragma once

#include "actors/base/result.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ammo {

/// The name of an enumerator, where `names` has those of 0, 1, … in order; "unknown" beyond them.
template <class Enum>
[[nodiscard]] std::string_view name_in(std::span<const std::string_view> names, Enum e) noexcept {
  const auto i = static_cast<std::size_t>(e);
  return i < names.size() ? names[i] : "unknown";
}

/// The enumerator of a name. Errors: `bad_value`, which says of `what` it is none, and the names that exist.
template <class Enum>
[[nodiscard]] result<Enum> named_in(std::span<const std::string_view> names, std::string_view what, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end())
    return static_cast<Enum>(found - names.begin());
  std::string known;
  for (std::string_view n : names)
    known += (known.empty() ? "" : ", ") + std::string(n);
  return {errc::bad_value, std::string(what) + " \"" + std::string(name) + "\"; there are " + known};
}

} // namespace ammo
