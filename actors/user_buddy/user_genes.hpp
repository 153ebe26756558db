/// The genes of User Buddies: which hyper-parameters a policy heeds, and how a strain changes them. Pure.
#pragma once

#include "actors/evolution/genes.hpp"
#include "actors/user_buddy/user_config.hpp"

namespace ammo {

/// The hyper-parameters that a policy heeds while it plays; empty: evolution can't help it. What a belief starts from isn't
/// among them: what a User Buddy has learned stays as it is.
[[nodiscard]] std::vector<gene> genes_of(user_policy p);
/// The strain's hyper-parameters in the places of those that the User Buddy came with.
[[nodiscard]] exploration played(const strain& s, exploration before) noexcept;

} // namespace ammo
