#include "actors/space/cones/cone_order.hpp"

#include "actors/space/catalogue.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <utility>

namespace ammo {
namespace {

/// Points that centres are found from, and rounds of it.
constexpr std::size_t sample_size = 256;
constexpr int rounds = 4;
/// A part has at least one in so many: else one level could take as many rounds as it has parts.
constexpr std::size_t smallest_share = 8;

struct orderer {
  std::span<const float> points;
  std::size_t width;
  std::vector<std::uint32_t>& order;
  std::vector<float> sample = {};
  std::array<std::vector<float>, 2> centres = {std::vector<float>(width), std::vector<float>(width)};
  std::vector<float> across = std::vector<float>(width); // from one centre to the other
  float middle = 0;                                      // of the centres, along it
  std::vector<std::pair<float, std::uint32_t>> sorted = {};

  [[nodiscard]] float at(std::uint32_t point, std::size_t k) const {
    const float x = points[point * width + k];
    return k + 1 < width ? x : std::clamp(x, -2.0f, 2.0f);
  }
  [[nodiscard]] std::span<const float> sampled(std::size_t i) const {
    return std::span(sample).subspan(i * width, width);
  }
  [[nodiscard]] std::size_t samples() const { return sample.size() / width; }

  void take_sample(std::span<const std::uint32_t> run) {
    sample.clear();
    for (std::size_t i = 0, n = std::min(run.size(), sample_size); i < n; ++i)
      for (std::size_t k = 0; k < width; ++k)
        sample.push_back(at(run[i * run.size() / n], k));
  }

  [[nodiscard]] std::vector<float> farthest_from(std::span<const float> centre) const {
    std::size_t far = 0;
    float most = -1;
    for (std::size_t i = 0; i < samples(); ++i) {
      const float square = std::transform_reduce(centre.begin(), centre.end(), sampled(i).begin(), 0.0f, std::plus{},
                                                 [](float a, float b) { return (a - b) * (a - b); });
      if (square > most) {
        most = square;
        far = i;
      }
    }
    return {sampled(far).begin(), sampled(far).end()};
  }

  [[nodiscard]] bool is_right(std::span<const float> p) const {
    return std::inner_product(p.begin(), p.end(), across.begin(), 0.0f) > middle;
  }

  void look_across() {
    middle = 0;
    for (std::size_t k = 0; k < width; ++k) {
      across[k] = centres[1][k] - centres[0][k];
      middle += across[k] * (centres[0][k] + centres[1][k]) / 2;
    }
  }

  void find_centres() {
    centres[0] = farthest_from(sampled(0));
    centres[1] = farthest_from(centres[0]);
    look_across();
    for (int round = 0; round < rounds; ++round) {
      std::array<float, 2> count{};
      for (auto& c : centres)
        std::ranges::fill(c, 0.0f);
      for (std::size_t i = 0; i < samples(); ++i) {
        const bool right = is_right(sampled(i));
        ++count[right];
        for (std::size_t k = 0; k < width; ++k)
          centres[right][k] += sampled(i)[k];
      }
      if (count[0] == 0 || count[1] == 0)
        return; // all the same: any division is as good
      for (std::size_t side = 0; side < 2; ++side)
        for (float& x : centres[side])
          x /= count[side];
      look_across();
    }
  }

  void sort(std::size_t first, std::size_t count) {
    if (count <= lanes)
      return;
    std::size_t unit = lanes;
    while (unit * lanes < count)
      unit *= lanes;
    const auto run = std::span(order).subspan(first, count);
    take_sample(run);
    find_centres();
    sorted.clear();
    std::size_t left = 0;
    for (std::uint32_t p : run) {
      float along = at(p, width - 1) * across[width - 1];
      for (std::size_t k = 0; k + 1 < width; ++k)
        along += points[p * width + k] * across[k];
      left += along <= middle;
      sorted.emplace_back(along, p);
    }
    left = std::clamp(left, count / smallest_share, count - count / smallest_share);
    const std::size_t units = (count + unit - 1) / unit;
    const std::size_t cut = std::clamp<std::size_t>((left + unit / 2) / unit, 1, units - 1) * unit;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(cut), sorted.end());
    std::ranges::transform(sorted, run.begin(), [](const auto& s) { return s.second; });
    sort(first, cut);
    sort(first + cut, count - cut);
  }
};

} // namespace

std::vector<std::uint32_t> near_order(std::span<const float> points, std::size_t width) {
  std::vector<std::uint32_t> order(points.size() / width);
  std::iota(order.begin(), order.end(), 0u);
  orderer{points, width, order}.sort(0, order.size());
  return order;
}

} // namespace ammo
