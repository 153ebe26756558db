/// Which belief a User Buddy begins with.
#pragma once

#include "actors/user_buddy/belief/belief.hpp"

#include <memory>

namespace ammo {

/// What the options describe, before anything is seen. `options` in their ranges (asserted).
[[nodiscard]] std::unique_ptr<belief_model> learner_of(const belief_options& options);
/// What was saved under the same options; null where the state doesn't fit them.
[[nodiscard]] std::unique_ptr<belief_model> learner_of(const belief_options& options, const belief_state& saved);

} // namespace ammo
