#include "actors/metaspace/watch_book.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ammo {
namespace {

bool all_finite(const std::vector<float>& v) {
  return std::ranges::all_of(v, [](float x) { return std::isfinite(x); });
}

/// The creations of a version that aren't live in the next one.
template <class F>
void each_gone(const catalogue_version& before, const catalogue_version& now, F f) {
  for (std::size_t p = 0; p < before.panels().size(); ++p) {
    if (p < now.panels().size() && before.panels()[p] == now.panels()[p])
      continue;
    for (const creation_info& was : before.panels()[p]->info)
      if (was.id != no_creation && !now.find(was.id))
        f(was.id);
  }
}

/// The creation that has become this one by a move; `no_creation` where there is none.
creation_id before_move(const catalogue_version& before, const catalogue_version& now, creation_id id) {
  const std::uint32_t row = row_of(id);
  if (row >= before.rows())
    return no_creation;
  const creation_info &was = before.info(row), &is = now.info(row);
  return was.goal == is.goal && was.content == is.content ? was.id : no_creation;
}

} // namespace

watch_book::watch_book(layout space) : space_(std::move(space)) {
  for (std::size_t i = 0; i < space_.size(); ++i)
    sections_.push_back({reverse_top_n(space_.coordinates(subspace_id{static_cast<std::uint16_t>(i)}).width)});
}

errc watch_book::check(const watch& w) const {
  if (w.anchor.values.size() != space_.dim() || w.thresholds.size() != space_.size() || w.versions.size() != space_.size())
    return errc::wrong_dimension;
  if (!all_finite(w.anchor.values) || !all_finite(w.thresholds) || !std::isfinite(w.slack) || w.slack < 0)
    return errc::not_finite;
  return w.slate.size() > std::size_t{max_slots} * space_.size() ? errc::too_many_slots : errc::ok;
}

result<std::vector<wake>> watch_book::put(const watch& w) {
  if (const errc refused = check(w); refused != errc::ok)
    return refused;
  forget_slate(w.user);
  try {
    return watch_from_now_on(w);
  } catch (...) { // no memory: in all sections or in none
    remove(w.user);
    throw;
  }
}

std::vector<wake> watch_book::watch_from_now_on(const watch& w) {
  auto& slate = slates_[raw(w.user)] = w.slate;
  for (creation_id id : slate)
    holders_[raw(id)].insert(raw(w.user));
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const block b = space_.coordinates(subspace_id{static_cast<std::uint16_t>(i)});
    sections_[i].watched.put(w.user, std::span(w.anchor.values).subspan(b.offset, b.width), w.thresholds[i], w.slack);
  }
  if (!std::ranges::all_of(slate, [this](creation_id id) { return is_live(id); }))
    doubtful_.insert(raw(w.user));
  std::vector<wake> missed;
  for (std::size_t i = 0; i < sections_.size(); ++i)
    if (sections_[i].snapshot && w.versions[i] < sections_[i].snapshot->version())
      if (wake m = missed_by(w, i); !m.fresh.empty())
        missed.push_back(std::move(m));
  return missed;
}

/// A creation that is newer than all that was seen here counts as live.
bool watch_book::is_live(creation_id id) const {
  const std::size_t at = raw(subspace_of(id));
  return at >= sections_.size() || !sections_[at].snapshot || sections_[at].snapshot->find(id);
}

wake watch_book::missed_by(const watch& w, std::size_t at) const {
  const auto& [watched, snapshot, editions] = sections_[at];
  const subspace_id s{static_cast<std::uint16_t>(at)};
  const block b = space_.coordinates(s);
  std::vector<user_id> found;
  std::vector<float> e(b.width);
  reverse_top_n alone(b.width);
  alone.put(w.user, std::span(w.anchor.values).subspan(b.offset, b.width), w.thresholds[at], w.slack);
  wake m{s, snapshot->version(), {}, {}};
  for (const edition& ed : editions)
    for (std::size_t i = 0; ed.version > w.versions[at] && i < ed.fresh.size(); ++i) {
      if (!snapshot->find(ed.fresh[i]))
        continue;
      snapshot->embedding(row_of(ed.fresh[i]), e);
      found.clear();
      alone.find_among_all(e, found);
      if (found.empty() && !doubtful_.contains(raw(w.user)))
        continue;
      m.fresh.push_back(ed.fresh[i]);
      m.replaced.push_back(ed.replaced[i]);
    }
  return m;
}

void watch_book::forget_slate(user_id user) {
  const auto known = slates_.find(raw(user));
  if (known == slates_.end())
    return;
  for (creation_id id : known->second)
    if (const auto at = holders_.find(raw(id)); at != holders_.end()) {
      at->second.erase(raw(user));
      if (at->second.empty())
        holders_.erase(at);
    }
  slates_.erase(known);
  doubtful_.erase(raw(user));
}

void watch_book::remove(user_id user) {
  forget_slate(user);
  for (section& s : sections_)
    s.watched.remove(user);
}

void watch_book::doubt_holders_of(creation_id gone) {
  const auto held = holders_.extract(raw(gone));
  if (!held)
    return;
  doubtful_.insert(held.mapped().begin(), held.mapped().end());
}

watch_book::call watch_book::see(const catalogue_news& news) {
  const subspace_id s = news.snapshot->subspace();
  if (raw(s) >= sections_.size() || news.snapshot->coordinates() != space_.coordinates(s))
    return {};
  auto& [watched, snapshot, editions] = sections_[raw(s)];
  if (snapshot && snapshot->version() >= news.snapshot->version())
    return {};
  edition now{news.snapshot->version(), news.fresh, {}};
  for (creation_id id : now.fresh)
    now.replaced.push_back(snapshot ? before_move(*snapshot, *news.snapshot, id) : no_creation);
  if (snapshot)
    each_gone(*snapshot, *news.snapshot, [this](creation_id id) { doubt_holders_of(id); });
  snapshot = news.snapshot;
  call c{{s, now.version, now.fresh, now.replaced}, {}};
  editions.push_back(std::move(now));
  if (editions.size() > editions_kept)
    editions.pop_front();
  look_on(c);
  return c;
}

void watch_book::look_on(call& c) {
  if (c.complete())
    return;
  auto& [watched, snapshot, editions] = sections_[raw(c.what.subspace)];
  std::vector<user_id> found;
  std::vector<float> e(snapshot->coordinates().width);
  bool built = false;
  for (std::size_t work = 0; !c.complete() && !built && work < turn_work; ++c.looked_at) {
    const creation_id id = c.what.fresh[c.looked_at];
    if (!snapshot->find(id))
      continue;
    snapshot->embedding(row_of(id), e);
    built = watched.find(e, found);
    work += watched.size() * e.size();
  }
  if (c.complete())
    for (std::uint64_t user : doubtful_)
      found.push_back(user_id{user});
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  std::vector<user_id> all;
  all.reserve(c.users.size() + found.size());
  std::ranges::set_union(c.users, found, std::back_inserter(all));
  c.users = std::move(all);
}

} // namespace ammo
