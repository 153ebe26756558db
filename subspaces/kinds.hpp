/// The kinds that are always there, and what those who describe a kind share.
/// Lives here: coin, job and edu by name, facts made plain, the judgement of signals. May not live here: what a host
/// needs.
#pragma once

#include "subspaces/kind.hpp"

#include <initializer_list>
#include <utility>

namespace ammo {

/// Coins of the Chain Registry; people are the chains that list three or more.
[[nodiscard]] subspace_kind coin_kind();
/// Occupations of O*NET; people are their incumbents, who choose the occupations most closely related to theirs.
[[nodiscard]] subspace_kind job_kind();
/// Programmes of study and learning resources; people are those of a survey who found two or more platforms helpful.
[[nodiscard]] subspace_kind edu_kind();

/// Facts from (name, text) pairs, made plain; those without a text are left out.
[[nodiscard]] std::vector<fact> facts_of(std::initializer_list<std::pair<const char*, std::string_view>> named);

/// `whose` stands before what is wrong. Errors: `bad_value` (no name, a name twice), `not_finite`,
/// `reward_out_of_range`.
[[nodiscard]] result<void> judge_signals(const signal_table& table, const std::string& whose);

} // namespace ammo
