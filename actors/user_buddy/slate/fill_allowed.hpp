/// A proposal from which a slate can be filled, although caps refuse most of what is best. Pure.
#pragma once

#include "actors/user_buddy/slate/slate_policy.hpp"

namespace ammo {

/// Where the caps leave fewer of a subspace's chosen creations than it may need (a crowd of near-duplicates, say, or an
/// owner with more creations than there are spares), those that they refuse make room for the best that they allow:
/// under the sample where the policy is Thompson's, else under the posterior's mean. Their values are at most that of the
/// subspace's last chosen one. Nothing changes where caps leave enough, nor for policies that weigh by other values than
/// belief (`uniform`, `ftrl`, `host`). O(chosen²); where it is short, O(live creations).
void fill_allowed(ranking& chosen, const slate_view& view);

} // namespace ammo
