/// The MetaSpace that a deployment describes, with every default resolved.
#pragma once

#include "actors/space/layout.hpp"
#include "ammo/options.hpp"

namespace ammo {

/// The block of each subspace: a width of 0 becomes its kind's default, an offset of −1 the end of the subspace before.
/// Values must be in range (`options::check`).
[[nodiscard]] std::vector<subspace_block> blocks_of(const options& deployment);

/// D: as given, or as the blocks need.
[[nodiscard]] std::uint32_t dim_of(const options& deployment, const std::vector<subspace_block>& blocks) noexcept;

/// The layout of a deployment. Errors: `bad_layout`.
[[nodiscard]] result<layout> layout_of(const options& deployment);

} // namespace ammo
