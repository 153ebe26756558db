// Counters of a whole cluster: of each node that has a unit, summed.
#include "runtime/host/cluster/switchboard.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace ammo {
namespace {

void add(runtime_statistics& to, const runtime_statistics& m) {
  for (const auto number : {&runtime_statistics::users, &runtime_statistics::goals, &runtime_statistics::creations, &runtime_statistics::slates,
                            &runtime_statistics::slots_granted, &runtime_statistics::feedback, &runtime_statistics::pushes, &runtime_statistics::messages,
                            &runtime_statistics::actors_restarted, &runtime_statistics::watches, &runtime_statistics::wakes, &runtime_statistics::asleep})
    to.*number += m.*number;
  to.budget_granted_micros += m.budget_granted_micros;
  to.budget_spent_micros += m.budget_spent_micros;
  for (const auto& r : m.refused)
    if (const auto known = std::ranges::find(to.refused, r.code, &decltype(to.refused)::value_type::code); known != to.refused.end())
      known->count += r.count;
    else
      to.refused.push_back(r);
  for (const auto& c : m.counters) {
    const auto same = [&](const counter_value& k) { return k.name == c.name && k.labels == c.labels; };
    if (const auto known = std::ranges::find_if(to.counters, same); known != to.counters.end())
      known->value += c.value;
    else
      to.counters.push_back(c);
  }
}

struct sum {
  std::shared_ptr<ticket> asker;
  runtime_statistics of;
  std::size_t missing = 0;
};

} // namespace

/// One call a node, to any of its units. While units move, one may be counted at both nodes, or at none.
void switchboard::open_sum(const statistics_request& q, std::shared_ptr<ticket> asker) {
  std::map<store::incarnation, store::unit_id> whom;
  for (const auto& [unit, c] : claims_)
    if (c.owner && (c.owner != me_ || here_.contains(unit)))
      whom.try_emplace(c.owner, unit);
  if (whom.size() < 2)
    return open_at({.question = q, .asker = std::move(asker), .unit = whom.empty() ? unit_numbers::host : whom.begin()->second, .to = {}, .bytes = {}});
  if (!asker->hand_on())
    return;
  const auto all = std::make_shared<sum>(sum{asker, {}, whom.size()});
  for (const auto& [node, unit] : whom) {
    auto part = std::make_shared<ticket>(
      [this, at = weak_from_this(), all](host_answer a, place) {
        const auto alive = at.lock();
        if (!alive)
          return;
        post([all, a = std::move(a)] {
          const auto* told = std::get_if<runtime_statistics>(&a);
          if (!told)
            return all->asker->answer(a);
          add(all->of, *told);
          if (--all->missing == 0)
            all->asker->answer(std::move(all->of));
        });
      },
      place{}, with_.ctx, asker->due(), 0);
    with_.keep(part);
    open_at({.question = q, .asker = std::move(part), .unit = unit, .to = {}, .bytes = {}});
  }
}

} // namespace ammo
