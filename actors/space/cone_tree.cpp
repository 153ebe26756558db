#include "actors/space/cone_tree.hpp"

#include "actors/space/cone_order.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace ammo {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
/// Of a cone's cosine: what rounding may have added to it.
float cosine_margin(std::size_t width) noexcept { return 1e-5f + 2e-7f * static_cast<float>(width); }

float dot(const lane_row* rows, std::size_t lane, std::span<const float> v) noexcept {
  float sum = 0;
  for (std::size_t k = 0; k < v.size(); ++k)
    sum += rows[k].of[lane] * v[k];
  return sum;
}

float sine_of(float cosine) noexcept { return std::sqrt(std::max(0.0f, 1 - cosine * cosine)); }

} // namespace

void cone_tree::grow() {
  panels_.resize(panels_.size() + width_);
  own_.resize(own_.size() + own_rows);
  (own_.end() - own_rows + own_threshold)->of.fill(infinite);
}

void cone_tree::write(std::size_t place, std::span<const float> unit, float threshold, float slack) noexcept {
  for (std::size_t k = 0; k < width_; ++k)
    panels_[place / lanes * width_ + k].of[place % lanes] = unit[k];
  own(place, own_threshold) = threshold;
  own(place, own_slack) = slack;
}

void cone_tree::write_screen(std::size_t place, std::size_t number, std::span<const float> unit) noexcept {
  const float* b = basis_of(number);
  std::array<double, axes> along{};
  for (std::size_t k = 0; k < width_; ++k)
    for (std::size_t i = 0; i < axes; ++i)
      along[i] += double{unit[k]} * b[k * axes + i];
  double square = 0;
  for (std::size_t k = 0; k < width_; ++k) {
    double left = unit[k];
    for (std::size_t i = 0; i < axes; ++i)
      left -= along[i] * b[k * axes + i];
    square += left * left;
  }
  lane_row* screen = screens_.data() + place / lanes * screen_rows;
  for (std::size_t i = 0; i < axes; ++i)
    screen[i].of[place % lanes] = static_cast<float>(along[i]);
  screen[axes].of[place % lanes] = static_cast<float>(std::sqrt(square));
}

void cone_tree::put(std::size_t place, std::span<const float> unit, float threshold, float slack) {
  assert(unit.size() == width_ && place < places());
  write(place, unit, threshold, slack);
  if (place >= in_tree_)
    return;
  const std::uint32_t number = leaf_of_[place / lanes];
  const leaf& in = leaves_[number];
  write_screen(place, number, unit);
  lane_row* bounds = branch_at(in.branch) + width_;
  auto& c = bounds[cosine].of[in.lane];
  c = std::min(c, dot(branch_at(in.branch), in.lane, unit) - cosine_margin(width_));
  bounds[sine].of[in.lane] = sine_of(c);
  for (hook h{in.branch, in.lane}; h.branch != nowhere; h = hooks_[h.branch]) {
    bounds = branch_at(h.branch) + width_;
    auto& least = bounds[least_threshold].of[h.lane];
    least = std::min(least, threshold);
    auto& largest = bounds[largest_slack].of[h.lane];
    largest = std::max(largest, slack);
  }
}

bool cone_tree::fits(std::size_t place, std::span<const float> unit) const noexcept {
  if (place >= in_tree_)
    return true;
  const hook h = hooks_[leaves_[leaf_of_[place / lanes]].branch];
  return h.branch == nowhere || dot(branch_at(h.branch), h.lane, unit) - cosine_margin(width_) >=
                                  (branch_at(h.branch) + width_ + cosine)->of[h.lane];
}

void cone_tree::free(std::size_t place) noexcept { own(place, own_threshold) = infinite; }

bool cone_tree::is_free(std::size_t place) const noexcept { return own(place, own_threshold) == infinite; }

/// Writes the groups of points of an old tree as the cones of a new one.
struct cone_tree::builder {
  const cone_tree& before;
  cone_tree& tree;
  std::vector<std::uint32_t> old;    // places, in the order of the points
  std::vector<float> points;         // a and t, point by point
  std::vector<std::uint32_t> order;  // of the points
  std::vector<std::uint32_t> came_from = {}; // old places by new place

  [[nodiscard]] std::span<const float> unit(std::size_t i) const {
    return std::span(points).subspan(order[i] * (tree.width_ + 1), tree.width_);
  }
  [[nodiscard]] float threshold(std::uint32_t point) const { return points[point * (tree.width_ + 1) + tree.width_]; }
  [[nodiscard]] float own(std::size_t i, own_row row) const { return before.own(old[order[i]], row); }

  /// Its middle, then one principal axis after the other of what is left, by power iteration.
  void find_axes(const point_group& group, std::size_t number, const lane_row* middle, std::size_t lane) {
    const std::size_t w = tree.width_;
    std::vector<float> left(group.count * w), axis(w), next(w);
    for (std::size_t i = 0; i < group.count; ++i)
      std::ranges::copy(unit(group.first + i), left.begin() + static_cast<std::ptrdiff_t>(i * w));
    for (std::size_t k = 0; k < w; ++k)
      axis[k] = middle[k].of[lane];
    for (std::size_t b = 0;; ++b) {
      for (std::size_t k = 0; k < w; ++k)
        tree.axes_[(number * w + k) * axes + b] = axis[k];
      if (b + 1 == axes)
        return;
      for (std::size_t i = 0; i < group.count; ++i) {
        float* p = left.data() + i * w;
        const float along = std::inner_product(axis.begin(), axis.end(), p, 0.0f);
        for (std::size_t k = 0; k < w; ++k)
          p[k] -= along * axis[k];
      }
      std::copy_n(left.data() + group.count / 2 * w, w, axis.begin());
      for (int step = 0; step < 4; ++step) {
        std::ranges::fill(next, 0.0f);
        for (std::size_t i = 0; i < group.count; ++i) {
          const float* p = left.data() + i * w;
          const float along = std::inner_product(axis.begin(), axis.end(), p, 0.0f);
          for (std::size_t k = 0; k < w; ++k)
            next[k] += along * p[k];
        }
        const float square = std::inner_product(next.begin(), next.end(), next.begin(), 0.0f);
        if (!(square > 1e-12f))
          return; // nothing is left: the other axes stay zero
        for (std::size_t k = 0; k < w; ++k)
          axis[k] = next[k] / std::sqrt(square);
      }
    }
  }

  std::uint32_t leaf_of(const point_group& group, hook h) {
    const auto number = static_cast<std::uint32_t>(tree.leaves_.size());
    const std::size_t first = tree.places(), room = (group.count + lanes - 1) / lanes;
    tree.leaves_.push_back({static_cast<std::uint32_t>(first / lanes), static_cast<std::uint32_t>(room), h.branch, h.lane});
    tree.axes_.resize(tree.axes_.size() + tree.width_ * axes);
    find_axes(group, number, tree.branch_at(h.branch), h.lane);
    for (std::size_t p = 0; p < room; ++p)
      tree.grow();
    tree.leaf_of_.resize(tree.places() / lanes, number);
    tree.screens_.resize(tree.places() / lanes * screen_rows);
    came_from.resize(tree.places(), nowhere);
    // Who is hard to please shares panels with others who are: their panels stay shut.
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(group.first),
              order.begin() + static_cast<std::ptrdiff_t>(group.first + group.count),
              [this](std::uint32_t a, std::uint32_t b) { return threshold(a) < threshold(b); });
    for (std::size_t i = 0; i < group.count; ++i) {
      const std::size_t point = group.first + i;
      came_from[first + i] = old[order[point]];
      tree.write(first + i, unit(point), own(point, own_threshold), own(point, own_slack));
      tree.write_screen(first + i, number, unit(point));
    }
    return number;
  }

  void cone(const point_group& group, lane_row* rows, std::size_t lane) {
    std::vector<double> sum(tree.width_);
    for (std::size_t i = group.first; i < group.first + group.count; ++i)
      for (std::size_t k = 0; k < tree.width_; ++k)
        sum[k] += unit(i)[k];
    double square = 0;
    for (double x : sum)
      square += x * x;
    for (std::size_t k = 0; k < tree.width_; ++k)
      rows[k].of[lane] = square > 0 ? static_cast<float>(sum[k] / std::sqrt(square)) : 0.0f;
    float least_cosine = 1, least = infinite, largest = 0;
    for (std::size_t i = group.first; i < group.first + group.count; ++i) {
      least_cosine = std::min(least_cosine, dot(rows, lane, unit(i)) - cosine_margin(tree.width_));
      least = std::min(least, own(i, own_threshold));
      largest = std::max(largest, own(i, own_slack));
    }
    rows += tree.width_;
    rows[cosine].of[lane] = least_cosine;
    rows[sine].of[lane] = sine_of(least_cosine);
    rows[least_threshold].of[lane] = least;
    rows[largest_slack].of[lane] = largest;
  }

  /// A branch of the parts, and all below them.
  std::uint32_t branch(std::span<const point_group> parts, hook h) {
    const auto b = static_cast<std::uint32_t>(tree.children_.size());
    tree.children_.emplace_back();
    tree.hooks_.push_back(h);
    tree.branches_.resize(tree.branches_.size() + tree.branch_size());
    tree.branch_at(b)[tree.width_ + least_threshold].of.fill(infinite);
    for (std::uint32_t lane = 0; lane < parts.size(); ++lane) {
      const point_group& part = parts[lane];
      cone(part, tree.branch_at(b), lane);
      const child c = part.parts.empty() ? child{leaf_of(part, {b, lane}), true} : child{branch(part.parts, {b, lane}), false};
      tree.children_[b][lane] = c;
    }
    return b;
  }
};

std::vector<std::uint32_t> cone_tree::build() {
  const cone_tree before = std::exchange(*this, cone_tree(width_));
  builder b{before, *this, {}, {}, {}};
  for (std::uint32_t place = 0; place < before.places(); ++place)
    if (!before.is_free(place)) {
      b.old.push_back(place);
      for (std::size_t k = 0; k <= width_; ++k)
        b.points.push_back(k < width_ ? before.panels_[place / lanes * width_ + k].of[place % lanes] : before.own(place, own_threshold));
    }
  if (b.old.empty())
    return {};
  const point_group all = grouped(b.points, width_ + 1, b.order);
  b.branch(all.parts.empty() ? std::span(&all, 1) : std::span(all.parts), {});
  in_tree_ = places();
  return std::move(b.came_from);
}

} // namespace ammo
