#include "actors/space/top_n.hpp"

#include "actors/space/best_list.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

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

  /// Enters user u's rows that exceed the bar; `row` is the catalogue's row of the tile's first one.
  HWY_INLINE void offer(std::size_t u, std::uint32_t row, std::span<ranked_row> best) const {
    const tag d;
    const vector bar = hn::Set(d, bar_of(best));
    auto any = hn::Gt(score[u][0], bar);
#pragma GCC unroll 16
    for (std::size_t v = 1; v < Vectors; ++v)
      any = hn::Or(any, hn::Gt(score[u][v], bar));
    if (HWY_UNLIKELY(!hn::AllFalse(d, any)))
      enter_above(u, row, best);
  }

private:
  HWY_NOINLINE void enter_above(std::size_t u, std::uint32_t row, std::span<ranked_row> best) const {
    const tag d;
    alignas(64) float scores[step];
    for (std::size_t v = 0; v < Vectors; ++v, row += step) {
      std::uint64_t above = 0;
      hn::StoreMaskBits(d, hn::Gt(score[u][v], hn::Set(d, bar_of(best))), reinterpret_cast<std::uint8_t*>(&above));
      hn::Store(score[u][v], d, scores);
      for (; above != 0; above &= above - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(above));
        if (scores[lane] > bar_of(best))
          enter(best, {scores[lane], row + lane});
      }
    }
  }
};

void search_one(const catalogue_epoch& c, const float* q, std::span<ranked_row> best) {
  using shape = tile<8, 1>;
  std::uint32_t first = 0;
  for (const auto& p : c.panels()) {
    for (std::uint32_t row = 0; row < panel_rows; row += shape::rows) {
      shape t;
      t.fill(*p, row, q);
      t.offer(0, first + row, best);
    }
    first += panel_rows;
  }
}

/// As many multiply-adds under way as the registers hold: 32 of 16 lanes each, or 16 of fewer.
using batch_tile = tile<2, step == lanes ? 8 : 4>;
static_assert(users_a_pass % batch_tile::users == 0);

/// Lays q out as the tiles read it: tile by tile, coordinate by coordinate, user by user; zero where users run out.
void pack(const float* HWY_RESTRICT q, std::size_t users, std::size_t width, float* HWY_RESTRICT packed) {
  for (std::size_t first = 0; first < users; first += batch_tile::users)
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t u = first; u < first + batch_tile::users; ++u)
        *packed++ = u < users ? q[u * width + k] : 0.0f;
}

/// Rows outside, users inside: a panel comes from memory once, and a tile's rows stay in the first cache.
void search_many(const catalogue_epoch& c, const float* q, std::size_t users, std::size_t n, float* packed, ranked_row* best) {
  const std::size_t width = c.coordinates().width;
  pack(q, users, width, packed);
  std::uint32_t first = 0;
  for (const auto& p : c.panels()) {
    for (std::uint32_t row = 0; row < panel_rows; row += batch_tile::rows)
      for (std::size_t user = 0; user < users; user += batch_tile::users) {
        batch_tile t;
        t.fill(*p, row, packed + user * width);
        for (std::size_t u = 0; u < std::min(batch_tile::users, users - user); ++u)
          t.offer(u, first + row, {best + (user + u) * n, n});
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
HWY_EXPORT(search_many);
HWY_EXPORT(score_row);

constexpr std::size_t most_places = 4 * max_slots;

std::size_t answer(const catalogue_epoch& c, std::span<const ranked_row> best, std::span<scored> out) noexcept {
  std::size_t found = 0;
  for (; found < best.size() && best[found].row != ranked_row::none; ++found)
    out[found] = {c.info(best[found].row).id, best[found].score};
  return found;
}

} // namespace

float catalogue_epoch::dot(std::uint32_t row, std::span<const float> q) const noexcept {
  assert(row < rows() && q.size() == coordinates_.width);
  return HWY_DYNAMIC_DISPATCH(score_row)(*panels_[row / panel_rows], row % panel_rows, q.data());
}

std::size_t top_n(const catalogue_epoch& c, std::span<const float> q, std::size_t n, std::span<scored> out) noexcept {
  assert(q.size() == c.coordinates().width && n <= most_places && out.size() >= n);
  if (n == 0)
    return 0;
  std::array<ranked_row, most_places> places;
  const auto best = std::span(places).first(n);
  clear(best);
  HWY_DYNAMIC_DISPATCH(search_one)(c, q.data(), best);
  return answer(c, best, out);
}

void top_n_batch(const catalogue_epoch& c, std::span<const float> q, std::size_t n, std::span<scored> out) {
  const std::size_t width = c.coordinates().width, users = q.size() / width;
  assert(q.size() == users * width && n <= most_places && out.size() >= users * n);
  if (n == 0)
    return;
  std::vector<float> packed(users_a_pass * width);
  std::vector<ranked_row> places(std::min(users, users_a_pass) * n);
  for (std::size_t first = 0; first < users; first += users_a_pass) {
    const std::size_t some = std::min(users - first, users_a_pass);
    clear(places);
    HWY_DYNAMIC_DISPATCH(search_many)(c, q.data() + first * width, some, n, packed.data(), places.data());
    for (std::size_t u = 0; u < some; ++u) {
      const auto mine = out.subspan((first + u) * n, n);
      const std::size_t found = answer(c, std::span(places).subspan(u * n, n), mine);
      std::ranges::fill(mine.subspan(found), scored{});
    }
  }
}

} // namespace ammo
#endif
