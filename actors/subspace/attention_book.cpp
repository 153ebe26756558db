#include "actors/subspace/attention_book.hpp"

#include <utility>

namespace ammo {

attention_book::outcome attention_book::take(attention_report r) {
  if (r.shard >= shards_)
    return {{}, errc::bad_value};
  if (r.period < over_ || over_after_.contains(r.period))
    return {{}, errc::stale_epoch};
  auto& of_period = open_[r.period];
  const auto period = r.period;
  const auto shard = r.shard;
  if (!of_period.try_emplace(shard, std::move(r)).second)
    return {{}, errc::stale_epoch};
  outcome out;
  if (of_period.size() == shards_) {
    complete all{period, {}, !newest_ || period > *newest_};
    for (auto& [from, report] : of_period)
      all.reports.push_back(std::move(report));
    if (all.newest)
      newest_ = period;
    out.done = std::move(all);
    open_.erase(period);
    close(period);
  }
  for (; open_.size() > most_open; ++out.given_up) {
    const auto oldest = open_.begin()->first;
    open_.erase(open_.begin());
    close(oldest);
  }
  return out;
}

void attention_book::close(std::uint64_t period) {
  over_after_.insert(period);
  while (over_after_.contains(over_)) // in order: nothing to remember
    over_after_.erase(over_++);
  while (over_after_.size() > most_remembered) {
    over_ = *over_after_.begin() + 1;
    over_after_.erase(over_after_.begin());
  }
}

} // namespace ammo
