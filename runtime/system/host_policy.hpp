/// The host's policies among the built-in ones.
#pragma once

#include "actors/user_buddy/slate/slate_policy.hpp"
#include "ammo/options.hpp"
#include "ammo/policy.hpp"

#include <memory>

namespace ammo {

/// The policy that the deployment plays as "host", or null where it plays another. Errors: `bad_value`, naming those
/// that the host supplies.
[[nodiscard]] result<std::shared_ptr<const slate_policy>> host_policy_of(const options& deployment,
                                                                         const host_policies& supplied);

} // namespace ammo
