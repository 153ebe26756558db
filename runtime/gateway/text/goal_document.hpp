/// A Goal Buddy as documents describe it: one request's, or a line of a batch.
#pragma once

#include "runtime/gateway/text/members.hpp"

#include "ammo/runtime.hpp"

#include <memory>

namespace ammo::web {

/// The members of a Goal Buddy but for its id: subspace, grounded, owner, content, budget_micros, policy, facts, item, tags.
[[nodiscard]] goal_spec goal_of(members& from, goal_id id);
/// The member "item"; null where there is none.
[[nodiscard]] std::shared_ptr<const item> item_of(members& from);

} // namespace ammo::web
