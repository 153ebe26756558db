#include "runtime/cluster/running_totals.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace ammo::cluster {

void running_totals::on_durable(std::uint64_t place) {
  for (; !noted_.empty() && noted_.front().place <= place; noted_.pop_front()) {
    durable_.spent[noted_.front().goal] += noted_.front().amount;
    durable_.at.place = noted_.front().place;
  }
}

amounts running_totals::spent() const {
  amounts all = durable_.spent;
  for (const note& n : noted_)
    all[n.goal] += n.amount;
  return all;
}

result<amounts> totals_book::on_totals(const unit_totals& t) {
  const auto known = last_.find(t.unit);
  if (known != last_.end() && t.at <= known->second.at)
    return amounts{};
  amounts differences;
  for (const auto& [goal, total] : t.spent) {
    std::int64_t before = 0;
    if (known != last_.end())
      if (const auto of = known->second.spent.find(goal); of != known->second.spent.end())
        before = of->second;
    if (total < before)
      return {errc::bad_value, "unit " + std::to_string(static_cast<std::uint32_t>(t.unit)) + " has spent less on goal " +
                                 std::to_string(raw(goal)) + " than it said before"};
    if (total > before)
      differences[goal] = total - before;
  }
  if (known != last_.end() && std::ranges::any_of(known->second.spent, [&](const auto& of) { return of.second > 0 && !t.spent.contains(of.first); }))
    return {errc::bad_value, "unit " + std::to_string(static_cast<std::uint32_t>(t.unit)) + " no longer says what it has spent on a goal"};
  last_.insert_or_assign(t.unit, t);
  return differences;
}

store::position totals_book::booked(store::unit_id unit) const {
  const auto known = last_.find(unit);
  return known == last_.end() ? store::position{} : known->second.at;
}

} // namespace ammo::cluster
