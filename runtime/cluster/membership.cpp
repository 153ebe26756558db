#include "runtime/cluster/membership.hpp"

#include <algorithm>
#include <utility>

namespace ammo::cluster {
namespace {

constexpr instant for_ever = instant::max();
/// A lease that is read as over is: the store's clock says so. A look that is sent right at its end may be a little early.
constexpr milliseconds behind_an_end{10};

} // namespace

membership::membership(candidate me, std::vector<unit_needs> units, membership_times times, instant entered)
  : me_(std::move(me)), units_(std::move(units)), times_(times), lease_(times.lease) {
  lease_.on_beat(entered);
}

void membership::on_fenced() noexcept {
  ended_ = true;
  owned_.clear();
  taking_.clear();
  giving_.clear();
  passed_.clear();
}

std::optional<store::term_number> membership::term_of(store::unit_id unit) const noexcept {
  const auto found = owned_.find(unit);
  return found == owned_.end() ? std::nullopt : std::optional(found->second);
}

store::claim membership::claim_of(store::unit_id unit) const {
  if (const auto term = term_of(unit))
    return {unit, me_.id, *term};
  const auto found = claims_.find(unit);
  return found == claims_.end() ? store::claim{unit, {}, 0} : found->second;
}

bool membership::declines(store::incarnation who, instant now) const {
  const auto until = declines_.find(who);
  return until != declines_.end() && now < until->second;
}

instant membership::next_look(instant now) const noexcept {
  const instant beat = lease_.next_beat(now);
  return next_end_ ? std::max(now, std::min(beat, *next_end_ + behind_an_end)) : beat;
}

membership::step membership::on_rows(std::uint64_t look, std::span<const store::node> nodes, std::span<const store::claim> claims, instant now) {
  step next;
  if (ended_ || look <= seen_)
    return next;
  seen_ = look;
  see_nodes(nodes, now, next);
  if (ended_ || next.rows_lost)
    return next;
  for (const unit_needs& unit : units_) {
    const auto c = std::ranges::find(claims, unit.unit, &store::claim::unit);
    if (c == claims.end())
      next.rows_lost = true;
    else
      see_claim(*c, unit, look, now, next);
  }
  return next;
}

void membership::see_nodes(std::span<const store::node> nodes, instant now, step& next) {
  const auto mine = std::ranges::find(nodes, me_.id, &store::node::id);
  if (mine == nodes.end()) {
    next.rows_lost = true;
    return;
  }
  if (mine->fenced)
    return on_fenced();
  live_.clear();
  settled_out_.clear();
  next_end_.reset();
  auto before = std::exchange(since_, {});
  for (const store::node& n : nodes) {
    if (n.fenced) {
      settled_out_.insert(n.id);
      continue;
    }
    if (n.id == me_.id) {
      live_.push_back(me_);
    } else if (n.lease_left_ms < 0) {
      next.fence.push_back(n.id);
      continue;
    } else {
      const instant end = now + milliseconds{n.lease_left_ms};
      next_end_ = std::min(next_end_.value_or(end), end);
      auto can = capabilities_from(n.capabilities);
      live_.push_back({n.id, n.name, can ? *std::move(can) : capabilities{}});
      next.name_taken = (n.name == me_.name && n.id < me_.id && renews(n, now)) || next.name_taken;
    }
    const auto known = before.find(n.id);
    since_[n.id] = known == before.end() ? now : known->second;
  }
  std::erase_if(declines_, [&](const auto& d) { return !since_.contains(d.first); });
}

/// A row was read some time between the look's sending and its answer, so its lease ends some time between two instants. Beats of a process
/// that has ended may still be committed for a while: it lives if it has renewed its lease for longer than that.
bool membership::renews(const store::node& namesake, instant now) {
  const instant left{namesake.lease_left_ms};
  const auto [first_end, fresh] = namesakes_.try_emplace(namesake.id, now + left);
  return !fresh && look_sent_ + left > first_end->second + 2 * times_.lease;
}

void membership::see_claim(const store::claim& c, const unit_needs& unit, std::uint64_t look, instant now, step& next) {
  const auto ranks = ranking(unit, live_);
  if (ranks.empty())
    next.unplayable.push_back(unit.unit);
  if (const auto last = changed_.find(unit.unit); (last != changed_.end() && look <= last->second) || taking_.contains(unit.unit))
    return;
  claims_[unit.unit] = c;
  if (c.owner)
    passed_.erase(unit.unit);
  const auto owned = term_of(unit.unit);
  if (owned) {
    if (c.owner != me_.id || c.term != *owned) // only a fenced node loses a unit, and this one isn't
      next.rows_lost = next.rows_lost || !gives(unit.unit);
    else
      give_better(c, ranks, now, next);
    return;
  }
  if (c.owner == me_.id) {
    const auto before = last_owned_.find(unit.unit);
    if (before == last_owned_.end() || c.term > before->second) {
      on_taken(unit.unit, c.term);
      next.found.push_back(c);
    }
    return;
  }
  const bool free = !c.owner || settled_out_.contains(c.owner) ||
                    (!since_.contains(c.owner) && std::ranges::find(next.fence, c.owner) == next.fence.end());
  if (free)
    return take_free(c, ranks, now, next);
  free_since_.erase(unit.unit);
}

/// Those before this node in the ranking have had their time, each its own.
void membership::take_free(const store::claim& c, std::span<const std::size_t> ranks, instant now, step& next) {
  auto& [term, since] = free_since_.try_emplace(c.unit, c.term, now).first->second;
  if (term != c.term)
    std::tie(term, since) = std::pair(c.term, now);
  if (leaving_ || !counts(now))
    return;
  std::vector<store::incarnation> before;
  for (const std::size_t i : ranks) {
    const auto who = live_[i].id;
    if (who == me_.id) {
      if (now < since + times_.patience * static_cast<int>(before.size()))
        return;
      for (const auto& late : before) {
        auto& until = declines_[late];
        until = std::max(until, now + times_.sulk);
      }
      taking_.insert(c.unit);
      next.take.push_back(c);
      return;
    }
    if (!declines(who, now))
      before.push_back(who);
  }
}

void membership::give_better(store::claim c, std::span<const std::size_t> ranks, instant now, step& next) {
  if (giving_.contains(c.unit) || giving_.size() + passed_.size() >= times_.moves_at_once || !counts(now))
    return;
  if (const auto kept = kept_.find(c.unit); kept != kept_.end() && now < kept->second)
    return;
  for (const std::size_t i : ranks) {
    const auto who = live_[i].id;
    if (who == me_.id) {
      if (leaving_)
        continue;
      return;
    }
    if (declines(who, now) || (!leaving_ && now < since_.at(who) + times_.settle))
      continue;
    giving_.insert(c.unit);
    next.give.push_back({c, who});
    return;
  }
}

void membership::on_taken(store::unit_id unit, store::term_number term) {
  if (ended_)
    return;
  taking_.erase(unit);
  passed_.erase(unit);
  owned_[unit] = last_owned_[unit] = term;
  free_since_.erase(unit);
  changed(unit);
}

void membership::on_not_taken(store::unit_id unit) {
  taking_.erase(unit);
  changed(unit);
}

void membership::on_released(store::unit_id unit) {
  owned_.erase(unit);
  giving_.erase(unit);
  kept_.erase(unit);
  passed_.insert(unit);
  changed(unit);
}

void membership::on_kept(store::unit_id unit, instant until) {
  giving_.erase(unit);
  kept_[unit] = until;
  changed(unit);
}

void membership::on_leaving(store::incarnation who) { declines_[who] = for_ever; }

std::optional<store::claim> membership::on_offer(store::claim released, store::incarnation from, bool leaves, instant now) {
  if (leaves)
    on_leaving(from);
  if (ended_ || leaving_ || !counts(now) || term_of(released.unit) || taking_.contains(released.unit))
    return std::nullopt;
  const auto unit = std::ranges::find(units_, released.unit, &unit_needs::unit);
  const bool able = unit != units_.end() && std::ranges::all_of(unit->needs, [&](const auto& need) { return me_.can.plays.contains(need); });
  if (!able)
    return std::nullopt;
  taking_.insert(released.unit);
  return store::claim{released.unit, {}, released.term};
}

} // namespace ammo::cluster
