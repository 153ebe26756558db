#include "actors/space/cone_tree.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

// Tiles are arrays of vectors, which vectors of unknown size can't form; those machines run the 128-bit code.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "actors/space/cone_search.cpp"
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

/// Which of a panel's records does e find? `own`: their thresholds and slacks.
HWY_INLINE std::uint32_t search_panel(const lane_row* rows, const lane_row* own, const cone_query& q) {
  const tag d;
  vector x[vectors];
  dots(rows, q.e, x);
  std::uint32_t found = 0;
  for (std::size_t v = 0; v < vectors; ++v) {
    const vector t = hn::Load(d, own[0].of.data() + v * step), s = hn::Load(d, own[1].of.data() + v * step);
    found |= bits_of(hn::Ge(hn::MulAdd(s, hn::Set(d, q.norm), x[v]), t), v);
  }
  return found;
}

/// May e find any of a panel's records, by what they are known by in their leaf? `along`: e's coordinates along the
/// leaf's axes and the length of what they leave.
HWY_INLINE bool may_find(const lane_row* screen, const lane_row* own, const float* along, const cone_query& q) {
  const tag d;
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto row = [&](const lane_row* r) { return hn::Load(d, r->of.data() + v * step); };
    vector most = hn::MulAdd(row(own + 1), hn::Set(d, q.norm), hn::Set(d, q.margin));
    for (std::size_t i = 0; i < cone_leaf::screen_rows; ++i)
      most = hn::MulAdd(row(screen + i), hn::Set(d, along[i]), most);
    if (!hn::AllFalse(d, hn::Ge(most, row(own))))
      return true;
  }
  return false;
}

/// Which of a branch's children may hold a record that e finds?
HWY_INLINE std::uint32_t search_branch(const lane_row* rows, const cone_query& q) {
  const tag d;
  vector x[vectors];
  dots(rows, q.e, x);
  const lane_row* bounds = rows + q.e.size();
  const vector norm = hn::Set(d, q.norm), square = hn::Mul(norm, norm);
  std::uint32_t open = 0;
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto row = [&](std::size_t i) { return hn::Load(d, bounds[i].of.data() + v * step); };
    const vector cosine = row(0), sine = row(1);
    const vector across = hn::Sqrt(hn::Max(hn::NegMulAdd(x[v], x[v], square), hn::Zero(d)));
    const vector outside = hn::MulAdd(x[v], cosine, hn::Mul(across, sine));
    const vector most = hn::IfThenElse(hn::Ge(x[v], hn::Mul(norm, cosine)), norm, outside);
    const vector reach = hn::MulAdd(row(3), norm, hn::Add(most, hn::Set(d, q.margin)));
    open |= bits_of(hn::Ge(reach, row(2)), v);
  }
  return open;
}

HWY_INLINE void append(std::uint32_t bits, std::size_t first, std::vector<std::uint32_t>& out) {
  for (; bits != 0; bits &= bits - 1)
    out.push_back(static_cast<std::uint32_t>(first + static_cast<std::size_t>(std::countr_zero(bits))));
}

/// Asks for memory that will be read soon.
HWY_INLINE void fetch(const void* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(lane_row))
    __builtin_prefetch(static_cast<const char*>(from) + i);
}

std::uint32_t open_lanes(const lane_row* rows, const cone_query& q) { return search_branch(rows, q); }

/// Appends the panels of a leaf that may hold a record that e finds.
void open_panels(const cone_leaf& l, const cone_query& q, std::vector<std::uint32_t>& panels) {
  const hn::CappedTag<float, cone_leaf::axes> four;
  alignas(16) float along[cone_leaf::axes + 1] = {};
  float square = 0;
  if constexpr (hn::MaxLanes(decltype(four)()) == cone_leaf::axes) {
    auto even = hn::Zero(four), odd = even;
    std::size_t k = 0;
    for (; k + 1 < q.e.size(); k += 2) {
      even = hn::MulAdd(hn::Set(four, q.e[k]), hn::LoadU(four, l.basis + k * cone_leaf::axes), even);
      odd = hn::MulAdd(hn::Set(four, q.e[k + 1]), hn::LoadU(four, l.basis + (k + 1) * cone_leaf::axes), odd);
    }
    if (k < q.e.size())
      even = hn::MulAdd(hn::Set(four, q.e[k]), hn::LoadU(four, l.basis + k * cone_leaf::axes), even);
    hn::StoreU(hn::Add(even, odd), four, along);
  } else {
    for (std::size_t k = 0; k < q.e.size(); ++k)
      for (std::size_t i = 0; i < cone_leaf::axes; ++i)
        along[i] += q.e[k] * l.basis[k * cone_leaf::axes + i];
  }
  for (std::size_t i = 0; i < cone_leaf::axes; ++i)
    square += along[i] * along[i];
  const float norm = q.norm + q.margin;
  along[cone_leaf::axes] = std::sqrt(std::max(norm * norm - square, 0.0f));
  for (std::uint32_t p = 0; p < l.panels; ++p)
    if (may_find(l.screens + p * cone_leaf::screen_rows, l.own + p * 2, along, q))
      panels.push_back(l.first + p);
}

void search_panels(const lane_row* rows, const lane_row* own, std::span<const std::uint32_t> which, const cone_query& q,
                   std::vector<std::uint32_t>& places) {
  const std::size_t width = q.e.size();
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (i + 2 < which.size())
      fetch(rows + which[i + 2] * width, width * sizeof(lane_row));
    append(search_panel(rows + which[i] * width, own + which[i] * 2, q), std::size_t{which[i]} * lanes, places);
  }
}

void search_run(const lane_row* rows, const lane_row* own, std::size_t first, std::size_t last, const cone_query& q,
                std::vector<std::uint32_t>& places) {
  for (std::size_t p = first; p < last; ++p)
    append(search_panel(rows + p * q.e.size(), own + p * 2, q), p * lanes, places);
}

} // namespace
} // namespace ammo::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ammo {
namespace {

HWY_EXPORT(open_lanes);
HWY_EXPORT(open_panels);
HWY_EXPORT(search_panels);
HWY_EXPORT(search_run);

/// Asks for memory that will be read soon.
void fetch(const void* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(lane_row))
    __builtin_prefetch(static_cast<const char*>(from) + i);
}

} // namespace

void cone_tree::find(const cone_query& q, std::vector<std::uint32_t>& out) const {
  std::vector<std::uint32_t> branches, leaves, panels;
  if (!children_.empty())
    branches.push_back(0);
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const std::uint32_t b = branches[i];
    for (std::uint32_t open = HWY_DYNAMIC_DISPATCH(open_lanes)(branch_at(b), q); open != 0; open &= open - 1) {
      const child c = children_[b][static_cast<std::size_t>(std::countr_zero(open))];
      if (c.is_leaf) {
        leaves.push_back(c.at);
        fetch(basis_of(c.at), width_ * axes * sizeof(float));
      } else {
        branches.push_back(c.at);
        fetch(branch_at(c.at), branch_size() * sizeof(lane_row));
      }
    }
  }
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (i + 1 < leaves.size()) {
      const leaf& next = leaves_[leaves[i + 1]];
      fetch(own_.data() + next.first * own_rows, next.panels * own_rows * sizeof(lane_row));
      fetch(screens_.data() + next.first * screen_rows, next.panels * screen_rows * sizeof(lane_row));
    }
    const leaf& l = leaves_[leaves[i]];
    HWY_DYNAMIC_DISPATCH(open_panels)({basis_of(leaves[i]), own_.data() + l.first * own_rows,
                                       screens_.data() + l.first * screen_rows, l.first, l.panels}, q, panels);
  }
  HWY_DYNAMIC_DISPATCH(search_panels)(panels_.data(), own_.data(), panels, q, out);
  HWY_DYNAMIC_DISPATCH(search_run)(panels_.data(), own_.data(), in_tree_ / lanes, places() / lanes, q, out);
}

void cone_tree::find_among_all(const cone_query& q, std::vector<std::uint32_t>& out) const {
  HWY_DYNAMIC_DISPATCH(search_run)(panels_.data(), own_.data(), 0, places() / lanes, q, out);
}

} // namespace ammo
#endif
