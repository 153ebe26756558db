// The Goal Buddies of a Subspace: how they come and go, and what they take back.
#include "actors/protocol/written.hpp"
#include "actors/space/eligibility.hpp"
#include "actors/subspace/subspace_mind.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

bool subspace_mind::forget(goal_id goal) {
  auto known = members_.find(raw(goal));
  if (known == members_.end() || known->second.created)
    return false;
  ledger_.close(goal);
  market_.forget(goal);
  goals_of_owner_.remove(known->second.owner);
  answered_.erase(raw(goal));
  members_.erase(known);
  return true;
}

std::vector<goal_id> subspace_mind::creators() const {
  std::vector<goal_id> out;
  for (const auto& [goal, m] : members_)
    if (m.created)
      out.push_back(goal_id{goal});
  return out;
}

bool subspace_mind::remove(goal_id goal) {
  auto known = members_.find(raw(goal));
  if (known == members_.end())
    return false;
  retire_all(goal, known->second);
  for (auto* gone : {&left_, &left_before_}) // whoever has this id next owes nothing for it
    std::erase_if(*gone, [goal](const auto& entry) { return entry.second == goal; });
  ledger_.remove(goal);
  market_.forget(goal);
  goals_of_owner_.remove(known->second.owner);
  answered_.erase(raw(goal));
  members_.erase(known);
  return true;
}

/// By row, so that rows are free in the same order after a restart.
void subspace_mind::retire_all(goal_id goal, member& m) {
  std::ranges::sort(m.live, {}, row_of);
  for (const creation_id id : std::exchange(m.live, {})) {
    (void)catalogue_.retire(goal, id);
    live_of_owner_.remove(m.owner);
    left(id, goal);
  }
}

result<void> subspace_mind::join(const join_goal& g) {
  if (auto known = members_.find(raw(g.goal)); known != members_.end()) {
    if (known->second.created)
      return {errc::duplicate_goal, "goal " + std::to_string(raw(g.goal))};
    (void)forget(g.goal);
  }
  if (auto fine = check_tags(g.tags); !fine)
    return fine;
  const auto goals = goals_of_owner_.of(g.owner);
  if (goals >= config_.goals_per_owner)
    return {errc::cap_owner, "owner " + std::to_string(raw(g.owner)) + " has " + std::to_string(goals) + " Goal Buddies"};
  if (auto opened = ledger_.grant(g.goal, g.budget_micros); !opened)
    return opened;
  member made{.owner = g.owner, .competes = g.wants_catalogue, .title = plain(g.title, longest_neighbour), .tags = g.tags};
  std::ranges::sort(made.tags);
  made.tags.erase(std::ranges::unique(made.tags).begin(), made.tags.end());
  members_.emplace(raw(g.goal), std::move(made));
  goals_of_owner_.add(g.owner);
  market_.join(g.goal, g.budget_micros);
  return {};
}

creation_verdict subspace_mind::withdraw(const creation_withdrawal& w) {
  creation_verdict v;
  v.goal = w.goal;
  v.creation = w.creation;
  auto asker = members_.find(raw(w.goal));
  const bool all = w.creation == no_creation;
  auto retired = asker == members_.end() ? result<void>{errc::unknown_goal, "goal " + std::to_string(raw(w.goal))}
                 : !all                  ? catalogue_.retire(w.goal, w.creation)
                 : asker->second.live.empty()
                   ? result<void>{errc::unknown_creation, "goal " + std::to_string(raw(w.goal)) + " has nothing live"}
                   : result<void>{};
  if (retired && all) {
    retire_all(w.goal, asker->second);
  } else if (retired) {
    live_of_owner_.remove(asker->second.owner);
    std::erase(asker->second.live, w.creation);
    left(w.creation, w.goal);
  } else {
    v.code = retired.code();
    v.detail = retired.error().detail;
  }
  v.balance_micros = ledger_.balance(w.goal);
  return v;
}

} // namespace ammo
