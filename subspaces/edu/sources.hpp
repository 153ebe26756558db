/// The files of edu, read and joined: programmes, resources, what leads where, and who found what helpful.
/// Lives here: facts. May not live here: coordinates.
#pragma once

#include "subspaces/kinds.hpp"

namespace ammo {

/// Programmes come first, then resources.
struct edu_sources {
  std::vector<content_item> items;                   ///< with their texts
  std::vector<std::vector<std::string>> occupations; ///< by programme: first seven characters of O*NET codes
  std::vector<real_choices> choices;                 ///< of people with two or more platforms; a platform is a unit
};

/// Errors: those of `csv_table`.
result<edu_sources> read_edu(const std::string& folder);

} // namespace ammo
