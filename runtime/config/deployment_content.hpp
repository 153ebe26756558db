/// What the kinds of a deployment's subspaces bring: content, what texts mean there, what signals are worth.
#pragma once

#include "ammo/options.hpp"
#include "subspaces/content.hpp"
#include "subspaces/writing_desk.hpp"

#include <vector>

namespace ammo {

/// The content of each subspace, in their order; no items where its kind brings none. Values must be in range
/// (`options::check`). Errors: those of `load_content`.
[[nodiscard]] result<std::vector<content>> contents_of(const options& deployment);

/// What texts mean in each of them.
[[nodiscard]] std::vector<text_sense> senses_of(const std::vector<content>& contents);

/// How an item of a subspace is told of.
[[nodiscard]] item_form item_form_of(const subspace_options& subspace);

/// The signals of a subspace: its kind's, changed by the keys `signal_…` that aren't at their defaults, then by
/// `signals`; of these what it `takes`.
[[nodiscard]] signal_table signals_of(const options& deployment, const subspace_options& subspace);

} // namespace ammo
