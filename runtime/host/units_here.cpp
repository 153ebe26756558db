#include "runtime/host/units_here.hpp"

#include "runtime/host/dozing.hpp"

#include <cstddef>
#include <variant>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<bridge_state>*;

void set_here(bridge_state& s, const unit_set& which, bool here) {
  for (const auto i : which.shards)
    s.shards_here[i] = here;
  for (const auto at : which.subspaces)
    s.subspaces_here[at] = here;
  s.rest_here = which.rest ? here : s.rest_here;
}

} // namespace

bool is_here(const bridge_state& s, address a) {
  return a.of == role::aipp ? s.shards_here[a.id] : a.of != role::subspace || a.id >= s.subspaces_here.size() || s.subspaces_here[a.id];
}

void recover(self_ptr self, const std::vector<user_id>& users, const std::vector<std::pair<goal_id, subspace_id>>& goals, const std::vector<key_frame>& answers) {
  auto& s = self->state;
  for (const user_id user : users)
    s.admitted->recovered(user);
  for (const auto& [goal, at] : goals)
    s.admitted->recovered(goal, at);
  for (const key_frame& k : answers)
    if (const auto* known = s.keys.find(k.key); !known || !known->answer) // else its unit was here before
      std::visit([&](const auto& a) { s.keys.recover(k.key, {static_cast<std::size_t>(k.call), k.content}, a, {}, k.holder); }, k.answer);
}

void take_in(self_ptr self, units_came& m) {
  recover(self, m.users, m.goals, m.answers);
  set_here(self->state, m.which, true);
  m.done();
}

void part_with(self_ptr self, units_go& m) {
  auto& s = self->state;
  set_here(s, m.which, false);
  s.admitted->forget([&](user_id user) { return m.which.has_shard(shard_of(user, s.setup->shards)); },
                     [&](subspace_id at) { return m.which.has_subspace(raw(at)); });
  for (auto& w : s.under_way->close_if([&](const bridge_state::waiting& w) { return !is_here(s, w.unit); })) {
    s.keys.forget(w.key);
    w.end(failure{errc::stopped, {}});
  }
  forget_dozers(self, [&](user_id user) { return m.which.has_shard(shard_of(user, s.setup->shards)); });
  m.done();
}

} // namespace ammo
