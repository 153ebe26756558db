#include "actors/space/cone_order.hpp"

#include "actors/space/catalogue.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace ammo {
namespace {

/// Points that a split's first axis is estimated from, and steps of the power iteration that finds it.
constexpr std::size_t sample = 128;
constexpr int power_steps = 4;
/// Times that a split's axis is drawn anew between the means of its halves.
constexpr int refinements = 2;

struct splitter {
  std::span<const float> points;
  std::size_t width;
  std::vector<std::uint32_t> order = {};
  std::vector<float> along = {}; // by point: where it lies on the axis
  std::vector<float> axis = {}, mean = {}, next = {};

  [[nodiscard]] const float* point(std::uint32_t i) const { return points.data() + i * width; }

  [[nodiscard]] float dot(std::uint32_t i, const std::vector<float>& v) const {
    const float* p = point(i);
    float sum[8] = {};
    std::size_t k = 0;
    for (; k + 8 < width; k += 8)
      for (std::size_t j = 0; j < 8; ++j)
        sum[j] += p[k + j] * v[k + j];
    for (; k + 1 < width; ++k)
      sum[0] += p[k] * v[k];
    sum[1] += std::clamp(p[k], -2.0f, 2.0f) * v[k];
    return std::accumulate(sum, sum + 8, 0.0f);
  }

  void add(std::uint32_t i, float weight, std::vector<float>& to) const {
    const float* p = point(i);
    for (std::size_t k = 0; k + 1 < width; ++k)
      to[k] += weight * p[k];
    to[width - 1] += weight * std::clamp(p[width - 1], -2.0f, 2.0f);
  }

  void principal_axis(std::span<const std::uint32_t> of) {
    const std::size_t stride = std::max<std::size_t>(1, of.size() / sample);
    std::fill(mean.begin(), mean.end(), 0.0f);
    std::size_t count = 0;
    for (std::size_t i = 0; i < of.size(); i += stride, ++count)
      add(of[i], 1, mean);
    for (float& x : mean)
      x /= static_cast<float>(count);
    std::fill(axis.begin(), axis.end(), 0.0f);
    add(of.front(), 1, axis);
    add(of.back(), -1, axis);
    axis[0] += 1e-3f; // both may be the same
    for (int step = 0; step < power_steps; ++step) {
      const float base = std::inner_product(mean.begin(), mean.end(), axis.begin(), 0.0f);
      std::fill(next.begin(), next.end(), 0.0f);
      float sum = 0;
      for (std::size_t i = 0; i < of.size(); i += stride) {
        const float t = dot(of[i], axis) - base;
        add(of[i], t, next);
        sum += t;
      }
      for (std::size_t k = 0; k < width; ++k)
        next[k] -= sum * mean[k];
      const float square = std::inner_product(next.begin(), next.end(), next.begin(), 0.0f);
      if (!(square > 0))
        return;
      for (std::size_t k = 0; k < width; ++k)
        axis[k] = next[k] / std::sqrt(square);
    }
  }

  void halve(std::span<std::uint32_t> of, std::size_t left) {
    for (std::uint32_t i : of)
      along[i] = dot(i, axis);
    std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(left), of.end(),
                     [this](std::uint32_t a, std::uint32_t b) { return along[a] < along[b]; });
  }

  void between_means(std::span<const std::uint32_t> of, std::size_t left) {
    std::fill(axis.begin(), axis.end(), 0.0f);
    const float low = -1 / static_cast<float>(left), high = 1 / static_cast<float>(of.size() - left);
    for (std::size_t i = 0; i < of.size(); ++i)
      add(of[i], i < left ? low : high, axis);
  }

  void split(std::span<std::uint32_t> of) {
    const std::size_t leaves = (of.size() + lanes - 1) / lanes;
    if (leaves < 2)
      return;
    const std::size_t left = std::bit_ceil(leaves) / 2 * lanes;
    principal_axis(of);
    halve(of, left);
    for (int i = 0; i < refinements; ++i) {
      between_means(of, left);
      halve(of, left);
    }
    split(of.first(left));
    split(of.subspan(left));
  }
};

} // namespace

std::vector<std::uint32_t> cone_order(std::span<const float> points, std::size_t width) {
  splitter s{points, width};
  s.order.resize(points.size() / width);
  std::iota(s.order.begin(), s.order.end(), 0u);
  s.along.resize(s.order.size());
  s.axis.resize(width);
  s.mean.resize(width);
  s.next.resize(width);
  s.split(s.order);
  return std::move(s.order);
}

} // namespace ammo
