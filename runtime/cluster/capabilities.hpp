/// What a node can play and what it prefers, and its text in the store's row of the node. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ammo::cluster {

/// A name is one word: a letter or digit, then letters, digits, and any of "._:-". "kind:coin", "policy:mine", "generator:press".
struct capabilities {
  std::set<std::string, std::less<>> plays;           ///< all that a unit may need
  std::map<std::string, double, std::less<>> prefers; ///< a unit's label ("coin", "people") and how much more of such units this node draws; > 0
  friend bool operator==(const capabilities&, const capabilities&) = default;
};

/// A preference that names no weight: such a unit is played by a node that prefers it, as long as one is there.
inline constexpr double usual_preference = 1'000'000;

/// Words in alphabetical order: "kind:coin kind:job prefers=coin*1000000". Before it: all names are words, all weights in [1e-9, 1e9].
[[nodiscard]] std::string text_of(const capabilities& c);
/// Errors: `bad_value`, with the word that is none; 64 KiB of text at most.
[[nodiscard]] result<capabilities> capabilities_from(std::string_view text);

} // namespace ammo::cluster
