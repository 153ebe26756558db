#include "actors/space/cone_tree.hpp"

#include "actors/space/cone_order.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

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
  leaves_.resize(leaves_.size() + leaf_rows());
  (leaves_.end() - leaf_extra + own_threshold)->of.fill(infinite);
}

void cone_tree::write(std::size_t place, std::span<const float> unit, float threshold, float slack) noexcept {
  lane_row* rows = leaf(place / lanes);
  const std::size_t lane = place % lanes;
  for (std::size_t k = 0; k < width_; ++k)
    rows[k].of[lane] = unit[k];
  rows[width_ + own_threshold].of[lane] = threshold;
  rows[width_ + own_slack].of[lane] = slack;
}

void cone_tree::put(std::size_t place, std::span<const float> unit, float threshold, float slack) {
  assert(unit.size() == width_ && place < places());
  write(place, unit, threshold, slack);
  if (place >= in_tree_)
    return;
  std::size_t child = place / lanes;
  for (std::size_t l = 0; l < branches_.size(); ++l, child /= lanes) {
    lane_row* rows = branches_[l].data() + child / lanes * branch_rows();
    const std::size_t lane = child % lanes;
    lane_row* bounds = rows + width_;
    if (l == 0) {
      auto& c = bounds[cosine].of[lane];
      c = std::min(c, dot(rows, lane, unit) - cosine_margin(width_));
      bounds[sine].of[lane] = sine_of(c);
    }
    auto& least = bounds[least_threshold].of[lane];
    least = std::min(least, threshold);
    auto& largest = bounds[largest_slack].of[lane];
    largest = std::max(largest, slack);
  }
}

bool cone_tree::fits(std::size_t place, std::span<const float> unit) const noexcept {
  if (place >= in_tree_ || branches_.size() < 2)
    return true;
  const std::size_t branch = place / lanes / lanes, lane = branch % lanes;
  const lane_row* rows = branches_[1].data() + branch / lanes * branch_rows();
  return dot(rows, lane, unit) - cosine_margin(width_) >= rows[width_ + cosine].of[lane];
}

void cone_tree::free(std::size_t place) noexcept {
  leaf(place / lanes)[width_ + own_threshold].of[place % lanes] = infinite;
}

bool cone_tree::is_free(std::size_t place) const noexcept {
  return leaf(place / lanes)[width_ + own_threshold].of[place % lanes] == infinite;
}

std::vector<std::uint32_t> cone_tree::build() {
  std::vector<std::uint32_t> old;
  std::vector<float> points; // a and t, point by point
  for (std::uint32_t place = 0; place < places(); ++place)
    if (!is_free(place)) {
      old.push_back(place);
      const lane_row* rows = leaf(place / lanes);
      for (std::size_t k = 0; k <= width_; ++k)
        points.push_back(rows[k].of[place % lanes]);
    }
  const auto order = cone_order(points, width_ + 1);
  const cone_tree before = std::move(*this);
  *this = cone_tree(width_);
  for (std::size_t i = 0; i < order.size(); i += lanes)
    grow();
  std::vector<std::uint32_t> came_from(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    came_from[i] = old[order[i]];
    const lane_row* rows = before.leaf(came_from[i] / lanes) + width_;
    const std::size_t lane = came_from[i] % lanes;
    write(i, std::span(points).subspan(order[i] * (width_ + 1), width_), rows[own_threshold].of[lane],
          rows[own_slack].of[lane]);
  }
  in_tree_ = places();
  raise();
  return came_from;
}

/// The cones of all levels over the leaves.
void cone_tree::raise() {
  branches_.clear();
  std::size_t children = in_tree_ / lanes, leaves_of_child = 1;
  while (children > 0) {
    auto& level = branches_.emplace_back();
    const std::size_t groups = (children + lanes - 1) / lanes;
    level.resize(groups * branch_rows());
    for (std::size_t g = 0; g < groups; ++g)
      level[g * branch_rows() + width_ + least_threshold].of.fill(infinite);
    for (std::size_t c = 0; c < children; ++c)
      write_cone(level.data() + c / lanes * branch_rows(), c % lanes, c * leaves_of_child * lanes,
                 std::min((c + 1) * leaves_of_child * lanes, in_tree_));
    if (groups == 1)
      break;
    children = groups;
    leaves_of_child *= lanes;
  }
}

void cone_tree::write_cone(lane_row* branch, std::size_t lane, std::size_t first, std::size_t last) noexcept {
  std::vector<float> middle(width_), unit(width_);
  const auto of = [&](std::size_t place) {
    for (std::size_t k = 0; k < width_; ++k)
      unit[k] = leaf(place / lanes)[k].of[place % lanes];
  };
  for (std::size_t p = first; p < last; ++p) {
    if (is_free(p))
      continue;
    of(p);
    for (std::size_t k = 0; k < width_; ++k)
      middle[k] += unit[k];
  }
  double square = 0;
  for (float x : middle)
    square += double{x} * x;
  for (std::size_t k = 0; k < width_; ++k)
    branch[k].of[lane] = square > 0 ? static_cast<float>(middle[k] / std::sqrt(square)) : 0.0f;
  lane_row* bounds = branch + width_;
  float least_cosine = 1, least = infinite, largest = 0;
  for (std::size_t p = first; p < last; ++p) {
    if (is_free(p))
      continue;
    of(p);
    least_cosine = std::min(least_cosine, dot(branch, lane, unit) - cosine_margin(width_));
    least = std::min(least, leaf(p / lanes)[width_ + own_threshold].of[p % lanes]);
    largest = std::max(largest, leaf(p / lanes)[width_ + own_slack].of[p % lanes]);
  }
  bounds[cosine].of[lane] = least_cosine;
  bounds[sine].of[lane] = sine_of(least_cosine);
  bounds[least_threshold].of[lane] = least;
  bounds[largest_slack].of[lane] = largest;
}

} // namespace ammo
