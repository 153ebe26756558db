/// How a kind's content enters the game: content becomes embeddings, facts ground creations, real choices become the
/// preferences of people.
/// Lives here: the loading of any kind. May not live here: what one kind reads, actors, CAF, printing.
#pragma once

#include "subspaces/kind.hpp"
#include "subspaces/text_index.hpp"

namespace ammo {

/// Reads a kind's content, holds choices out, grounds and embeds its items. A kind without `read` has no items. Errors:
/// those of `read` and `embed`; `bad_layout` for a dim that the kind can't give, `bad_value` for a hold_out outside
/// [0, 1), for items that share a key and for choices of items that aren't there; `wrong_dimension`, `not_finite` and
/// `norm_over_cap` of embeddings; `internal` where a function of the kind threw.
[[nodiscard]] result<content> load_content(const subspace_kind& kind, const std::string& data_root,
                                           const content_options& options);
/// The same for coin, job or edu. Errors: also `unknown_subspace`, with the names that exist.
[[nodiscard]] result<content> load_content(std::string_view name, const std::string& data_root,
                                           const content_options& options);

/// What lies close to an item: other items by the distance of their facts, nearest first, `most_neighbours` at most.
[[nodiscard]] std::vector<neighbour> neighbours_of(const content& c, std::size_t position);

/// The hidden q of a simulated person who stands for a chooser: the normalised mean of the chosen items' embeddings;
/// every further person of the same chooser (`copy` ≥ 1) is a bootstrap resample of the choices. A chooser that isn't
/// there or has chosen nothing: a random direction.
[[nodiscard]] std::vector<float> preference_of(const content& c, std::size_t chooser, std::uint64_t copy,
                                               std::uint64_t seed);

} // namespace ammo
