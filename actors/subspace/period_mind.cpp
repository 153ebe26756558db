#include "actors/subspace/period_mind.hpp"

namespace ammo {

void period_mind::on_join(goal_id goal, bool returns) {
  const auto waiting = offers_.lower_bound({goal, 0});
  if (waiting != offers_.end() && waiting->first.first == goal) // its offer was faster
    return;
  const auto it = awaited_.find(goal);
  if (it != awaited_.end())
    it->second = 0;
  else if (!returns) // one that returns owes nothing: it has answered before
    awaited_.emplace(goal, 0);
}

period_mind::step period_mind::on_leave(goal_id goal) {
  awaited_.erase(goal);
  std::erase_if(offers_, [goal](const auto& o) { return o.first.first == goal; });
  return go_on();
}

period_mind::step period_mind::on_open(std::uint64_t period) {
  if (period == opened_ && period != 0 && !publishing_) {
    step again;
    again.opened = period;
    return again;
  }
  if (period <= opened_ || (opening_ && period <= *opening_) || (publishing_ && period <= *publishing_))
    return {};
  opening_ = period;
  return go_on();
}

period_mind::step period_mind::on_offer(offerer from, creation_offer o) {
  const auto goal = o.goal;
  const auto period = o.period;
  offers_.try_emplace({goal, o.key}, addressed_offer{from, std::move(o)});
  heard_from(goal, period);
  return go_on();
}

period_mind::step period_mind::on_pass(const creation_pass& p) {
  heard_from(p.goal, p.period);
  return go_on();
}

/// An answer to an earlier broadcast is late: the one that is waited for is still to come.
void period_mind::heard_from(goal_id goal, std::uint64_t period) {
  const auto it = awaited_.find(goal);
  if (it != awaited_.end() && period >= it->second)
    awaited_.erase(it);
}

period_mind::step period_mind::on_published(std::uint64_t period) {
  if (publishing_ != period)
    return {};
  publishing_.reset();
  opened_ = period;
  auto out = go_on();
  out.opened = period;
  return out;
}

void period_mind::on_regret(std::uint64_t period, const std::vector<goal_id>& goals) {
  if (closing_ && period <= *closing_)
    return;
  closing_ = period;
  broadcasting_ = true;
  awaited_.clear();
  for (auto goal : goals)
    awaited_.emplace(goal, period);
}

period_mind::step period_mind::on_regret_sent(std::uint64_t period) {
  if (closing_ != period)
    return {};
  broadcasting_ = false;
  return go_on();
}

period_mind::step period_mind::go_on() {
  step out;
  if (!awaited_.empty())
    return out;
  if (opening_ && !publishing_) {
    for (auto& [key, waiting] : offers_)
      out.take.push_back(std::move(waiting));
    offers_.clear();
    publishing_ = out.publish = std::exchange(opening_, std::nullopt);
  }
  if (closing_ && !broadcasting_)
    out.closed = std::exchange(closing_, std::nullopt);
  return out;
}

} // namespace ammo
