/// A deployment's options as the configurations of its minds: every field by its name.
/// Lives here: what an option means to a mind. May not live here: actors, CAF.
#pragma once

#include "actors/aipp/aipp_mind.hpp"
#include "actors/evolution/evolution_mind.hpp"
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/slots/reward_rule.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "actors/user_buddy/user_config.hpp"
#include "ammo/goal_policy.hpp"
#include "ammo/options.hpp"
#include "ammo/policy.hpp"
#include "runtime/system/host_goal_policy.hpp"

#include <memory>
#include <vector>

namespace ammo {

/// By what Goal Buddies are rewarded in a deployment that was checked.
[[nodiscard]] reward_rule rewards_of(const options& deployment);
/// The caps and floors of every slate.
[[nodiscard]] slate_caps caps_of(const options& deployment);

/// Errors of each: `bad_value` (names of policies and models), and of `user_config_of` also those of `host_policy_of`.
[[nodiscard]] result<user_config> user_config_of(const options& deployment, const layout& space,
                                                 const host_policies& host);
[[nodiscard]] result<people_config> people_config_of(const options& deployment);
/// By subspace, without a generator.
[[nodiscard]] result<std::vector<goal_config>> goal_configs_of(const options& deployment, const creator_policy_maker& creators,
                                                               std::shared_ptr<const policy_place> where = {});
/// Of a deployment whose names were judged: by the calls above.
[[nodiscard]] subspace_config subspace_config_of(const options& deployment, const layout& space, std::size_t at);
[[nodiscard]] aipp_config aipp_config_of(const options& deployment, const layout& space, const people_config& people,
                                         std::uint32_t shard);
[[nodiscard]] evolution_config evolution_config_of(const options& deployment, user_policy user, goal_policy goal);

} // namespace ammo
