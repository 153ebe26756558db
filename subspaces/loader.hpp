/// What the loaders of coin, job and edu give to `load_content`, which then draws the hold-out.
/// Lives here: the seam between content.cpp and a subspace's folder. May not live here: anything that a host needs.
#pragma once

#include "subspaces/content.hpp"

namespace ammo {

/// A person's real choices, in units that are held out as a whole: one item each, or all items of a platform.
struct real_choices {
  std::string key;
  std::vector<std::vector<std::uint32_t>> units; ///< indices into `content::items`; no item in two units
};

/// Content without choosers and popularity, and the choices to draw them from.
struct loaded {
  content base;
  std::vector<real_choices> choices; ///< of everyone with enough units to hold one out
};

/// `folder` is the subspace's data folder, `dim` ≥ 1. Errors: those of `csv_table`, and of job `bad_layout` above 96.
result<loaded> load_coin(const std::string& folder, std::uint32_t dim, std::uint64_t seed);
result<loaded> load_job(const std::string& folder, std::uint32_t dim, std::uint64_t seed);
result<loaded> load_edu(const std::string& folder, std::uint32_t dim, std::uint64_t seed);

} // namespace ammo
