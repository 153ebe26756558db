#include "actors/metaspace/metaspace_mind.hpp"

#include "actors/base/random.hpp"
#include "actors/slots/likenesses.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace ammo {
namespace {

/// The order of candidates; a value that isn't finite comes last.
float rank(const candidate& c) noexcept {
  return std::isfinite(c.value) ? c.value : -std::numeric_limits<float>::infinity();
}

bool better(const candidate& a, const candidate& b) noexcept { return rank(a) > rank(b); }

errc refusal_of(picks::verdict v) noexcept {
  switch (v) {
    case picks::verdict::near_duplicate: return errc::near_duplicate;
    case picks::verdict::cap_subspace: return errc::cap_subspace;
    case picks::verdict::cap_goal: return errc::cap_goal;
    case picks::verdict::cap_owner: return errc::cap_owner;
    case picks::verdict::fits: break;
  }
  return errc::slate_full; // a floor keeps the slot
}

/// Every order of what was granted is as likely.
void shuffle(slate_granted& out, splitmix64 g) {
  for (std::size_t i = out.impressions.size(); i > 1; --i) {
    auto& a = out.impressions[i - 1];
    auto& b = out.impressions[static_cast<std::size_t>(uniform01(g) * static_cast<double>(i))];
    std::swap(a.creation, b.creation);
    std::swap(a.propensity, b.propensity);
  }
}

} // namespace

metaspace_mind::metaspace_mind(metaspace_config config)
  : caps_(std::move(config.caps)), capped_(caps_.any()), rewards_(config.rewards), shard_(config.shard),
    next_impression_(config.first_impression) {
  assert(config.shard < config.shards && config.shards <= max_shards);
  caps_.slots = std::min(caps_.slots, max_slots);
}

void metaspace_mind::see(std::shared_ptr<const catalogue_version> snapshot) {
  if (!snapshot || raw(snapshot->subspace()) >= max_subspaces)
    return;
  auto s = raw(snapshot->subspace());
  if (s >= snapshots_.size()) {
    snapshots_.resize(s + 1);
    period_granted_.resize(s + 1);
  }
  if (!snapshots_[s] || snapshots_[s]->version() < snapshot->version())
    snapshots_[s] = std::move(snapshot);
}

errc metaspace_mind::whole(const slate_proposal& p) const noexcept {
  if (p.slots == 0)
    return errc::no_slots;
  if (p.slots > caps_.slots)
    return errc::too_many_slots;
  return snapshots_.empty() ? errc::no_catalogue : errc::ok;
}

errc metaspace_mind::admit(const candidate& c, const creation_info*& found) const noexcept {
  if (!std::isfinite(c.value))
    return errc::not_finite;
  if (!c.propensity.sound())
    return errc::bad_propensity;
  auto s = subspace_of(c.creation);
  if (raw(s) >= snapshots_.size() || !snapshots_[raw(s)])
    return errc::unknown_subspace;
  found = snapshots_[raw(s)]->find(c.creation);
  return found ? errc::ok : errc::not_live;
}

void metaspace_mind::grant_slot(slate_granted& out, creation_id creation, propensity how_likely) {
  ++period_granted_[raw(subspace_of(creation))];
  out.impressions.push_back({make_impression_id(shard_, next_impression_++), creation, how_likely});
}

void metaspace_mind::fill(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first) {
  for (const auto& c : best_first) {
    if (out.impressions.size() == p.slots)
      break;
    const creation_info* info = nullptr;
    errc code = admit(c, info);
    if (code == errc::ok && std::any_of(out.impressions.begin(), out.impressions.end(),
                                        [&](const impression& i) { return i.creation == c.creation; }))
      code = errc::duplicate_in_slate;
    if (code == errc::ok)
      grant_slot(out, c.creation, c.propensity);
    else
      refuse(code);
  }
}

void metaspace_mind::fill_capped(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first) {
  boost::container::small_vector<contender, 64> contenders;
  boost::container::small_vector<creation_id, 64> creations;
  likenesses alike(caps_.near_duplicate);
  for (const auto& c : best_first) {
    const creation_info* info = nullptr;
    errc code = admit(c, info);
    if (code == errc::ok && std::find(creations.begin(), creations.end(), c.creation) != creations.end())
      code = errc::duplicate_in_slate;
    if (code != errc::ok) {
      refuse(code);
      continue;
    }
    const auto s = subspace_of(c.creation);
    contenders.push_back({info->goal, info->owner, s,
                          caps_.near_duplicate > 0 ? alike.of(*snapshots_[raw(s)], row_of(c.creation))
                                                   : static_cast<std::uint32_t>(contenders.size())});
    creations.push_back(c.creation);
  }
  const auto granted = arbitrate(caps_, {contenders.data(), contenders.size()}, p.slots);
  picks slate(caps_);
  for (auto i : granted) {
    grant_slot(out, creations[i], {}); // what caps leave depends on more than the policy
    slate.add(contenders[i]);
  }
  const auto considered = granted.size() == p.slots ? granted.back() : contenders.size();
  for (std::uint32_t i = 0, next = 0; i < considered; ++i)
    if (next < granted.size() && granted[next] == i)
      ++next;
    else
      refuse(refusal_of(slate.judge(contenders[i])));
}

void metaspace_mind::succeed(const metaspace_mind& failed) {
  next_impression_ = std::max(next_impression_, failed.next_impression_);
  for (const auto& known : failed.snapshots_)
    if (known)
      see(known);
  terms_ = failed.terms_;
}

void metaspace_mind::price(const slot_terms& t) {
  if (raw(t.subspace) >= max_subspaces)
    return;
  if (terms_.size() <= raw(t.subspace))
    terms_.resize(raw(t.subspace) + 1);
  if (auto& held = terms_[raw(t.subspace)]; t.period >= held.period)
    held = t;
}

per_slot<candidate> metaspace_mind::on_terms(const slate_proposal& p) {
  per_slot<candidate> out;
  for (candidate c : p.candidates) {
    const creation_info* info = nullptr;
    const auto s = raw(subspace_of(c.creation));
    if (s < terms_.size() && admit(c, info) == errc::ok) {
      const auto& goals = terms_[s].goals;
      const auto t = std::ranges::lower_bound(goals, info->goal, {}, &goal_terms::goal);
      if (t != goals.end() && t->goal == info->goal) {
        if (t->broke) {
          refuse(errc::budget_exceeded);
          continue;
        }
        c.value = t->factor * c.value - t->offset;
      }
    }
    out.push_back(c);
  }
  return out;
}

void metaspace_mind::reward(const slate_granted& out, std::span<const candidate> best_first) {
  boost::container::small_vector<double, 16> values; // of the slate, and of the next in line
  boost::container::small_vector<creation_id, 16> whose;
  const creation_info* info = nullptr;
  for (const auto& c : best_first) {
    const bool shown = std::ranges::find(out.impressions, c.creation, &impression::creation) != out.impressions.end();
    if (std::ranges::find(whose, c.creation) != whose.end() || admit(c, info) != errc::ok ||
        (!shown && whose.size() < out.impressions.size()))
      continue;
    values.push_back(std::max(0.0, double{c.value}));
    if (!shown)
      break;
    whose.push_back(c.creation);
  }
  const boost::container::small_vector<double, 16> weights(whose.size(), 1.0);
  if (const auto merits = backward_rewards({values.data(), values.size()}, {weights.data(), weights.size()}))
    for (std::size_t i = 0; i < whose.size(); ++i)
      merits_[whose[i]].add((*merits)[i]);
}

slate_granted metaspace_mind::grant(const slate_proposal& p) {
  slate_granted out{
    .user = p.user, .round = p.round, .why = p.why, .request = p.request, .code = whole(p), .impressions = {}};
  if (out.code != errc::ok) {
    refuse(out.code);
    return out;
  }
  period_offered_ += p.slots;
  const auto share = [&](std::span<const candidate> best_first) {
    capped_ ? fill_capped(out, p, best_first) : fill(out, p, best_first);
    if (rewards_ == reward_rule::backward)
      reward(out, best_first);
  };
  if (terms_.empty() && std::is_sorted(p.candidates.begin(), p.candidates.end(), better)) {
    share({p.candidates.data(), p.candidates.size()});
  } else {
    auto best_first = terms_.empty() ? p.candidates : on_terms(p);
    std::stable_sort(best_first.begin(), best_first.end(), better);
    share({best_first.data(), best_first.size()});
  }
  if (p.shuffle != 0)
    shuffle(out, splitmix64(p.shuffle));
  return out;
}

exposure metaspace_mind::with_merit(exposure e) {
  if (const auto merit = merits_.extract(e.creation))
    e.merit = wire_of(merit.mapped());
  return e;
}

std::vector<attention_report> metaspace_mind::close(const regret_report& r) {
  std::vector<attention_report> reports;
  for (std::size_t s = 0; s < snapshots_.size(); ++s) {
    if (!snapshots_[s])
      continue;
    attention_report a{.period = r.period, .shard = r.shard, .rounds = r.rounds, .rounds_known = r.rounds_known,
                       .stated = r.stated, .slate = r.slate, .slots_offered = period_offered_,
                       .slots_granted = period_granted_[s], .exposures = {}, .votes = {}};
    for (const auto& e : r.exposures)
      if (raw(subspace_of(e.creation)) == s)
        a.exposures.push_back(with_merit(e));
    for (const auto& e : r.votes)
      if (raw(subspace_of(e.creation)) == s)
        a.votes.push_back(e);
    reports.push_back(std::move(a));
  }
  period_offered_ = 0;
  std::fill(period_granted_.begin(), period_granted_.end(), 0);
  return reports;
}

} // namespace ammo
