#include "runtime/host/cluster/node_mail.hpp"

#include <chrono>
#include <utility>

namespace ammo {
namespace {

/// So often a new link is told the newest again, and so long after the last time.
constexpr int told_again = 4;
constexpr std::chrono::milliseconds between{300};

} // namespace

store::claim node_mail::claim_of(store::unit_id unit) const {
  const auto known = claims_.find(unit);
  return known == claims_.end() ? store::claim{unit, {}, 0} : known->second;
}

void node_mail::send(address to, std::uint16_t type, frame f) { send_to(units_.of(to), to, type, std::move(f)); }

void node_mail::send_to(store::unit_id unit, address to, std::uint16_t type, frame f) {
  const std::scoped_lock turn(turn_);
  const auto c = claim_of(unit);
  if (!links_ || !c.owner || c.owner == me_ || !up_.contains(c.owner))
    return ctx_->count.add(counter::letters_lost, this);
  links_->send(c.owner, to, unit, c.term, type, std::move(f), false);
}

void node_mail::spread(address of, std::uint16_t type, std::function<frame()> make) {
  const auto unit = units_.of(of);
  std::unique_lock turn(turn_);
  if (claim_of(unit).owner != me_)
    return;
  const bool wanted = links_ && !up_.empty();
  turn.unlock();
  const auto f = wanted ? make() : frame{}; // a catalogue takes its time
  turn.lock();
  const auto c = claim_of(unit);
  if (c.owner != me_)
    return;
  if (wanted && links_)
    for (const auto& [to, known] : up_)
      links_->send(to, of, unit, c.term, type, f, true);
  newest_.insert_or_assign(std::pair(of, type), std::move(make));
}

void node_mail::on_run(store::incarnation me, std::shared_ptr<node::links> links) {
  const std::scoped_lock turn(turn_);
  me_ = me;
  std::swap(links_, links);
  newest_.clear();
  if (!links_) // a link may be up before this is said
    up_.clear();
}

void node_mail::on_link_up(store::incarnation to) {
  const std::scoped_lock turn(turn_);
  auto& known = up_[to];
  ++known.up;
  known.again = told_again;
  known.told = ctx_->time->now();
  tell_newest(to);
}

void node_mail::tell_again() {
  const std::scoped_lock turn(turn_);
  for (auto& [to, known] : up_)
    if (const auto now = ctx_->time->now(); known.again > 0 && now - known.told >= between) {
      --known.again;
      known.told = now;
      tell_newest(to);
    }
}

void node_mail::tell_newest(store::incarnation to) {
  if (!links_)
    return;
  for (const auto& [what, make] : newest_) {
    const auto unit = units_.of(what.first);
    links_->send(to, what.first, unit, claim_of(unit).term, what.second, make(), true);
  }
}

void node_mail::on_link_lost(store::incarnation to) {
  const std::scoped_lock turn(turn_);
  if (const auto known = up_.find(to); known != up_.end() && --known->second.up <= 0)
    up_.erase(known);
}

void node_mail::on_claim(const store::claim& c) {
  const std::scoped_lock turn(turn_);
  auto& known = claims_.try_emplace(c.unit, c).first->second;
  if (c.term < known.term)
    return;
  known = c;
  if (c.owner != me_)
    std::erase_if(newest_, [&](const auto& told) { return units_.of(told.first.first) == c.unit; });
}

bool node_mail::counts(const cluster::letter& l) {
  if (const bool says_unit = l.to.of == role::subspace || l.to.of == role::evolution; says_unit && units_.of(l.to) != l.unit)
    return false;
  const std::scoped_lock turn(turn_);
  return l.term >= claim_of(l.unit).term;
}

} // namespace ammo
