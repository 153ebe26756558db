#include "actors/space/cone_order.hpp"

#include "actors/space/catalogue.hpp"
#include "actors/space/random.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace ammo {
namespace {

/// Points that centres are found from, and rounds of it.
constexpr std::size_t sample_size = 1024;
constexpr int rounds = 6;

using sixteen = std::array<float, lanes>;

struct grouper {
  std::span<const float> points;
  std::size_t width;
  std::vector<std::uint32_t>& order;
  splitmix64 g{1};
  std::vector<sixteen> centres = std::vector<sixteen>(width); // by coordinate
  sixteen half_square{};                                      // of each centre's norm; infinite where there is none
  std::vector<std::uint8_t> nearest = std::vector<std::uint8_t>(order.size()); // by point
  std::vector<std::uint32_t> sorted = std::vector<std::uint32_t>(order.size());

  [[nodiscard]] float at(std::uint32_t point, std::size_t k) const {
    const float x = points[point * width + k];
    return k + 1 < width ? x : std::clamp(x, -2.0f, 2.0f);
  }

  /// c·p − ½|c|² is largest where |p − c| is least.
  [[nodiscard]] sixteen closeness(std::uint32_t point) const {
    sixteen sum;
    for (std::size_t i = 0; i < lanes; ++i)
      sum[i] = -half_square[i];
    for (std::size_t k = 0; k < width; ++k) {
      const float x = at(point, k);
      for (std::size_t i = 0; i < lanes; ++i)
        sum[i] += x * centres[k][i];
    }
    return sum;
  }

  void assign(std::span<const std::uint32_t> of) {
    for (std::uint32_t p : of) {
      const sixteen c = closeness(p);
      nearest[p] = static_cast<std::uint8_t>(std::max_element(c.begin(), c.end()) - c.begin());
    }
  }

  void place(std::size_t i, std::uint32_t point) {
    half_square[i] = 0;
    for (std::size_t k = 0; k < width; ++k) {
      centres[k][i] = at(point, k);
      half_square[i] += at(point, k) * at(point, k) / 2;
    }
  }

  /// The first centres: each as far from those before as any of some candidates drawn by chance.
  void scatter(std::span<const std::uint32_t> sample, std::size_t k) {
    half_square.fill(std::numeric_limits<float>::infinity());
    place(0, sample[g() % sample.size()]);
    std::vector<float> distance(sample.size(), std::numeric_limits<float>::max());
    for (std::size_t i = 1; i < k; ++i) {
      double total = 0;
      for (std::size_t s = 0; s < sample.size(); ++s) {
        float square = 0;
        for (std::size_t j = 0; j < width; ++j) {
          const float gap = at(sample[s], j) - centres[j][i - 1];
          square += gap * gap;
        }
        distance[s] = std::min(distance[s], square);
        total += distance[s];
      }
      double left = uniform01(g) * total;
      std::size_t s = 0;
      while (s + 1 < sample.size() && (left -= distance[s]) > 0)
        ++s;
      place(i, sample[s]);
    }
  }

  void centre(std::span<const std::uint32_t> sample) {
    std::array<std::size_t, lanes> count{};
    std::vector<sixteen> sum(width, sixteen{});
    for (std::uint32_t p : sample) {
      ++count[nearest[p]];
      for (std::size_t k = 0; k < width; ++k)
        sum[k][nearest[p]] += at(p, k);
    }
    half_square.fill(std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < lanes; ++i) {
      if (count[i] == 0)
        continue;
      half_square[i] = 0;
      for (std::size_t k = 0; k < width; ++k) {
        centres[k][i] = sum[k][i] / static_cast<float>(count[i]);
        half_square[i] += centres[k][i] * centres[k][i] / 2;
      }
    }
  }

  /// Sorts the run by nearest centre; the parts' sizes.
  std::array<std::size_t, lanes> divide(std::span<std::uint32_t> of, std::size_t k) {
    std::vector<std::uint32_t> sample;
    for (std::size_t i = 0, n = std::min(of.size(), sample_size); i < n; ++i)
      sample.push_back(of[i * of.size() / n]);
    scatter(sample, k);
    for (int round = 0; round < rounds; ++round) {
      assign(sample);
      centre(sample);
    }
    assign(of);
    std::array<std::size_t, lanes> sizes{}, next{};
    for (std::uint32_t p : of)
      ++sizes[nearest[p]];
    if (std::ranges::max(sizes) == of.size()) { // all the same: any division is as good
      sizes.fill(0);
      for (std::size_t i = 0; i < k; ++i)
        sizes[i] = of.size() * (i + 1) / k - of.size() * i / k;
      return sizes;
    }
    std::exclusive_scan(sizes.begin(), sizes.end(), next.begin(), std::size_t{0});
    for (std::uint32_t p : of)
      sorted[next[nearest[p]]++] = p;
    std::copy_n(sorted.begin(), of.size(), of.begin());
    return sizes;
  }

  point_group group(std::size_t first, std::size_t count) {
    point_group whole{first, count, {}};
    if (count <= smallest_group)
      return whole;
    const std::size_t k = std::clamp<std::size_t>(count / (smallest_group / 2), 2, lanes);
    for (std::size_t size : divide(std::span(order).subspan(first, count), k))
      if (size > 0) {
        whole.parts.push_back(group(first, size));
        first += size;
      }
    return whole;
  }
};

} // namespace

point_group grouped(std::span<const float> points, std::size_t width, std::vector<std::uint32_t>& order) {
  order.resize(points.size() / width);
  std::iota(order.begin(), order.end(), 0u);
  return grouper{points, width, order}.group(0, order.size());
}

} // namespace ammo
