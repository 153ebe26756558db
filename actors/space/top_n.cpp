#include "actors/space/top_n.hpp"

#include "actors/space/best_list.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>

// Tiles are arrays of vectors, which vectors of unknown size can't form; those machines run the 128-bit code.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "actors/space/top_n.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ammo::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using tag = hn::CappedTag<float, lanes>;
using vector = hn::Vec<tag>;
constexpr std::size_t step = hn::MaxLanes(tag());

/// Enters a row that exceeds the bar. Each place takes itself, its upper neighbour or the new row, without a branch:
/// where a row enters can't be predicted. Rows come in ascending order, so that an equal score stays behind.
HWY_INLINE void enter(const best_list& best, float score, std::uint32_t row) {
  const tag d;
  const hn::RebindToUnsigned<tag> du;
  const auto s = hn::Set(d, score);
  const auto r = hn::Set(du, row);
  for (std::size_t i = best_list::padded(best.n); i != 0;) {
    i -= step;
    const auto here = hn::LoadU(d, best.scores + i), upper = hn::LoadU(d, best.scores + i - 1);
    const auto here_row = hn::LoadU(du, best.rows + i), upper_row = hn::LoadU(du, best.rows + i - 1);
    const auto beats_here = hn::Gt(s, here), beats_upper = hn::Gt(s, upper);
    const auto lower = hn::IfThenElse(beats_here, s, here);
    const auto lower_row = hn::IfThenElse(hn::RebindMask(du, beats_here), r, here_row);
    hn::StoreU(hn::IfThenElse(beats_upper, upper, lower), d, best.scores + i);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(du, beats_upper), upper_row, lower_row), du, best.rows + i);
  }
}

/// What rules out rows of a panel while it is searched.
struct row_filter {
  const eligibility& who;
  const panel& of;
  row_bits left;   ///< by tags
  bool asks_lists; ///< each row that is left has to be looked up

  /// `few`: most panels have no eligible row, so that looking each up is less than scoring them.
  row_filter(const eligibility& e, const panel& p, bool few) noexcept
    : who(e), of(p), left(few ? e.rows_of(p) : e.by_tags(p)), asks_lists(!few && e.asks_lists()) {}
  /// Are any of `Rows` rows left?
  template <std::uint32_t Rows>
  [[nodiscard]] bool any(std::uint32_t row) const noexcept {
    std::uint64_t found = 0;
    for (std::uint32_t i = 0; i < Rows; i += 64)
      found |= left.part(row + i, std::min<std::uint32_t>(Rows, 64));
    return found != 0;
  }
};

/// Creations that are longer are valued at this length. (One that is worth less than nothing stays as it is until it would enter.)
struct length_limit {
  const catalogue_version& of;
  /// Null where no creation is too long.
  [[nodiscard]] const length_limit* any() const { return of.longest() < std::numeric_limits<float>::infinity() ? this : nullptr; }
  [[nodiscard]] float share(std::uint32_t row) const {
    return share_within(*of.panels()[row / panel_rows], row % panel_rows, of.longest());
  }
};

/// A tile: the scores of Vectors · step consecutive rows for Users users, held in registers. Each score is the row's
/// bias, then coordinate by coordinate a multiply-add: the same in every tile shape, so that all searches agree.
template <std::size_t Vectors, std::size_t Users>
struct tile {
  static constexpr std::size_t rows = Vectors * step;
  static constexpr std::size_t users = Users;
  vector score[Users][Vectors];

  /// `q` holds coordinate k of user u at [k * Users + u].
  HWY_INLINE void fill(const panel& p, std::size_t row, const float* HWY_RESTRICT q) {
    const tag d;
    const float* e[Vectors];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < Vectors; ++v) {
      const std::size_t r = row + v * step;
      e[v] = p.values() + r / lanes * p.width * lanes + r % lanes;
#pragma GCC unroll 16
      for (std::size_t u = 0; u < Users; ++u)
        score[u][v] = hn::Load(d, p.bias.data() + r);
    }
    for (std::size_t k = 0; k < p.width; ++k) {
      vector e_k[Vectors];
#pragma GCC unroll 16
      for (std::size_t v = 0; v < Vectors; ++v)
        e_k[v] = hn::Load(d, e[v] + k * lanes);
#pragma GCC unroll 16
      for (std::size_t u = 0; u < Users; ++u) {
        const vector q_k = hn::Set(d, q[k * Users + u]);
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v)
          score[u][v] = hn::MulAdd(e_k[v], q_k, score[u][v]);
      }
    }
  }

  /// Enters user u's rows that exceed the bar; `row` is the catalogue's row of the tile's first one. `filter`: null, all may enter.
  /// `limit`: null, no creation is too long.
  HWY_INLINE void offer(std::size_t u, std::uint32_t row, const best_list& best, const row_filter* filter = nullptr,
                        const length_limit* limit = nullptr) const {
    const tag d;
    const vector bar = hn::Set(d, best.bar());
    auto any = hn::Gt(score[u][0], bar);
#pragma GCC unroll 16
    for (std::size_t v = 1; v < Vectors; ++v)
      any = hn::Or(any, hn::Gt(score[u][v], bar));
    if (HWY_UNLIKELY(!hn::AllFalse(d, any)))
      enter_above(u, row, best, filter, limit);
  }

private:
  HWY_NOINLINE void enter_above(std::size_t u, std::uint32_t row, const best_list& best, const row_filter* filter,
                                const length_limit* limit) const {
    const tag d;
    alignas(64) float scores[step];
    for (std::size_t v = 0; v < Vectors; ++v, row += step) {
      std::uint64_t above = 0;
      hn::StoreMaskBits(d, hn::Gt(score[u][v], hn::Set(d, best.bar())), reinterpret_cast<std::uint8_t*>(&above));
      hn::Store(score[u][v], d, scores);
      if (filter)
        above &= filter->left.part(row % panel_rows, static_cast<std::uint32_t>(step));
      for (; above != 0; above &= above - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(above));
        if (filter && filter->asks_lists && !filter->who.includes(filter->of, (row + lane) % panel_rows))
          continue;
        if (limit)
          scores[lane] *= limit->share(row + lane);
        if (!limit || scores[lane] > best.bar())
          enter(best, scores[lane], row + lane);
      }
    }
  }
};

void search_one(const catalogue_version& c, const float* q, const best_list& best) {
  using shape = tile<8, 1>;
  const length_limit limit{c};
  std::uint32_t first = 0;
  for (const auto& p : c.panels()) {
    for (std::uint32_t row = 0; row < panel_rows; row += shape::rows) {
      shape t;
      t.fill(*p, row, q);
      t.offer(0, first + row, best, nullptr, limit.any());
    }
    first += panel_rows;
  }
}

void search_eligible(const catalogue_version& c, const float* q, const best_list& best, const eligibility& who) {
  using shape = tile<8, 1>;
  const length_limit limit{c};
  const content_set& only = who.only();
  const std::size_t listed = only.contents.size() + only.creations.size() + only.goals.size() + only.owners.size();
  const bool few = listed > 0 && listed < c.panels().size() && only.tags.empty() && only.all_tags.empty();
  std::uint32_t first = 0;
  for (const auto& p : c.panels()) {
    const row_filter filter(who, *p, few);
    for (std::uint32_t row = 0; row < panel_rows; row += shape::rows)
      if (filter.any<shape::rows>(row)) {
        shape t;
        t.fill(*p, row, q);
        t.offer(0, first + row, best, &filter, limit.any());
      }
    first += panel_rows;
  }
}

/// As many multiply-adds under way as the registers hold: 32 of 16 lanes each, or 16 of fewer.
using batch_tile = tile<2, step == lanes ? 8 : 6>;
static_assert(users_a_pass % batch_tile::users == 0);

/// Lays q out as the tiles read it: tile by tile, coordinate by coordinate, user by user; zero where users run out.
void pack(const float* HWY_RESTRICT q, std::size_t users, std::size_t width, float* HWY_RESTRICT packed) {
  for (std::size_t first = 0; first < users; first += batch_tile::users)
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t u = first; u < first + batch_tile::users; ++u)
        *packed++ = u < users ? q[u * width + k] : 0.0f;
}

/// Rows outside, users inside: a panel comes from memory once, and a tile's rows stay in the first cache.
void search_many(const catalogue_version& c, const float* q, std::size_t users, float* packed, const best_list* best) {
  const std::size_t width = c.coordinates().width;
  pack(q, users, width, packed);
  std::uint32_t first = 0;
  for (const auto& p : c.panels()) {
    for (std::uint32_t row = 0; row < panel_rows; row += batch_tile::rows)
      for (std::size_t user = 0; user < users; user += batch_tile::users) {
        batch_tile t;
        t.fill(*p, row, packed + user * width);
        for (std::size_t u = 0; u < std::min(batch_tile::users, users - user); ++u)
          t.offer(u, first + row, best[user + u]);
      }
    first += panel_rows;
  }
}

/// The same additions as any tile's.
float score_row(const panel& p, std::size_t row, const float* q) {
  tile<1, 1> t;
  t.fill(p, row / step * step, q);
  alignas(64) float scores[step];
  hn::Store(t.score[0][0], tag(), scores);
  return scores[row % step];
}

} // namespace
} // namespace ammo::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ammo {
namespace {

HWY_EXPORT(search_one);
HWY_EXPORT(search_eligible);
HWY_EXPORT(search_many);
HWY_EXPORT(score_row);

constexpr std::size_t most_places = 4 * max_slots;

std::size_t answer(const catalogue_version& c, const best_list& best, std::span<scored> out) noexcept {
  std::size_t found = 0;
  for (; found < best.n && best.rows[found] != best_list::no_row; ++found)
    out[found] = {c.info(best.rows[found]).id, best.scores[found]};
  return found;
}

} // namespace

float catalogue_version::dot(std::uint32_t row, std::span<const float> q) const noexcept {
  assert(row < rows() && q.size() == coordinates_.width);
  return HWY_DYNAMIC_DISPATCH(score_row)(*panels_[row / panel_rows], row % panel_rows, q.data());
}

std::size_t top_n(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out,
                  const eligibility* who) noexcept {
  assert(q.size() == c.coordinates().width && n <= most_places && out.size() >= n);
  if (n == 0)
    return 0;
  alignas(64) std::array<float, best_list::room_for(most_places)> scores;
  alignas(64) std::array<std::uint32_t, best_list::room_for(most_places)> rows;
  const best_list best(scores.data(), rows.data(), n);
  if (who)
    HWY_DYNAMIC_DISPATCH(search_eligible)(c, q.data(), best, *who);
  else
    HWY_DYNAMIC_DISPATCH(search_one)(c, q.data(), best);
  return answer(c, best, out);
}

void top_n_batch(const catalogue_version& c, std::span<const float> q, std::size_t n, std::span<scored> out) {
  const std::size_t width = c.coordinates().width, users = q.size() / width;
  assert(q.size() == users * width && n <= most_places && out.size() >= users * n);
  if (n == 0)
    return;
  const std::size_t room = best_list::room_for(n);
  std::vector<float> packed(users_a_pass * width), scores(users_a_pass * room);
  std::vector<std::uint32_t> rows(users_a_pass * room);
  std::vector<best_list> lists;
  for (std::size_t first = 0; first < users; first += users_a_pass) {
    const std::size_t some = std::min(users - first, users_a_pass);
    lists.clear();
    for (std::size_t u = 0; u < some; ++u)
      lists.emplace_back(scores.data() + u * room, rows.data() + u * room, n);
    HWY_DYNAMIC_DISPATCH(search_many)(c, q.data() + first * width, some, packed.data(), lists.data());
    for (std::size_t u = 0; u < some; ++u) {
      const auto mine = out.subspan((first + u) * n, n);
      std::ranges::fill(mine.subspan(answer(c, lists[u], mine)), scored{});
    }
  }
}

} // namespace ammo
#endif
