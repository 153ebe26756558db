#include "actors/metaspace/metaspace_mind.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace ammo {
namespace {

/// The order of candidates; a value that isn't finite comes last.
float rank(const candidate& c) noexcept {
  return std::isfinite(c.value) ? c.value : -std::numeric_limits<float>::infinity();
}

bool better(const candidate& a, const candidate& b) noexcept { return rank(a) > rank(b); }

template <class T>
std::uint32_t count(const std::array<T, max_slots>& in, std::uint32_t size, T what) noexcept {
  return static_cast<std::uint32_t>(std::count(in.begin(), in.begin() + size, what));
}

} // namespace

struct metaspace_mind::picked {
  std::uint32_t size = 0;
  // Only the first `size` of each are ever read, so they aren't cleared: that would cost more than the grant itself.
  std::array<creation_id, max_slots> creations;
  std::array<goal_id, max_slots> goals;
  std::array<owner_id, max_slots> owners;
  std::array<subspace_id, max_slots> subspaces;

  picked() noexcept {} // NOLINT: see above
  void add(const creation_info& info) noexcept {
    creations[size] = info.id;
    goals[size] = info.goal;
    owners[size] = info.owner;
    subspaces[size++] = subspace_of(info.id);
  }
};

metaspace_mind::metaspace_mind(slate_caps caps, std::uint32_t shard, [[maybe_unused]] std::uint32_t shards)
  : caps_(std::move(caps)), shard_(shard) {
  assert(shard < shards && shards <= max_shards);
  caps_.slots = std::min(caps_.slots, max_slots);
}

void metaspace_mind::see(std::shared_ptr<const catalogue_epoch> snapshot) {
  if (!snapshot || raw(snapshot->subspace()) >= max_subspaces)
    return;
  auto s = raw(snapshot->subspace());
  if (s >= snapshots_.size()) {
    snapshots_.resize(s + 1);
    epoch_granted_.resize(s + 1);
  }
  if (!snapshots_[s] || snapshots_[s]->epoch() < snapshot->epoch())
    snapshots_[s] = std::move(snapshot);
}

errc metaspace_mind::whole(const slate_proposal& p) const noexcept {
  if (p.slots == 0)
    return errc::no_slots;
  if (p.slots > caps_.slots)
    return errc::too_many_slots;
  return snapshots_.empty() ? errc::no_catalogue : errc::ok;
}

errc metaspace_mind::admit(const candidate& c, const picked& so_far, const creation_info*& found) const noexcept {
  if (!std::isfinite(c.value))
    return errc::not_finite;
  auto s = subspace_of(c.creation);
  if (raw(s) >= snapshots_.size() || !snapshots_[raw(s)])
    return errc::unknown_subspace;
  found = snapshots_[raw(s)]->find(c.creation);
  if (!found)
    return errc::not_live;
  if (count(so_far.creations, so_far.size, c.creation) > 0)
    return errc::duplicate_in_slate;
  if (raw(s) < caps_.per_subspace.size() && caps_.per_subspace[raw(s)] > 0 &&
      count(so_far.subspaces, so_far.size, s) >= caps_.per_subspace[raw(s)])
    return errc::cap_subspace;
  if (caps_.per_goal > 0 && count(so_far.goals, so_far.size, found->goal) >= caps_.per_goal)
    return errc::cap_goal;
  if (caps_.per_owner > 0 && count(so_far.owners, so_far.size, found->owner) >= caps_.per_owner)
    return errc::cap_owner;
  return errc::ok;
}

void metaspace_mind::fill(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first) {
  picked so_far;
  for (const auto& c : best_first) {
    if (so_far.size == p.slots)
      break;
    const creation_info* info = nullptr;
    if (errc code = admit(c, so_far, info); code != errc::ok) {
      refuse(code);
      continue;
    }
    so_far.add(*info);
    ++epoch_granted_[raw(subspace_of(c.creation))];
    out.impressions.push_back({make_impression_id(shard_, next_impression_++), c.creation, 1.0f});
  }
  slots_granted_ += so_far.size;
}

slate_granted metaspace_mind::grant(const slate_proposal& p) {
  slate_granted out{
    .user = p.user, .round = p.round, .why = p.why, .request = p.request, .code = whole(p), .impressions = {}};
  if (out.code != errc::ok) {
    refuse(out.code);
    return out;
  }
  ++slates_;
  epoch_offered_ += p.slots;
  if (std::is_sorted(p.candidates.begin(), p.candidates.end(), better)) {
    fill(out, p, {p.candidates.data(), p.candidates.size()});
  } else {
    auto best_first = p.candidates;
    std::stable_sort(best_first.begin(), best_first.end(), better);
    fill(out, p, {best_first.data(), best_first.size()});
  }
  return out;
}

std::vector<attention_report> metaspace_mind::close(const regret_report& r) {
  std::vector<attention_report> reports;
  for (std::size_t s = 0; s < snapshots_.size(); ++s) {
    if (!snapshots_[s])
      continue;
    attention_report a{.epoch = r.epoch, .shard = r.shard, .rounds = r.rounds, .rounds_known = r.rounds_known,
                       .stated = r.stated, .slate = r.slate, .slots_offered = epoch_offered_,
                       .slots_granted = epoch_granted_[s], .exposures = {}};
    for (const auto& e : r.exposures)
      if (raw(subspace_of(e.creation)) == s)
        a.exposures.push_back(e);
    reports.push_back(std::move(a));
  }
  epoch_offered_ = 0;
  std::fill(epoch_granted_.begin(), epoch_granted_.end(), 0);
  return reports;
}

} // namespace ammo
