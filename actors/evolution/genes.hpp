/// The genes of strains: the name and the range of each hyper-parameter, the check of a strain, and which strain an agent
/// plays in a generation. Which genes a policy heeds is said where the policy lives. Pure.
#pragma once

#include "actors/evolution/pbt.hpp"
#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ammo {

[[nodiscard]] std::string_view name_of(gene g) noexcept;
/// Its range, wide enough that most of it is bad.
[[nodiscard]] const gene_range& range_of(gene g) noexcept;

/// Are these a strain's? Errors: `not_finite`, `gene_out_of_range`.
[[nodiscard]] errc check(const strain& s) noexcept;
/// Errors: also `empty_population`, and `duplicate_lineage` within a kind of buddy.
[[nodiscard]] errc check(const strain_news& m);

/// Which of `strains` an agent plays in a generation: dealt anew each time, so that no strain owes its score to its agents.
[[nodiscard]] std::size_t dealt_to(std::uint64_t agent, std::uint64_t generation, std::size_t strains) noexcept;
/// How many strains there are of a kind (in a subspace, of Goal Buddies).
[[nodiscard]] std::size_t strains_of(const strain_news& m, buddy_kind kind, subspace_id subspace = {}) noexcept;
/// The strain that an agent plays; null where there is none of its kind.
[[nodiscard]] const strain* dealt(const strain_news& m, buddy_kind kind, subspace_id subspace, std::uint64_t agent) noexcept;

} // namespace ammo
