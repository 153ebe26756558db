/// Which creations are nearly the same. Pure.
#pragma once

#include "actors/space/catalogue.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace ammo {

/// Groups creations of a subspace by the first of each group: who is within a cosine distance of it belongs to it.
class likenesses {
public:
  explicit likenesses(double distance) noexcept : least_(1 - distance) {}

  /// A number that the row's creation shares with those asked for before that it is nearly the same as, and with nobody
  /// else. O(groups · width).
  std::uint32_t of(const catalogue_version& c, std::uint32_t row) {
    std::vector<float> e(c.coordinates().width);
    c.embedding(row, e);
    const double size = std::sqrt(dot(e, e));
    for (std::uint32_t i = 0; i < firsts_.size(); ++i)
      if (firsts_[i].subspace == c.subspace() && dot(firsts_[i].e, e) >= least_ * size * firsts_[i].size)
        return i;
    firsts_.push_back({c.subspace(), std::move(e), size});
    return static_cast<std::uint32_t>(firsts_.size() - 1);
  }

private:
  struct first {
    subspace_id subspace;
    std::vector<float> e;
    double size;
  };
  static double dot(const std::vector<float>& a, const std::vector<float>& b) noexcept {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }

  double least_;
  std::vector<first> firsts_;
};

} // namespace ammo
