#include "actors/user_buddy/slate/shared_ties.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ammo {

namespace {

std::size_t below(splitmix64& g, std::size_t n) { return static_cast<std::size_t>(uniform01(g) * static_cast<double>(n)); }

/// Brings `some` of all, drawn at random, to the front, in random order.
void draw(std::span<scored> all, std::size_t some, splitmix64& g) {
  for (std::size_t i = 0; i < some; ++i)
    std::swap(all[i], all[i + below(g, all.size() - i)]);
}

} // namespace

std::size_t top_n_by_chance(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out, splitmix64& g,
                            const eligibility* who) {
  ranking best(std::min(n + 1, most_candidates)); // the most that are searched for
  best.resize(top_n(c, q, best.size(), span_of(best), who));
  const std::size_t found = std::min(best.size(), n);
  std::copy_n(best.begin(), found, out.begin());
  std::size_t first = 0; // of a run of equals
  for (std::size_t i = 1; i <= found; ++i)
    if (i == found || out[i].score != out[first].score) {
      if (i - first > 1)
        draw(out.subspan(first, i - first), i - first, g);
      if (i < found)
        first = i;
    }
  if (best.size() <= n || n == 0 || best[n].score != best[n - 1].score || std::isfinite(c.longest())) // a longer one's score isn't its product
    return found;
  // The last run goes on behind the last place.
  const float worth = c.dot(row_of(best[n].creation), q);
  ranking equal;
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    if (const creation_id id = c.info(row).id; id != no_creation && c.dot(row, q) == worth && may_show(who, c, id))
      equal.push_back({id, best[n].score});
  const auto run = out.subspan(first, found - first);
  if (equal.size() < run.size())
    return found;
  draw(span_of(equal), run.size(), g);
  std::copy_n(equal.begin(), run.size(), run.begin());
  return found;
}

ranking best_slate_by_chance(const slate_options& options, snapshots_view snapshots, std::span<const float> q, std::size_t n,
                             splitmix64& g, const eligibility* who) {
  ranking ranked;
  for (const auto& s : snapshots) {
    const std::size_t before = ranked.size();
    ranked.resize(before + n);
    ranked.resize(before + top_n_by_chance(*s, part_of(q, *s), n, span_of(ranked).subspan(before), g, who));
  }
  if (snapshots.size() < 2)
    return ranked;
  std::ranges::stable_sort(ranked, std::ranges::greater{}, &scored::score);
  ranked.resize(std::min(options.spare_candidates > 0 ? most_candidates : n, ranked.size()));
  return ranked;
}

} // namespace ammo
