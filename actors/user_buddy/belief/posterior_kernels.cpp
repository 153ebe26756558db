#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "actors/user_buddy/belief/posterior_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "actors/user_buddy/belief/posterior_kernels.hpp"

#include <cmath>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace ammo::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class Real>
using vector_tag = hn::CappedTag<Real, padding>;

/// A column whose squares are so many times below the pivot's makes changes of few units in the last place.
template <class Real>
constexpr Real faint = Real(4096);

/// The power of two in the values, 0 for 0: a unit in the last place of float32 is 2⁻²³ of it.
template <class Tag, class Vector>
Vector binade(Tag tag, Vector v) {
  return hn::And(v, hn::BitCast(tag, hn::Set(hn::Repartition<std::uint32_t, Tag>(), 0x7f800000u)));
}

/// before + change, rounded up or down by chance: what is lost has mean 0. `u`: chances of the lanes, in [0, 1).
template <class Tag, class Vector>
Vector add_fairly(Tag tag, Vector before, Vector change, Vector u) {
  const auto below = hn::Mul(hn::Sub(u, hn::Set(tag, 0.5f)), hn::Set(tag, 0x1p-23f));
  return hn::Add(before, hn::MulAdd(below, binade(tag, before), change));
}

/// Chances of a row's columns: a number that is new for each row of each sweep, and steps of the golden ratio from it.
template <class Real>
Real phase_of(std::uint32_t sweep, std::size_t k) {
  std::uint32_t h = sweep * 0x9e3779b9u + static_cast<std::uint32_t>(k) * 0x85ebca6bu;
  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return static_cast<Real>((h ^ (h >> 16)) >> 8) * Real(0x1p-24);
}

template <class Tag>
auto chances(Tag tag, hn::TFromD<Tag> phase, std::size_t j) {
  const auto column = hn::Iota(tag, static_cast<hn::TFromD<Tag>>(j));
  const auto at = hn::MulAdd(column, hn::Set(tag, 0.618034f), hn::Set(tag, phase));
  return hn::Sub(at, hn::Floor(at));
}

/// One reflection maps column k, (R_kk, x_k), to (α, 0), α = |(R_kk, x_k)|. With s = x_k / α, u = x_k / (R_kk + α):
/// R'_kj = (R_kk / α) R_kj + Σ_i s_i x_ij and x'_ij = x_ij − u_i (R'_kj + R_kj). Nothing cancels, as R_kk > 0.
/// In float32, where the change is faint, it is computed by itself, −|x_k|² / (α (R_kk + α)) R_kj + Σ_i s_i x_ij, and
/// added fairly: the same slate over and over would else be rounded the same way each time.
template <std::uint32_t Rows, class Real>
void sweep_rows_of(Real* state, std::uint32_t d, Real* x, std::uint32_t sweep) {
  const vector_tag<Real> tag;
  const std::size_t n = hn::Lanes(tag), stride = sweep_stride(d);
  for (std::size_t k = 0; k < d; ++k) {
    Real* const row = state + row_base(d, k) + 1;
    Real& pivot = row[static_cast<std::ptrdiff_t>(k) - 1];
    Real* const column = x + padding - 1 + k;
    Real s[Rows], u[Rows], norm2 = 0;
    for (std::uint32_t i = 0; i < Rows; ++i) {
      s[i] = column[i * stride];
      norm2 += s[i] * s[i];
    }
    if (norm2 == 0)
      continue;
    const Real diagonal = pivot;
    const Real alpha = std::sqrt(diagonal * diagonal + norm2), sum = diagonal + alpha;
    const Real inverse = 1 / (alpha * sum), per_alpha = inverse * sum, per_sum = inverse * alpha;
    for (std::uint32_t i = 0; i < Rows; ++i) {
      u[i] = s[i] * per_sum;
      s[i] *= per_alpha;
    }
    const bool fair = std::is_same_v<Real, float> && diagonal * diagonal > faint<Real> * norm2;
    const Real phase = fair ? phase_of<Real>(sweep, k) : Real(0);
    pivot = alpha;
    if constexpr (std::is_same_v<Real, float>) {
      if (fair) {
        const hn::CappedTag<float, 1> one;
        pivot = hn::GetLane(add_fairly(one, hn::Set(one, diagonal), hn::Set(one, norm2 / sum), hn::Set(one, phase)));
      }
    }
    const auto c = hn::Set(tag, fair ? -norm2 * inverse : diagonal * per_alpha);
    // Column j + 1 is at row[j]. Lanes before column k + 1 hold finished columns and the row above, those behind
    // column d the next row: they are computed on, and not stored.
    for (std::size_t j = k / n * n; j < d; j += n) {
      const auto before = hn::LoadU(tag, row + j);
      auto after = hn::Mul(c, before);
      for (std::uint32_t i = 0; i < Rows; ++i)
        after = hn::MulAdd(hn::Set(tag, s[i]), hn::Load(tag, x + i * stride + padding + j), after);
      if constexpr (std::is_same_v<Real, float>) {
        if (fair)
          after = add_fairly(tag, before, after, chances(tag, phase, j + 1));
      }
      if (j >= k && j + n <= d) {
        hn::StoreU(after, tag, row + j);
      } else {
        const auto upto = hn::FirstN(tag, d - j);
        hn::BlendedStore(after, j >= k ? upto : hn::AndNot(hn::FirstN(tag, k - j), upto), tag, row + j);
      }
      const auto both = hn::Add(before, after);
      for (std::uint32_t i = 0; i < Rows; ++i) {
        Real* const p = x + i * stride + padding + j;
        hn::Store(hn::NegMulAdd(hn::Set(tag, u[i]), both, hn::Load(tag, p)), tag, p);
      }
    }
  }
}

template <class Real>
void sweep_any(Real* state, std::uint32_t d, Real* x, std::uint32_t rows, std::uint32_t sweep) {
  switch (rows) {
  case 1: return sweep_rows_of<1>(state, d, x, sweep);
  case 2: return sweep_rows_of<2>(state, d, x, sweep);
  case 3: return sweep_rows_of<3>(state, d, x, sweep);
  case 4: return sweep_rows_of<4>(state, d, x, sweep);
  case 5: return sweep_rows_of<5>(state, d, x, sweep);
  case 6: return sweep_rows_of<6>(state, d, x, sweep);
  case 7: return sweep_rows_of<7>(state, d, x, sweep);
  default: return sweep_rows_of<sweep_rows>(state, d, x, sweep);
  }
}

/// Solves rows [k, k + Rows) when all below are solved: their dot products run side by side, and what is left is a
/// triangle of scalars. Unsolved x are 0, so no lane needs a mask.
template <std::uint32_t Rows, class Real>
void solve_rows(const Real* state, std::uint32_t d, std::size_t k, const Real* b, Real* x) {
  const vector_tag<Real> tag;
  const std::size_t n = hn::Lanes(tag);
  const Real* row[Rows];
  Real sum[Rows], solved[Rows];
  decltype(hn::Zero(tag)) dot[Rows];
  for (std::uint32_t i = 0; i < Rows; ++i) {
    row[i] = state + row_base(d, k + i);
    dot[i] = hn::Zero(tag);
  }
  for (std::size_t j = (k + Rows) / n * n; j < d; j += n) {
    const auto xj = hn::Load(tag, x + j);
    for (std::uint32_t i = 0; i < Rows; ++i)
      dot[i] = hn::MulAdd(hn::LoadU(tag, row[i] + j), xj, dot[i]);
  }
  for (std::uint32_t i = 0; i < Rows; ++i)
    sum[i] = b[k + i] - hn::GetLane(hn::SumOfLanes(tag, dot[i]));
  for (std::uint32_t i = Rows; i-- > 0;) {
    x[k + i] = solved[i] = sum[i] / row[i][k + i];
    for (std::uint32_t above = 0; above < i; ++above)
      sum[above] -= row[above][k + i] * solved[i];
  }
}

template <class Real>
void back_substitute_any(const Real* state, std::uint32_t d, const Real* b, Real* x) {
  for (std::size_t j = 0; j < padded(d); ++j)
    x[j] = 0;
  std::size_t k = d;
  for (; k >= 4; k -= 4)
    solve_rows<4>(state, d, k - 4, b, x);
  for (; k > 0; --k)
    solve_rows<1>(state, d, k - 1, b, x);
}

template <class Real>
Real forward_norm2_any(const Real* state, std::uint32_t d, Real* x) {
  const vector_tag<Real> tag;
  const std::size_t n = hn::Lanes(tag);
  Real norm2 = 0;
  for (std::size_t k = 0; k < d; ++k) {
    const Real* const row = state + row_base(d, k);
    const Real w = x[k] / row[k];
    norm2 += w * w;
    for (std::size_t j = (k + 1) / n * n; j < d; j += n) // finished x change too, and are not read again
      hn::Store(hn::NegMulAdd(hn::Set(tag, w), hn::LoadU(tag, row + j), hn::Load(tag, x + j)), tag, x + j);
  }
  return norm2;
}

/// Columns [k, k + Columns) of Rᵀw = e for one vector of creations when all before are solved; what is left is a
/// triangle. Adds w·y to `mean` and |w|² to `norm2`. Coordinates before `begin` are 0.
template <std::uint32_t Columns, class Real, class Vector>
void confide_columns(const Real* state, std::uint32_t d, std::size_t begin, std::size_t first, std::size_t k, const Real* e,
                     std::size_t width, Real* w, Vector& mean, Vector& norm2) {
  const vector_tag<Real> tag;
  Vector sum[Columns];
  for (std::uint32_t c = 0; c < Columns; ++c) {
    const std::size_t at = k + c;
    sum[c] = at >= first && at < first + width ? hn::LoadU(tag, e + (at - first) * padding) : hn::Set(tag, at < first && at == 0 ? Real(1) : Real(0));
  }
  for (std::size_t i = begin; i < k; ++i) {
    const Real* const row = state + row_base(d, i) + k;
    const auto wi = hn::Load(tag, w + i * padding);
    for (std::uint32_t c = 0; c < Columns; ++c)
      sum[c] = hn::NegMulAdd(hn::Set(tag, row[c]), wi, sum[c]);
  }
  for (std::uint32_t c = 0; c < Columns; ++c) {
    const Real* const row = state + row_base(d, k + c);
    const auto solved = hn::Mul(sum[c], hn::Set(tag, 1 / row[k + c]));
    hn::Store(solved, tag, w + (k + c) * padding);
    for (std::uint32_t later = c + 1; later < Columns; ++later)
      sum[later] = hn::NegMulAdd(hn::Set(tag, row[k + later]), solved, sum[later]);
    mean = hn::MulAdd(solved, hn::Set(tag, row[d]), mean);
    norm2 = hn::MulAdd(solved, solved, norm2);
  }
}

template <class Real>
void confidence_any(const Real* state, std::uint32_t d, const Real* e, std::size_t first, std::size_t width, bool leads, Real* w,
                    Real* means, Real* norms2) {
  const vector_tag<Real> tag;
  constexpr std::uint32_t columns = 8;
  const std::size_t begin = leads ? 0 : first;
  for (std::size_t lane = 0; lane < padding; lane += hn::Lanes(tag)) {
    auto mean = hn::Zero(tag), norm2 = hn::Zero(tag);
    std::size_t k = begin;
    for (; (d - k) % columns != 0; ++k) // while few are solved
      confide_columns<1>(state, d, begin, first, k, e + lane, width, w + lane, mean, norm2);
    for (; k < d; k += columns)
      confide_columns<columns>(state, d, begin, first, k, e + lane, width, w + lane, mean, norm2);
    hn::StoreU(mean, tag, means + lane);
    hn::StoreU(norm2, tag, norms2 + lane);
  }
}

void sweep_f(float* s, std::uint32_t d, float* x, std::uint32_t rows, std::uint32_t sweep) {
  sweep_any(s, d, x, rows, sweep);
}
void sweep_d(double* s, std::uint32_t d, double* x, std::uint32_t rows, std::uint32_t sweep) {
  sweep_any(s, d, x, rows, sweep);
}
void solve_f(const float* s, std::uint32_t d, const float* b, float* x) { back_substitute_any(s, d, b, x); }
void solve_d(const double* s, std::uint32_t d, const double* b, double* x) { back_substitute_any(s, d, b, x); }
float norm2_f(const float* s, std::uint32_t d, float* x) { return forward_norm2_any(s, d, x); }
double norm2_d(const double* s, std::uint32_t d, double* x) { return forward_norm2_any(s, d, x); }
void confidence_f(const float* s, std::uint32_t d, const float* e, std::size_t first, std::size_t width, bool leads, float* w,
                  float* means, float* norms2) {
  confidence_any(s, d, e, first, width, leads, w, means, norms2);
}
void confidence_d(const double* s, std::uint32_t d, const double* e, std::size_t first, std::size_t width, bool leads, double* w,
                  double* means, double* norms2) {
  confidence_any(s, d, e, first, width, leads, w, means, norms2);
}

} // namespace ammo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ammo::kernels {

HWY_EXPORT(sweep_f);
HWY_EXPORT(sweep_d);
HWY_EXPORT(solve_f);
HWY_EXPORT(solve_d);
HWY_EXPORT(norm2_f);
HWY_EXPORT(norm2_d);
HWY_EXPORT(confidence_f);
HWY_EXPORT(confidence_d);

void sweep(float* state, std::uint32_t d, float* x, std::uint32_t rows, std::uint32_t number) noexcept {
  HWY_DYNAMIC_DISPATCH(sweep_f)(state, d, x, rows, number);
}
void sweep(double* state, std::uint32_t d, double* x, std::uint32_t rows, std::uint32_t number) noexcept {
  HWY_DYNAMIC_DISPATCH(sweep_d)(state, d, x, rows, number);
}
void back_substitute(const float* state, std::uint32_t d, const float* b, float* x) noexcept {
  HWY_DYNAMIC_DISPATCH(solve_f)(state, d, b, x);
}
void back_substitute(const double* state, std::uint32_t d, const double* b, double* x) noexcept {
  HWY_DYNAMIC_DISPATCH(solve_d)(state, d, b, x);
}
float forward_norm2(const float* state, std::uint32_t d, float* x) noexcept {
  return HWY_DYNAMIC_DISPATCH(norm2_f)(state, d, x);
}
double forward_norm2(const double* state, std::uint32_t d, double* x) noexcept {
  return HWY_DYNAMIC_DISPATCH(norm2_d)(state, d, x);
}
void confidence(const float* state, std::uint32_t d, const float* e, std::size_t first, std::size_t width, bool leads, float* w,
                float* means, float* norms2) noexcept {
  HWY_DYNAMIC_DISPATCH(confidence_f)(state, d, e, first, width, leads, w, means, norms2);
}
void confidence(const double* state, std::uint32_t d, const double* e, std::size_t first, std::size_t width, bool leads, double* w,
                double* means, double* norms2) noexcept {
  HWY_DYNAMIC_DISPATCH(confidence_d)(state, d, e, first, width, leads, w, means, norms2);
}

} // namespace ammo::kernels
#endif
