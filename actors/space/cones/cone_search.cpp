#include "actors/space/cones/cone_tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

// Tiles are arrays of vectors, which vectors of unknown size can't form; those machines run the 128-bit code.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "actors/space/cones/cone_search.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ammo::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using tag = hn::CappedTag<float, lanes>;
using vector = hn::Vec<tag>;
constexpr std::size_t step = hn::MaxLanes(tag());
constexpr std::size_t vectors = lanes / step;

/// The dot products of e with `lanes` neighbours. The same additions wherever they are asked for.
HWY_INLINE void dots(const lane_row* HWY_RESTRICT rows, std::span<const float> e, vector (&x)[vectors]) {
  const tag d;
  for (auto& v : x)
    v = hn::Zero(d);
  for (std::size_t k = 0; k < e.size(); ++k) {
    const vector e_k = hn::Set(d, e[k]);
    for (std::size_t v = 0; v < vectors; ++v)
      x[v] = hn::MulAdd(hn::Load(d, rows[k].of.data() + v * step), e_k, x[v]);
  }
}

HWY_INLINE std::uint32_t bits_of(hn::Mask<tag> m, std::size_t v) {
  std::uint64_t bits = 0;
  hn::StoreMaskBits(tag(), m, reinterpret_cast<std::uint8_t*>(&bits));
  return static_cast<std::uint32_t>(bits << v * step);
}

/// Which of `lanes` records does e find, that are worth x a unit but for their slack?
HWY_INLINE std::uint32_t found(const vector (&x)[vectors], const lane_row& threshold, const lane_row& slack,
                               float norm) {
  const tag d;
  std::uint32_t bits = 0;
  for (std::size_t v = 0; v < vectors; ++v) {
    const vector t = hn::Load(d, threshold.of.data() + v * step), s = hn::Load(d, slack.of.data() + v * step);
    bits |= bits_of(hn::Ge(hn::MulAdd(s, hn::Set(d, norm), x[v]), t), v);
  }
  return bits;
}

/// e's dot products with a block's codes, in two sums that don't wait for each other.
HWY_INLINE void code_dots(const code_row* HWY_RESTRICT rows, const cone_query& q, vector (&x)[vectors]) {
  const std::int16_t* e = q.codes.data();
  const std::size_t width = q.codes.size();
#if HWY_TARGET == HWY_SCALAR // which knows no pairs
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < width; ++k)
      sum += e[k] * rows[k / 4].of[code_row::at(lane, k)];
    x[lane] = hn::Set(tag(), static_cast<float>(sum));
  }
#else
  const hn::CappedTag<std::int16_t, 2 * lanes> narrow;
  const hn::Rebind<std::int8_t, decltype(narrow)> byte;
  const hn::RepartitionToWide<decltype(narrow)> wide;
  using sums = hn::Vec<decltype(wide)>[vectors];
  sums even, even_rest, odd, odd_rest;
  for (std::size_t v = 0; v < vectors; ++v)
    even[v] = even_rest[v] = odd[v] = odd_rest[v] = hn::Zero(wide);
  const auto add = [&](const std::int8_t* from, const std::int16_t* pair, sums& sum, sums& rest) HWY_ATTR {
    std::int32_t both;
    std::memcpy(&both, pair, sizeof both);
    const auto two = hn::BitCast(narrow, hn::Set(wide, both));
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto code = hn::PromoteTo(narrow, hn::Load(byte, from + v * 2 * step));
      sum[v] = hn::ReorderWidenMulAccumulate(wide, code, two, sum[v], rest[v]);
    }
  };
  for (std::size_t k = 0; k < width; k += 4, ++rows) {
    add(rows->of.data(), e + k, even, even_rest);
    add(rows->of.data() + 2 * lanes, e + k + 2, odd, odd_rest);
  }
  for (std::size_t v = 0; v < vectors; ++v)
    x[v] = hn::ConvertTo(tag(), hn::Add(hn::RearrangeToOddPlusEven(even[v], even_rest[v]),
                                        hn::RearrangeToOddPlusEven(odd[v], odd_rest[v])));
#endif
}

/// Of a block's cones: those that may hold a record that e finds, and those of which it finds all.
struct verdict {
  std::uint32_t may = 0, must = 0;
};

/// With x = cos θ and ρ = t/|e| − s: may is cos max(0, θ − φ) ≥ ρ, must is cos(θ + φ) ≥ ρ, each by a margin for all
/// that is rounded, here and in the sums. Both cosines are x cos φ ± √((1 − x²)(1 − cos² φ)); squares are compared,
/// since roots take as long as all else here.
template <bool AskMust> HWY_INLINE verdict judge(const cone_level& level, std::size_t block, const cone_query& q) {
  const tag d;
  vector x[vectors];
  code_dots(level.codes.data() + block * code_row::rows(q.e.size()), q, x);
  const lane_row* bounds = level.bounds.data() + block * cone_level::rows;
  const vector one = hn::Set(d, 1), margin = hn::Set(d, q.margin), wide = hn::Set(d, (1 + q.margin) * (1 + q.margin));
  verdict out;
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto row = [&](cone_level::row r) { return hn::Load(d, bounds[r].of.data() + v * step); };
    const vector c = row(cone_level::cosine), along = hn::Mul(x[v], row(cone_level::inverse));
    const vector t = hn::Mul(row(cone_level::least_threshold), hn::Set(d, q.inverse_norm));
    const vector need = hn::Sub(t, row(cone_level::largest_slack));
    const vector doubt = hn::MulAdd(hn::Abs(t), hn::Set(d, 1e-6f), hn::Add(margin, margin));
    const vector square = hn::Mul(hn::NegMulAdd(along, along, wide), hn::Mul(hn::Sub(one, c), hn::Add(one, c)));
    const vector gap = hn::NegMulAdd(along, c, need); // and what the root must fill
    const vector low = hn::Sub(gap, doubt);
    const auto within = hn::Or(hn::Ge(along, hn::Sub(c, margin)), hn::Le(low, hn::Zero(d)));
    const auto reach = hn::Or(within, hn::Le(hn::Mul(low, low), square));
    out.may |= bits_of(hn::And(reach, hn::Le(hn::Sub(need, doubt), one)), v);
    if constexpr (AskMust) {
      const vector high = hn::Add(gap, doubt);
      const auto sure = hn::And(hn::Lt(high, hn::Zero(d)), hn::Gt(hn::Mul(high, high), square));
      out.must |= bits_of(hn::And(sure, hn::Gt(along, hn::Sub(margin, c))), v);
    }
  }
  return out;
}

/// Asks for memory that will be read soon.
template <class Row> HWY_INLINE void fetch(const Row* from, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i)
    __builtin_prefetch(from + i);
}

/// Blocks ahead of the one at work that are asked for.
constexpr std::size_t ahead = 4;

/// Writes `first` and a bit's number for each that is set, without a branch on what they are. Room for `lanes`.
HWY_INLINE void append(std::uint32_t bits, std::size_t first, std::uint32_t*& end) {
  const hn::RebindToUnsigned<tag> d;
  for (std::size_t v = 0; v < vectors; ++v) {
    const std::uint64_t part = bits >> v * step;
    const auto mask = hn::LoadMaskBits(d, reinterpret_cast<const std::uint8_t*>(&part));
    end += hn::CompressStore(hn::Iota(d, static_cast<std::uint32_t>(first + v * step)), mask, d, end);
  }
}

/// Blocks whose verdicts are put together before they join a list.
constexpr std::size_t together = 64;
using numbers = std::array<std::uint32_t, (together + 1) * lanes>;

/// Appends the cones of some of the level's blocks that e may find and, where asked for, those it surely does.
template <bool AskMust>
HWY_INLINE void judge_all(const cone_level& level, std::span<const std::uint32_t> blocks, const cone_query& q,
                          std::vector<std::uint32_t>& may, std::vector<std::uint32_t>& must) {
  const std::size_t rows = code_row::rows(q.e.size());
  alignas(64) numbers may_be, must_be;
  for (std::size_t i = 0; i < blocks.size();) {
    std::uint32_t *may_end = may_be.data(), *must_end = must_be.data();
    for (const std::size_t last = std::min(i + together, blocks.size()); i < last; ++i) {
      if (i + ahead < blocks.size()) {
        fetch(level.codes.data() + blocks[i + ahead] * rows, rows);
        fetch(level.bounds.data() + blocks[i + ahead] * cone_level::rows, cone_level::rows);
      }
      const verdict v = judge<AskMust>(level, blocks[i], q);
      if (!AskMust || (v.may & ~v.must) != 0) // hardly a record is in doubt, and a branch not taken costs less
        append(v.may & ~v.must, std::size_t{blocks[i]} * lanes, may_end);
      if constexpr (AskMust)
        append(v.must, std::size_t{blocks[i]} * lanes, must_end);
    }
    may.insert(may.end(), may_be.data(), may_end);
    if constexpr (AskMust)
      must.insert(must.end(), must_be.data(), must_end);
  }
}

/// Appends those of the places that e finds: the sums of `dots`, wherever the vectors are.
void search_places(const cone_level& records, const float* vectors_of, const cone_query& q,
                   std::span<const std::uint32_t> places, std::vector<std::uint32_t>& out) {
  const tag d;
  const hn::RebindToSigned<tag> number;
  for (std::size_t n = 0; !places.empty(); places = places.subspan(n)) {
    n = std::min<std::size_t>(places.size(), lanes);
    alignas(64) std::array<std::int32_t, lanes> from{};
    lane_row threshold, slack;
    threshold.of.fill(std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < n; ++i) {
      from[i] = static_cast<std::int32_t>((places[i] - places[0]) * q.e.size());
      threshold.of[i] = records.bound(places[i], cone_level::least_threshold);
      slack.of[i] = records.bound(places[i], cone_level::largest_slack);
    }
    vector x[vectors];
    for (auto& v : x)
      v = hn::Zero(d);
    const float* base = vectors_of + std::size_t{places[0]} * q.e.size();
    for (std::size_t k = 0; k < q.e.size(); ++k)
      for (std::size_t v = 0; v < vectors; ++v) {
        const vector a_k = hn::GatherIndex(d, base + k, hn::Load(number, from.data() + v * step));
        x[v] = hn::MulAdd(a_k, hn::Set(d, q.e[k]), x[v]);
      }
    for (std::uint32_t bits = found(x, threshold, slack, q.norm); bits != 0; bits &= bits - 1)
      out.push_back(places[static_cast<std::size_t>(std::countr_zero(bits))]);
  }
}

void search_tree(std::span<const cone_level> levels, const float* vectors_of, const cone_query& q,
                 std::vector<std::uint32_t>& out) {
  std::vector<std::uint32_t> open{0}, next, doubtful;
  for (std::size_t level = levels.size() - 1; level > 0; --level) {
    next.clear();
    judge_all<false>(levels[level], open, q, next, next);
    open.swap(next);
  }
  judge_all<true>(levels[0], open, q, doubtful, out);
  search_places(levels[0], vectors_of, q, doubtful, out);
}

/// Appends the records that e finds in panels, the first of which is at `place`; thresholds and slacks end a panel.
void search_panels(std::span<const lane_row> rows, std::size_t place, const cone_query& q,
                   std::vector<std::uint32_t>& out) {
  const std::size_t width = q.e.size(), panel_size = width + 2;
  for (; !rows.empty(); rows = rows.subspan(panel_size), place += lanes) {
    vector x[vectors];
    dots(rows.data(), q.e, x);
    for (std::uint32_t bits = found(x, rows[width], rows[width + 1], q.norm); bits != 0; bits &= bits - 1)
      out.push_back(static_cast<std::uint32_t>(place + static_cast<std::size_t>(std::countr_zero(bits))));
  }
}

} // namespace
} // namespace ammo::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ammo {
namespace {

HWY_EXPORT(search_tree);
HWY_EXPORT(search_places);
HWY_EXPORT(search_panels);

cone_query query_of(std::span<const float> e) {
  double square = 0;
  for (float x : e)
    square += double{x} * x;
  const double norm = std::sqrt(square), width = static_cast<double>(e.size());
  // Half a unit a coordinate; a sum of w products is off by at most w·2^-24 of the norms' product.
  const double margin = 1e-6 + width * 1e-7 + std::sqrt(width) * 0.52 * cone_query::unit;
  cone_query q{e, static_cast<float>(norm), static_cast<float>(1 / norm), static_cast<float>(margin)};
  q.codes.resize(code_row::rows(e.size()) * 4);
  for (std::size_t k = 0; norm > 0 && k < e.size(); ++k)
    q.codes[k] = static_cast<std::int16_t>(std::lround(e[k] / norm / cone_query::unit));
  return q;
}

} // namespace

void cone_tree::find(std::span<const float> e, std::vector<std::uint32_t>& out) const {
  const cone_query q = query_of(e);
  constexpr float smallest = 1e-30f; // products of less lose bits that the margin doesn't know of
  if (!(q.norm > smallest))
    return find_among_all(e, out);
  if (!levels_.empty())
    HWY_DYNAMIC_DISPATCH(search_tree)(levels_, vectors_.data(), q, out);
  HWY_DYNAMIC_DISPATCH(search_panels)(beside_, in_tree_, q, out);
}

void cone_tree::find_among_all(std::span<const float> e, std::vector<std::uint32_t>& out) const {
  const cone_query q = query_of(e);
  std::vector<std::uint32_t> all(in_tree_);
  std::iota(all.begin(), all.end(), 0u);
  if (!levels_.empty())
    HWY_DYNAMIC_DISPATCH(search_places)(levels_[0], vectors_.data(), q, all, out);
  HWY_DYNAMIC_DISPATCH(search_panels)(beside_, in_tree_, q, out);
}

} // namespace ammo
#endif
