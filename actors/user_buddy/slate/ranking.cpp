#include "actors/user_buddy/slate/ranking.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

void embed_in_factor(const layout& space, const catalogue_version& c, std::uint32_t row, std::span<float> out) noexcept {
  const block b = space.within_factor(c.subspace());
  std::fill_n(out.begin(), b.offset, 0.0f);
  c.embedding(row, out.subspan(b.offset, b.width));
  std::fill(out.begin() + b.end(), out.end(), 0.0f);
}

bool better(const scored& a, const scored& b) noexcept {
  const auto place = [](const scored& s) { return std::pair(subspace_of(s.creation), row_of(s.creation)); };
  return a.score != b.score ? a.score > b.score : place(a) < place(b);
}

void merge(ranking& found, const slate_options& options, std::size_t subspaces, std::size_t n) {
  if (subspaces < 2)
    return;
  std::ranges::sort(found, better);
  // Where caps may bite, each subspace's best stay, so that no capped subspace can fill the proposal alone.
  found.resize(std::min(options.spare_candidates > 0 ? most_candidates : n, found.size()));
}

ranking best_slate(const slate_options& options, snapshots_view snapshots, std::span<const float> q, std::size_t n,
                   const eligibility* who) {
  ranking ranked;
  for (const auto& s : snapshots) {
    const std::size_t before = ranked.size();
    ranked.resize(before + n);
    ranked.resize(before + top_n(*s, part_of(q, *s), n, span_of(ranked).subspan(before), who));
  }
  merge(ranked, options, snapshots.size(), n);
  return ranked;
}

} // namespace ammo
