#include "actors/user_buddy/slate/optimistic_top_n.hpp"

#include "actors/user_buddy/slate/ranking.hpp"
#include "actors/user_buddy/slate/shared_ties.hpp"

#include <algorithm>
#include <array>

namespace ammo {

namespace {

/// A list of the best so far, of fixed length, best first.
struct best_first {
  std::span<scored> places;
  std::size_t filled = 0;

  void offer(const scored& s) noexcept {
    if (filled == places.size() && !(s.score > places.back().score))
      return;
    filled = std::min(filled + 1, places.size());
    std::size_t at = filled - 1;
    for (; at > 0 && s.score > places[at - 1].score; --at)
      places[at] = places[at - 1];
    places[at] = s;
  }
};

} // namespace

std::size_t optimistic_top_n(const catalogue_version& c, factor_belief believed, optimism how,
                             splitmix64& ties, std::span<scored> out, const eligibility* who) {
  static_assert(belief_model::side_by_side == lanes);
  if (out.empty())
    return 0;
  std::array<float, lanes> means, widths;
  best_first best{out};
  const std::size_t width = c.coordinates().width;
  for (const auto& p : c.panels()) {
    const row_bits eligible = who ? who->rows_of(*p) : row_bits::all();
    for (std::size_t row = 0; row < panel_rows; row += lanes) {
      const auto live = [&](std::size_t i) {
        return p->info[row + i].id != no_creation && eligible.has(static_cast<std::uint32_t>(row + i));
      };
      std::size_t last = lanes;
      while (last > 0 && !live(last - 1))
        --last;
      if (last == 0)
        continue;
      believed.confidence({p->values() + row * width, lanes * width}, how.offset, means, widths);
      for (std::size_t i = 0; i < last; ++i)
        if (live(i))
          best.offer({p->info[row + i].id,
                      means[i] + how.scale * widths[i] + optimistic_tie_break * static_cast<float>(uniform01(ties))});
    }
  }
  return best.filled;
}

std::size_t optimistic_of_shortlist(const catalogue_version& c, factor_belief believed, optimism how,
                                    std::span<const float> q, splitmix64& ties, std::span<scored> out,
                                    const eligibility* who) {
  const std::size_t width = c.coordinates().width;
  boost::container::small_vector<scored, 4 * lanes> shortlist(shortlist_of(out.size()));
  shortlist.resize(top_n_by_chance(c, q, shortlist.size(), {shortlist.data(), shortlist.size()}, ties, who));
  coordinates e(width), side_by_side(width * lanes, 0.0f);
  std::array<float, lanes> means, widths;
  best_first best{out};
  for (std::size_t first = 0; first < shortlist.size(); first += lanes) {
    const std::size_t some = std::min<std::size_t>(lanes, shortlist.size() - first);
    for (std::size_t i = 0; i < some; ++i) {
      c.embedding(row_of(shortlist[first + i].creation), span_of(e));
      for (std::size_t k = 0; k < width; ++k)
        side_by_side[k * lanes + i] = e[k];
    }
    believed.confidence(span_of(side_by_side), how.offset, means, widths);
    for (std::size_t i = 0; i < some; ++i)
      best.offer({shortlist[first + i].creation, means[i] + how.scale * widths[i]});
  }
  return best.filled;
}

} // namespace ammo
