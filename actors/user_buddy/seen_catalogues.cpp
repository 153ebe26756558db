#include "actors/user_buddy/seen_catalogues.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

namespace {

creation_id creation_of(const embedding_store::handle& held) noexcept { return held->creation; }

} // namespace

bool seen_catalogues::see(std::shared_ptr<const catalogue_version> version, std::span<const creation_id> referred,
                          embedding_store& store) {
  const auto held = std::lower_bound(newest_.begin(), newest_.end(), version->subspace(),
                                     [](const auto& have, subspace_id s) { return have->subspace() < s; });
  if (held == newest_.end() || (*held)->subspace() != version->subspace()) {
    if (gone_) // from a snapshot without catalogues: what is live is no longer gone
      std::erase_if(*gone_, [&](const auto& g) { return version->find(g->creation) != nullptr; });
    newest_.insert(held, std::move(version));
    return true;
  }
  if ((*held)->version() >= version->version())
    return false;
  const auto old = std::exchange(*held, std::move(version));
  std::vector<float> e(old->coordinates().width);
  for (creation_id id : referred)
    if (old->find(id) && !(*held)->find(id) && !kept(id)) {
      old->embedding(row_of(id), e);
      keep(store.hold(id, e));
    }
  return true;
}

const catalogue_version* seen_catalogues::newest(subspace_id s) const noexcept {
  for (const auto& held : newest_)
    if (held->subspace() == s)
      return held.get();
  return nullptr;
}

const catalogue_version* seen_catalogues::live_in(creation_id creation) const noexcept {
  const catalogue_version* home = newest(subspace_of(creation));
  return home && home->find(creation) ? home : nullptr;
}

embedding_store::handle seen_catalogues::held(creation_id creation, embedding_store& store) const {
  const auto all = gone();
  if (const auto at = std::ranges::lower_bound(all, creation, {}, creation_of); at != all.end() && (*at)->creation == creation)
    return *at;
  const catalogue_version* home = live_in(creation);
  if (!home)
    return nullptr;
  std::vector<float> e(home->coordinates().width);
  home->embedding(row_of(creation), e);
  return store.hold(creation, e);
}

const held_embedding* seen_catalogues::kept(creation_id creation) const noexcept {
  const auto all = gone();
  const auto at = std::ranges::lower_bound(all, creation, {}, creation_of);
  return at != all.end() && (*at)->creation == creation ? at->get() : nullptr;
}

void seen_catalogues::embed(const layout& space, creation_id creation, std::span<float> out) const noexcept {
  if (const catalogue_version* home = live_in(creation))
    return embed_in_factor(space, *home, row_of(creation), out);
  std::ranges::fill(out, 0.0f);
  if (const held_embedding* held = kept(creation))
    std::ranges::copy(held->e, out.begin() + space.within_factor(subspace_of(creation)).offset);
}

void seen_catalogues::keep(embedding_store::handle gone) {
  if (!gone_)
    gone_ = boxed(std::vector<embedding_store::handle>{});
  gone_->insert(std::ranges::lower_bound(*gone_, gone->creation, {}, creation_of), std::move(gone));
}

void seen_catalogues::keep_only(std::vector<creation_id> referred) {
  if (!gone_)
    return;
  std::ranges::sort(referred);
  std::erase_if(*gone_, [&](const auto& held) { return !std::ranges::binary_search(referred, held->creation); });
  if (gone_->empty())
    gone_ = {};
}

std::span<const embedding_store::handle> seen_catalogues::gone() const noexcept {
  return gone_ ? std::span<const embedding_store::handle>(*gone_) : std::span<const embedding_store::handle>();
}

} // namespace ammo
