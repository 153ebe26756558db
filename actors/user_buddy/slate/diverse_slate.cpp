#include "actors/user_buddy/slate/diverse_slate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ammo {

namespace {

constexpr float least_share = 1e-6f;

/// Where one pick after another leaves the others: the Cholesky factor of the picked, and what is left of each.
class greedy_dpp {
public:
  greedy_dpp(std::span<const float> units, std::size_t pool, std::size_t most)
    : units_(units), dim_(units.size() / pool), left_(pool, 1.0f), factor_(most * pool) {}

  /// Of candidate i, the share that no picked one has: d_i², the factor by which it would multiply the determinant.
  [[nodiscard]] float share(std::size_t i) const noexcept { return std::max(left_[i], least_share); }

  void pick(std::size_t j) noexcept {
    const std::size_t pool = left_.size();
    float* row = factor_.data() + picked_ * pool;
    const float d = std::sqrt(share(j));
    for (std::size_t i = 0; i < pool; ++i) {
      float s = dot(i, j);
      for (std::size_t k = 0; k < picked_; ++k)
        s -= factor_[k * pool + i] * factor_[k * pool + j];
      row[i] = s / d;
      left_[i] -= row[i] * row[i];
    }
    ++picked_;
  }

private:
  [[nodiscard]] float dot(std::size_t i, std::size_t j) const noexcept {
    const auto a = units_.subspan(i * dim_, dim_), b = units_.subspan(j * dim_, dim_);
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f);
  }

  std::span<const float> units_;
  std::size_t dim_, picked_ = 0;
  coordinates left_, factor_;
};

} // namespace

ranking diversified(const ranking& pool, std::span<const float> units, std::size_t n, float weight) {
  n = std::min(n, pool.size());
  ranking chosen;
  if (n == 0)
    return chosen;
  greedy_dpp process(units, pool.size(), n);
  boost::container::small_vector<std::uint8_t, 64> taken(pool.size(), 0);
  while (chosen.size() < n) {
    std::size_t best = pool.size();
    float most = 0;
    for (std::size_t i = 0; i < pool.size(); ++i)
      if (const float gain = pool[i].score + weight * std::log(process.share(i));
          !taken[i] && (best == pool.size() || gain > most)) {
        best = i;
        most = gain;
      }
    taken[best] = 1;
    process.pick(best);
    chosen.push_back({pool[best].creation, chosen.empty() ? most : std::min(most, chosen.back().score)});
  }
  return chosen;
}

ranking diversified(const ranking& pool, const layout& space, snapshots_view snapshots, std::size_t n, float weight) {
  coordinates units(pool.size() * space.dim(), 0.0f);
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const auto& home = **std::ranges::find_if(
      snapshots, [&](const auto& s) { return s->subspace() == subspace_of(pool[i].creation); });
    const auto unit = span_of(units).subspan(i * space.dim() + home.coordinates().offset, home.coordinates().width);
    home.embedding(row_of(pool[i].creation), unit);
    const float norm = std::sqrt(std::inner_product(unit.begin(), unit.end(), unit.begin(), 0.0f));
    for (float& x : unit)
      x = norm > 0 ? x / norm : 0;
  }
  return diversified(pool, span_of(units), n, weight);
}

} // namespace ammo
