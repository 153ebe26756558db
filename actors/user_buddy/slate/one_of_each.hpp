/// Near-duplicates compete as one for a slot. Pure.
#pragma once

#include "actors/user_buddy/slate/slate_policy.hpp"

namespace ammo {

/// What the policy chooses where only one of each bunch (`bunches`) competes; then, for each that was chosen, the policy chooses which of
/// its bunch is shown, by what it believes and equals by chance; and where distinct creations have run out, it fills what is left with
/// more of the bunches, at values of at most the last one's. How likely any of it was isn't told. As `policy.choose` where nothing eligible
/// is in a bunch, and for policies that don't go by belief. O(bunches) beside the policy's own looks: one more for each bunch chosen.
[[nodiscard]] ranking choose_one_of_each(const slate_policy& policy, const slate_view& view);

} // namespace ammo
