#include "actors/user_buddy/slate/optimistic_top_n.hpp"

#include "actors/user_buddy/slate/ranking.hpp"
#include "actors/user_buddy/slate/shared_ties.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

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

/// Bounds of `lanes` creations at once: no creation is valued at more than the catalogue's longest, nor hoped for beyond its usual length.
class bounds {
public:
  bounds(const catalogue_version& c, factor_belief believed, optimism how)
    : c_(c), believed_(believed), how_(how), width_(c.coordinates().width) {}

  /// `e`: coordinate by coordinate.
  void of(std::span<const float> e, std::span<float, lanes> out) {
    std::array<float, lanes> widths, squares{};
    for (std::size_t k = 0; k < width_; ++k)
      for (std::size_t i = 0; i < lanes; ++i)
        squares[i] += e[k * lanes + i] * e[k * lanes + i];
    believed_.confidence(shortened(e, squares, c_.longest()), how_.offset, out, widths);
    if (const auto usual = shortened(e, squares, c_.usual_length()); usual.data() != e.data()) {
      std::array<float, lanes> at_usual;
      believed_.confidence(usual, how_.offset, at_usual, widths);
    }
    for (std::size_t i = 0; i < lanes; ++i)
      out[i] += how_.scale * widths[i];
  }

private:
  std::span<const float> shortened(std::span<const float> e, std::span<const float, lanes> squares, float longest) {
    const float most = longest * longest * rounded_square;
    if (std::ranges::none_of(squares, [most](float s) { return s > most; }))
      return e;
    shortened_.resize(width_ * lanes);
    for (std::size_t i = 0; i < lanes; ++i) {
      const float share = squares[i] > most ? longest / std::sqrt(squares[i]) : 1.0f;
      for (std::size_t k = 0; k < width_; ++k)
        shortened_[k * lanes + i] = share * e[k * lanes + i];
    }
    return shortened_;
  }

  const catalogue_version& c_;
  factor_belief believed_;
  optimism how_;
  std::size_t width_;
  std::vector<float> shortened_;
};

} // namespace

std::size_t optimistic_top_n(const catalogue_version& c, factor_belief believed, optimism how,
                             splitmix64& ties, std::span<scored> out, const eligibility* who) {
  static_assert(belief_model::side_by_side == lanes);
  if (out.empty())
    return 0;
  std::array<float, lanes> values;
  best_first best{out};
  bounds bound(c, believed, how);
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
      bound.of({p->values() + row * width, lanes * width}, values);
      for (std::size_t i = 0; i < last; ++i)
        if (live(i))
          best.offer({p->info[row + i].id, values[i] + optimistic_tie_break * static_cast<float>(uniform01(ties))});
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
  std::array<float, lanes> values;
  best_first best{out};
  bounds bound(c, believed, how);
  for (std::size_t first = 0; first < shortlist.size(); first += lanes) {
    const std::size_t some = std::min<std::size_t>(lanes, shortlist.size() - first);
    for (std::size_t i = 0; i < some; ++i) {
      c.embedding(row_of(shortlist[first + i].creation), span_of(e));
      for (std::size_t k = 0; k < width; ++k)
        side_by_side[k * lanes + i] = e[k];
    }
    bound.of(span_of(side_by_side), values);
    for (std::size_t i = 0; i < some; ++i)
      best.offer({shortlist[first + i].creation, values[i]});
  }
  return best.filled;
}

} // namespace ammo
