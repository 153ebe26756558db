#include "actors/user_buddy/person/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace ammo {

namespace {

/// x ← x − 2 v (v·x) / |v|², from place `at` on.
void reflect(std::span<double> x, std::span<const double> v, std::size_t at, double scale) {
  double along = 0;
  for (std::size_t i = at; i < x.size(); ++i)
    along += v[i] * x[i];
  for (std::size_t i = at; i < x.size(); ++i)
    x[i] -= scale * along * v[i];
}

} // namespace

prior_evidence::prior_evidence(std::span<const double> a, std::span<const double> b, const tried_prior& now,
                               std::span<const float> centre)
  : now_(now), corner_(a[0]), first_(b[0]), diagonal_(b.size() - 1), beside_(b.size() - 1), border_(b.size() - 1),
    learned_(b.begin() + 1, b.end()), centre_(b.size() - 1) {
  const std::size_t d = b.size(), n = d - 1;
  std::ranges::copy(centre, centre_.begin());
  std::vector<double> s(n * n), v(n), p(n);
  for (std::size_t i = 0; i < n; ++i) {
    border_[i] = a[(i + 1) * d];
    std::copy_n(a.begin() + static_cast<std::ptrdiff_t>((i + 1) * d + 1), n, s.begin() + static_cast<std::ptrdiff_t>(i * n));
  }
  for (std::size_t k = 0; k < n; ++k) {
    diagonal_[k] = s[k * n + k];
    if (k + 1 == n)
      break;
    double length2 = 0;
    for (std::size_t i = k + 1; i < n; ++i) {
      v[i] = s[k * n + i];
      length2 += v[i] * v[i];
    }
    const double to = v[k + 1] > 0 ? -std::sqrt(length2) : std::sqrt(length2);
    beside_[k] = to;
    const double v2 = 2 * (length2 - to * v[k + 1]); // |v − to e|²
    if (!(v2 > 0))
      continue; // nothing beside the diagonal
    v[k + 1] -= to;
    const double scale = 2 / v2;
    std::fill(p.begin() + static_cast<std::ptrdiff_t>(k + 1), p.end(), 0.0);
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = k + 1; j < n; ++j)
        p[j] += scale * v[i] * s[i * n + j];
    double along = 0;
    for (std::size_t i = k + 1; i < n; ++i)
      along += v[i] * p[i];
    for (std::size_t i = k + 1; i < n; ++i)
      p[i] -= scale / 2 * along * v[i];
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = k + 1; j < n; ++j)
        s[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    for (auto* x : {&border_, &learned_, &centre_})
      reflect(*x, v, k + 1, scale);
  }
}

std::optional<prior_evidence::look> prior_evidence::under(const tried_prior& p) const {
  const double more = p.slope - now_.slope;
  double volume = 0, pivots = 1, of_border = 0, of_both = 0, explained = 0;
  double pivot = 0, border = 0, learned = 0; // of the row before
  for (std::size_t k = 0; k < diagonal_.size(); ++k) {
    const double factor = k > 0 ? beside_[k - 1] / pivot : 0.0;
    const double next = diagonal_[k] + more - (k > 0 ? factor * beside_[k - 1] : 0.0);
    if (!(next > 0))
      return {};
    border = border_[k] - factor * border;
    learned = learned_[k] + more * centre_[k] - factor * learned;
    pivot = next;
    pivots *= pivot;
    if (!(pivots > 1e-100 && pivots < 1e100)) { // one logarithm for many
      volume += std::log(pivots);
      pivots = 1;
    }
    of_border += border * border / pivot;
    of_both += border * learned / pivot;
    explained += learned * learned / pivot;
  }
  const double corner = corner_ + p.intercept - now_.intercept - of_border;
  if (!(corner > 0))
    return {};
  const double left = first_ + p.intercept * p.level - now_.intercept * now_.level - of_both;
  return look{explained + left * left / corner, (volume + std::log(pivots) + std::log(corner)) / 2};
}

} // namespace ammo
