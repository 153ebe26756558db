// A slate on its way to a person of a host's: what is delivered, what became of it, and what an impression of it was of.
#include "actors/aipp/aipp_mind.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

void aipp_mind::deliver(const slate_granted& g, outcome& out) {
  auto& d = out.delivered.emplace(
    slate_delivery{.user = g.user, .round = g.round, .why = g.why, .request = g.request, .code = g.code, .slate = {}});
  on_its_way waits{g.user, g.round, {}, g.why};
  for (const auto& i : g.impressions) {
    const auto* info = find(i.creation).info;
    if (!info) {
      refuse(errc::not_live);
      continue;
    }
    d.slate.push_back({.impression = i.id,
                       .creation = i.creation,
                       .goal = info->goal,
                       .content = info->content,
                       .propensity = i.propensity,
                       .slot = static_cast<std::uint32_t>(d.slate.size()),
                       .subspace = subspace_of(i.creation),
                       .item = info->shown});
    waits.slate.push_back(i);
  }
  if (g.code != errc::ok)
    return;
  d.delivery = ++deliveries_;
  if (config_.noted_first)
    open(waits);
  undelivered_.emplace(d.delivery, std::move(waits));
  if (undelivered_.size() > most_undelivered)
    undelivered_.erase(undelivered_.begin());
}

void aipp_mind::open(const on_its_way& slate) {
  std::uint64_t slot = 0;
  for (const auto& i : slate.slate) {
    const arm of = slate.why == occasion::request ? arm_of(i) : arm::none;
    log_.open(i.id, slate.user, {i.creation, slate.round, slot++, static_cast<std::uint64_t>(of)});
    control_.shown(slate.user, of);
  }
}

void aipp_mind::revoke(const on_its_way& slate) {
  for (const auto& i : slate.slate) {
    if (const auto about = log_.peek(i.id, slate.user))
      control_.revoked(slate.user, static_cast<arm>(about->arm));
    log_.revoke(i.id, slate.user);
  }
}

arm aipp_mind::arm_of(const impression& i) const noexcept {
  if (!config_.compares)
    return arm::none;
  return i.propensity.source == propensity_source::control ? arm::control : arm::policy;
}

bool aipp_mind::take(const slate_outcome& m) {
  const auto found = undelivered_.find(m.delivery);
  if (found == undelivered_.end() || found->second.user != m.user)
    return false;
  const auto shown = std::move(found->second);
  undelivered_.erase(found);
  if (index_.find(m.user) == user_index::none)
    return false;
  if (!m.shown) {
    if (config_.noted_first)
      revoke(shown);
    return false;
  }
  if (!config_.noted_first)
    open(shown);
  for (const auto& i : shown.slate)
    ++tally_.of(i.creation).impressions;
  ++slates_;
  if (fitness_)
    fitness_->round(raw(m.user));
  return true;
}

std::optional<slate_granted> aipp_mind::awaits(user_id user, std::uint64_t delivery) const {
  const auto found = undelivered_.find(delivery);
  if (found == undelivered_.end() || found->second.user != user || !has(user))
    return std::nullopt;
  slate_granted out{.user = user, .round = found->second.round, .why = found->second.why, .impressions = {}};
  for (const auto& i : found->second.slate)
    out.impressions.push_back(i);
  return out;
}

void aipp_mind::reopen(const slate_granted& shown) {
  const on_its_way slate{shown.user, shown.round, {shown.impressions.begin(), shown.impressions.end()}, shown.why};
  if (shown.code == errc::ok)
    open(slate);
  else
    revoke(slate);
}

void aipp_mind::succeed(const aipp_mind& failed) {
  for (const auto& known : failed.snapshots_)
    see(known);
  deliveries_ = std::max(deliveries_, failed.deliveries_);
}

result<impression_question> aipp_mind::about(const explain_request& q) {
  if (auto could = could_count(q.user, q.impression); !could)
    return could.error();
  const auto known = log_.recall(q.impression, q.user);
  if (!known)
    return {refuse(known.code()), known.error().detail};
  return impression_question{.user = q.user, .impression = q.impression, .request = q.request, .creation = known->creation, .round = known->round, .slot = static_cast<std::uint32_t>(known->slot), .answered = known->answered};
}

} // namespace ammo
