#include "actors/space/cone_tree.hpp"

#include <bit>

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

/// Which of a leaf's records does e find?
HWY_INLINE std::uint32_t search_leaf(const lane_row* rows, const cone_query& q) {
  const tag d;
  vector x[vectors];
  dots(rows, q.e, x);
  const lane_row* own = rows + q.e.size();
  std::uint32_t found = 0;
  for (std::size_t v = 0; v < vectors; ++v) {
    const vector t = hn::Load(d, own[0].of.data() + v * step), s = hn::Load(d, own[1].of.data() + v * step);
    found |= bits_of(hn::Ge(hn::MulAdd(s, hn::Set(d, q.norm), x[v]), t), v);
  }
  return found;
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

void search_branches(const lane_row* rows, std::size_t stride, std::span<const std::uint32_t> which,
                     const cone_query& q, std::vector<std::uint32_t>& children) {
  for (std::uint32_t b : which)
    append(search_branch(rows + b * stride, q), std::size_t{b} * lanes, children);
}

void search_leaves(const lane_row* rows, std::size_t stride, std::span<const std::uint32_t> which, const cone_query& q,
                   std::vector<std::uint32_t>& places) {
  for (std::uint32_t l : which)
    append(search_leaf(rows + l * stride, q), std::size_t{l} * lanes, places);
}

void search_run(const lane_row* rows, std::size_t stride, std::size_t first, std::size_t last, const cone_query& q,
                std::vector<std::uint32_t>& places) {
  for (std::size_t l = first; l < last; ++l)
    append(search_leaf(rows + l * stride, q), l * lanes, places);
}

} // namespace
} // namespace ammo::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ammo {
namespace {

HWY_EXPORT(search_branches);
HWY_EXPORT(search_leaves);
HWY_EXPORT(search_run);

} // namespace

void cone_tree::find(const cone_query& q, std::vector<std::uint32_t>& out) const {
  std::vector<std::uint32_t> open, children;
  if (!branches_.empty())
    open.push_back(0);
  for (auto level = branches_.rbegin(); level != branches_.rend(); ++level) {
    children.clear();
    HWY_DYNAMIC_DISPATCH(search_branches)(level->data(), branch_rows(), open, q, children);
    open.swap(children);
  }
  HWY_DYNAMIC_DISPATCH(search_leaves)(leaves_.data(), leaf_rows(), open, q, out);
  HWY_DYNAMIC_DISPATCH(search_run)(leaves_.data(), leaf_rows(), in_tree_ / lanes, places() / lanes, q, out);
}

void cone_tree::find_among_all(const cone_query& q, std::vector<std::uint32_t>& out) const {
  HWY_DYNAMIC_DISPATCH(search_run)(leaves_.data(), leaf_rows(), 0, places() / lanes, q, out);
}

} // namespace ammo
#endif
