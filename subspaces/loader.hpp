/// What stands between `load_content` and the folders of coin, job and edu.
/// Lives here: the loaders, and the draw of what they may not learn from. May not live here: what a host needs.
#pragma once

#include "subspaces/content.hpp"

namespace ammo {

/// A person's real choices, in units that are held out as a whole: an item each, or all items of a platform.
struct real_choices {
  std::string key;
  std::vector<std::vector<std::uint32_t>> units; ///< indices into `content::items`; no item is in two units
};

/// Facts from (name, text) pairs, made plain; those without a text are left out.
std::vector<fact> facts_of(std::initializer_list<std::pair<const char*, std::string_view>> named);

/// Fills `choosers` and `popularity` of content whose items are there: draws the units of each person that are held
/// out. Whatever embeddings learn from choices, they learn after this, from `chosen` alone.
void hold_out(content& c, std::vector<real_choices> choices, const content_options& options);

/// `options` are checked and their `dim` is set. Errors: those of `csv_table`.
result<content> load_coin(const std::string& data_root, const content_options& options);
result<content> load_job(const std::string& data_root, const content_options& options);
result<content> load_edu(const std::string& data_root, const content_options& options);

} // namespace ammo
