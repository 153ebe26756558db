// A MetaSpace shard's minds as values, and back.
#include "actors/protocol/state/metaspace_state.hpp"

#include "actors/base/saved.hpp"
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/metaspace/watch_book.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <cmath>
#include <utility>

namespace ammo {
namespace {

subspace_id subspace_at(std::size_t i) { return subspace_id{static_cast<std::uint16_t>(i)}; }

failure bad_watcher(user_id user) { return bad_state("what user " + std::to_string(raw(user)) + " watches"); }

bool fits(const watched_state& w, std::uint32_t width) {
  double square = 0;
  for (float x : w.unit.values)
    square += double{x} * x;
  return w.unit.values.size() == width && (square == 0 || std::abs(square - 1) < 1e-3) && std::isfinite(w.threshold) &&
         std::isfinite(w.slack) && w.slack >= 0;
}

} // namespace

metaspace_mind_state metaspace_mind::save() const {
  metaspace_mind_state out{.next_impression = next_impression_,
                           .catalogues = snapshots_,
                           .terms = terms_,
                           .period_offered = period_offered_,
                           .period_granted = period_granted_,
                           .merits = {}};
  for (const auto* entry : by_key(merits_))
    out.merits.push_back({entry->first, wire_of(entry->second)});
  return out;
}

result<metaspace_mind> metaspace_mind::restore(metaspace_config config, const metaspace_mind_state& s) {
  metaspace_mind out(std::move(config));
  if (s.next_impression == 0 || s.catalogues.size() > max_subspaces || s.terms.size() > max_subspaces ||
      s.period_granted.size() != s.catalogues.size() || !ascends(s.merits, &merit_state::creation))
    return bad_state("a MetaSpace shard");
  for (std::size_t i = 0; i < s.catalogues.size(); ++i)
    if (s.catalogues[i] && s.catalogues[i]->subspace() != subspace_at(i))
      return bad_state("the catalogue of subspace " + std::to_string(i));
  out.next_impression_ = s.next_impression;
  out.snapshots_ = s.catalogues;
  out.terms_ = s.terms;
  out.period_offered_ = s.period_offered;
  out.period_granted_ = s.period_granted;
  for (const merit_state& m : s.merits)
    out.merits_.emplace(m.creation, sum_of(m.merit));
  return out;
}

watch_book_state watch_book::save() const {
  watch_book_state out;
  for (const section& s : sections_) {
    auto& made = out.catalogues.emplace_back(watched_catalogue_state{s.snapshot, {}});
    for (const edition& e : s.editions)
      made.editions.push_back({e.version, e.fresh, e.replaced});
  }
  for (const auto* entry : by_key(slates_)) {
    const auto& [user, slate] = *entry;
    auto& made = out.watchers.emplace_back(watcher_state{user_id{user}, slate, doubtful_.contains(user), {}});
    for (const section& s : sections_) {
      auto a = s.watched.saved(user_id{user});
      made.watched.push_back({{std::move(a.unit)}, a.threshold, a.slack});
    }
  }
  return out;
}

result<watch_book> watch_book::restore(layout space, const watch_book_state& state) {
  watch_book out(std::move(space));
  if (state.catalogues.size() != out.sections_.size() || !ascends(state.watchers, &watcher_state::user))
    return bad_state("a push index");
  for (std::size_t i = 0; i < out.sections_.size(); ++i)
    if (auto fine = out.restore_catalogue(i, state.catalogues[i]); !fine)
      return fine.error();
  for (const watcher_state& w : state.watchers)
    if (auto fine = out.restore_watcher(w); !fine)
      return fine.error();
  return out;
}

result<void> watch_book::restore_catalogue(std::size_t at, const watched_catalogue_state& c) {
  const auto wrong = [at] { return bad_state("the watched catalogue of subspace " + std::to_string(at)); };
  if (c.catalogue &&
      (c.catalogue->subspace() != subspace_at(at) || c.catalogue->coordinates() != space_.coordinates(subspace_at(at))))
    return wrong();
  if (c.editions.size() > editions_kept || !ascends(c.editions, &edition_state::version) ||
      (c.editions.empty() ? c.catalogue != nullptr
                          : !c.catalogue || c.editions.back().version != c.catalogue->version()))
    return wrong();
  sections_[at].snapshot = c.catalogue;
  for (const edition_state& e : c.editions) {
    if (e.fresh.size() != e.replaced.size())
      return wrong();
    sections_[at].editions.push_back({e.version, e.fresh, e.replaced});
  }
  return {};
}

result<void> watch_book::restore_watcher(const watcher_state& w) {
  if (w.watched.size() != sections_.size() || w.slate.size() > std::size_t{max_slots} * space_.size())
    return bad_watcher(w.user);
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    if (!fits(w.watched[i], space_.coordinates(subspace_at(i)).width))
      return bad_watcher(w.user);
    sections_[i].watched.restore(w.user, {w.watched[i].unit.values, w.watched[i].threshold, w.watched[i].slack});
  }
  slates_[raw(w.user)] = w.slate;
  for (creation_id id : w.slate)
    holders_[raw(id)].insert(raw(w.user));
  if (w.doubtful)
    doubtful_.insert(raw(w.user));
  return {};
}

} // namespace ammo
