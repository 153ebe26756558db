/// The genes of Goal Buddies: which hyper-parameters a policy heeds, and how a strain changes them. Pure.
#pragma once

#include "actors/evolution/genes.hpp"
#include "actors/goal_buddy/goal_policy.hpp"

namespace ammo {

/// The hyper-parameters that a policy heeds while it plays; empty: evolution can't help it. `writes`: a generator writes what
/// its moves offer.
[[nodiscard]] std::vector<gene> genes_of(goal_policy p, bool writes);
/// The strain's hyper-parameters in the places of those that the Goal Buddy came with.
[[nodiscard]] goal_habits played(const strain& s, goal_habits before) noexcept;

} // namespace ammo
