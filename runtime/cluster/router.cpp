#include "runtime/cluster/router.hpp"

#include "actors/base/random.hpp"

#include <algorithm>

namespace ammo::cluster {

result<void> router::open(const call& c, instant now) {
  if (calls_.size() >= times_.most)
    return {errc::overloaded, std::to_string(calls_.size()) + " calls to other nodes are under way"};
  const auto [at, fresh] = calls_.try_emplace(c.key);
  if (!fresh)
    return {errc::key_reused, "a call under this key is under way"};
  at->second.is = c;
  of_unit_[c.unit].insert(c.key);
  at->second.at = std::min(now, c.deadline);
  agenda_.emplace(at->second.at, c.key);
  return {};
}

bool router::forget(std::uint64_t key) {
  const auto c = calls_.extract(key);
  if (!c)
    return false;
  agenda_.erase({c.mapped().at, key});
  const auto of = of_unit_.find(c.mapped().is.unit);
  of->second.erase(key);
  if (of->second.empty())
    of_unit_.erase(of);
  return true;
}

void router::plan(under_way& c, instant at) {
  agenda_.erase({c.at, c.is.key});
  c.at = std::min(at, c.is.deadline);
  agenda_.emplace(c.at, c.is.key);
}

/// Doubles with each attempt, and differs from call to call by a half: calls that failed together don't come together again.
router::instant router::pause(const under_way& c, std::chrono::milliseconds first) const noexcept {
  const auto doubled = first * (std::int64_t{1} << std::min(c.attempt > 0 ? c.attempt - 1 : 0, 10u));
  const auto most = std::min(doubled, times_.longest).count();
  auto g = generator(c.is.key, stream::retry, static_cast<std::uint64_t>(c.is.unit), c.attempt);
  return instant{most - static_cast<std::int64_t>(uniform01(g) * static_cast<double>(most) / 2)};
}

store::incarnation router::owner_of(store::unit_id unit) const {
  const auto known = owners_.find(unit);
  return known == owners_.end() ? store::incarnation{} : known->second.owner;
}

void router::on_away(std::uint64_t key, std::uint32_t attempt, const store::claim& next, instant now) {
  const auto found = calls_.find(key);
  if (found == calls_.end() || found->second.attempt != attempt)
    return;
  auto& c = found->second;
  const auto asked = c.asked;
  if (next.owner && next.owner != asked)
    on_claim(next, now);
  else if (const auto known = owners_.find(c.is.unit); known != owners_.end() && known->second.owner == asked && next.term >= known->second.term)
    known->second = {c.is.unit, {}, next.term}; // whoever has it will be in the rows
  const bool follows = next.owner && next.owner != asked && next.term > c.followed;
  c.followed = std::max(c.followed, next.term);
  plan(c, follows ? now : now + pause(c, times_.refused));
}

void router::on_claim(const store::claim& c, instant now) {
  auto& known = owners_.try_emplace(c.unit, store::claim{c.unit, {}, 0}).first->second;
  if (c.term < known.term || known == c)
    return;
  const bool other = c.owner && c.owner != known.owner;
  known = c;
  if (!other)
    return;
  if (const auto waiting = of_unit_.find(c.unit); waiting != of_unit_.end())
    for (const auto key : waiting->second)
      if (auto& w = calls_.at(key); w.asked != c.owner)
        plan(w, now);
}

void router::on_lost(store::incarnation node, instant now) {
  for (auto& [unit, c] : owners_)
    if (c.owner == node)
      c.owner = {};
  for (auto& [key, c] : calls_)
    if (c.asked == node) {
      c.asked = {};
      plan(c, now + pause(c, times_.refused));
    }
}

router::step router::due(instant now) {
  step next;
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    const auto key = agenda_.begin()->second;
    auto& c = calls_.at(key);
    if (c.is.deadline <= now) {
      next.end.push_back({key, c.is.changes && c.attempt > 0 ? errc::outcome_unknown : errc::timed_out});
      forget(key);
      continue;
    }
    if (const auto to = owner_of(c.is.unit)) {
      ++c.attempt;
      c.asked = to;
      next.send.push_back({key, c.is.unit, to, c.is.deadline, c.attempt});
      plan(c, now + std::max(pause(c, times_.repeat), instant{1}));
    } else {
      next.seek = true;
      plan(c, now + times_.seek); // or when somebody owns the unit: `on_claim`
    }
  }
  return next;
}

std::optional<router::instant> router::next() const { return agenda_.empty() ? std::nullopt : std::optional(agenda_.begin()->first); }

} // namespace ammo::cluster
