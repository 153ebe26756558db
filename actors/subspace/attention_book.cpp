#include "actors/subspace/attention_book.hpp"

#include <utility>

namespace ammo {
namespace {

std::vector<attention_report> taken(std::map<std::uint32_t, attention_report>& by_shard) {
  std::vector<attention_report> all;
  for (auto& [from, report] : by_shard)
    all.push_back(std::move(report));
  return all;
}

} // namespace

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
    account all{period, taken(of_period), !newest_ || period > *newest_};
    if (all.told)
      newest_ = period;
    out.done = std::move(all);
    open_.erase(period);
    close(period);
  }
  while (open_.size() > most_open) {
    auto oldest = open_.extract(open_.begin());
    out.given_up.push_back({oldest.key(), taken(oldest.mapped()), false});
    close(oldest.key());
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
