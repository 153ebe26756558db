/// What each hyper-parameter is called, how far evolution may go with it, which ones a policy heeds, and whose turn it is
/// to play a strain. Pure.
#pragma once

#include "actors/evolution/pbt.hpp"
#include "actors/goal_buddy/goal_policy.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/user_buddy/user_config.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ammo {

[[nodiscard]] std::string_view name_of(gene g) noexcept;
/// Its range, wide enough that most of it is bad.
[[nodiscard]] const gene_range& range_of(gene g) noexcept;

/// The hyper-parameters that a policy heeds while it plays; empty: evolution can't help it. What a belief starts from isn't
/// among them: what a User Buddy has learned stays as it is.
[[nodiscard]] std::vector<gene> genes_of(user_policy p);
/// `writes`: a generator writes what its moves offer.
[[nodiscard]] std::vector<gene> genes_of(goal_policy p, bool writes);

/// Are these a strain's? Errors: `not_finite`, `gene_out_of_range`.
[[nodiscard]] errc check(const strain& s) noexcept;
/// What an agent plays by: the strain's hyper-parameters in the places of those that it came with.
[[nodiscard]] exploration played(const strain& s, exploration before) noexcept;
[[nodiscard]] goal_habits played(const strain& s, goal_habits before) noexcept;
/// Errors: also `empty_population`, and `duplicate_lineage` within a kind of buddy.
[[nodiscard]] errc check(const strain_news& m);

/// Which of `strains` an agent plays in a generation: dealt anew each time, so that no strain owes its score to its agents.
[[nodiscard]] std::size_t dealt_to(std::uint64_t agent, std::uint64_t generation, std::size_t strains) noexcept;
/// How many strains there are of a kind (in a subspace, of Goal Buddies).
[[nodiscard]] std::size_t strains_of(const strain_news& m, buddy_kind kind, subspace_id subspace = {}) noexcept;
/// The strain that an agent plays; null where there is none of its kind.
[[nodiscard]] const strain* dealt(const strain_news& m, buddy_kind kind, subspace_id subspace, std::uint64_t agent) noexcept;

} // namespace ammo
