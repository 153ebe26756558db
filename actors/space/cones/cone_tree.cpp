#include "actors/space/cones/cone_tree.hpp"

#include "actors/space/cones/cone_order.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace ammo {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float largest_code = 127;
/// The level whose cones hold 256 records: those below may widen when a record moves.
constexpr std::size_t firm_level = 2;

} // namespace

void cone_tree::grow() {
  beside_.resize(beside_.size() + panel_size());
  (beside_.end() - own_rows + own_threshold)->of.fill(infinite);
}

float cone_tree::at(std::size_t place, std::size_t row) const noexcept {
  if (place >= in_tree_)
    return beside_[(place - in_tree_) / lanes * panel_size() + row].of[place % lanes];
  if (row < width_)
    return vectors_[place * width_ + row];
  const bool is_threshold = row == width_ + own_threshold;
  return levels_[0].bound(place, is_threshold ? cone_level::least_threshold : cone_level::largest_slack);
}

void cone_tree::point(std::size_t level, std::size_t cone, std::span<const float> v) noexcept {
  cone_level& l = levels_[level];
  code_row* codes = l.codes.data() + cone / lanes * code_row::rows(width_);
  float most = 0;
  for (float x : v)
    most = std::max(most, std::abs(x));
  double square = 0;
  for (std::size_t k = 0; k < width_; ++k) {
    const float c = most > 0 ? std::round(v[k] / most * largest_code) : 0;
    codes[k / 4].of[code_row::at(cone % lanes, k)] = static_cast<std::int8_t>(c);
    square += double{c} * c;
  }
  l.bound(cone, cone_level::inverse) = square > 0 ? static_cast<float>(cone_query::unit / std::sqrt(square)) : 0;
  l.bound(cone, cone_level::cosine) = 1;
  l.bound(cone, cone_level::least_threshold) = infinite;
  l.bound(cone, cone_level::largest_slack) = 0;
}

float cone_tree::cosine_to(std::size_t level, std::size_t cone, std::span<const float> unit) const noexcept {
  const cone_level& l = levels_[level];
  const code_row* codes = l.codes.data() + cone / lanes * code_row::rows(width_);
  double sum = 0;
  for (std::size_t k = 0; k < width_; ++k)
    sum += double{unit[k]} * codes[k / 4].of[code_row::at(cone % lanes, k)];
  constexpr double rounding = 5e-7; // of the unit vector, the inverse and the result
  return static_cast<float>(sum * l.bound(cone, cone_level::inverse) / cone_query::unit - rounding);
}

void cone_tree::put(std::size_t place, std::span<const float> unit, float threshold, float slack) {
  assert(unit.size() == width_ && place < places());
  if (place >= in_tree_) {
    for (std::size_t k = 0; k < width_; ++k)
      beside(place, k) = unit[k];
    beside(place, width_ + own_threshold) = threshold;
    beside(place, width_ + own_slack) = slack;
    return;
  }
  std::ranges::copy(unit, vectors_.begin() + static_cast<std::ptrdiff_t>(place * width_));
  point(0, place, unit);
  for (std::size_t level = 0, cone = place; level < levels_.size(); ++level, cone /= lanes) {
    cone_level& l = levels_[level];
    const auto widen = [&](cone_level::row r, float x) { l.bound(cone, r) = std::min(l.bound(cone, r), x); };
    widen(cone_level::cosine, cosine_to(level, cone, unit));
    widen(cone_level::least_threshold, threshold);
    l.bound(cone, cone_level::largest_slack) = std::max(l.bound(cone, cone_level::largest_slack), slack);
  }
}

void cone_tree::get(std::size_t place, std::span<float> unit, float& threshold, float& slack) const noexcept {
  for (std::size_t k = 0; k < width_; ++k)
    unit[k] = at(place, k);
  threshold = at(place, width_ + own_threshold);
  slack = at(place, width_ + own_slack);
}

bool cone_tree::fits(std::size_t place, std::span<const float> unit) const noexcept {
  if (place >= in_tree_ || levels_.size() <= firm_level)
    return true;
  const std::size_t cone = place / lanes / lanes;
  return cosine_to(firm_level, cone, unit) >= levels_[firm_level].bound(cone, cone_level::cosine);
}

void cone_tree::free(std::size_t place) noexcept {
  auto& threshold =
    place < in_tree_ ? levels_[0].bound(place, cone_level::least_threshold) : beside(place, width_ + own_threshold);
  threshold = infinite;
}

bool cone_tree::is_free(std::size_t place) const noexcept { return at(place, width_ + own_threshold) == infinite; }

void cone_tree::lay_out(std::span<const float> points, std::span<const std::uint32_t> order) {
  const std::size_t w = width_;
  in_tree_ = (order.size() + lanes - 1) / lanes * lanes;
  vectors_.resize(in_tree_ * w);
  for (std::size_t cones = in_tree_, size = 1; cones > 1; size *= lanes) {
    const std::size_t level = levels_.size(), blocks = (cones + lanes - 1) / lanes;
    levels_.push_back({});
    levels_[level].codes.resize(blocks * code_row::rows(w));
    levels_[level].bounds.resize(blocks * cone_level::rows);
    std::vector<float> sums(blocks * lanes * w);
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t k = 0; k < w; ++k)
        sums[i / size * w + k] += points[order[i] * (w + 1) + k];
    for (std::size_t cone = 0; cone < blocks * lanes; ++cone)
      point(level, cone, std::span(sums).subspan(cone * w, w));
    cones = blocks;
  }
}

std::vector<std::uint32_t> cone_tree::build() {
  const cone_tree before = std::exchange(*this, cone_tree(width_));
  std::vector<std::uint32_t> old;
  std::vector<float> points; // a and t, record by record
  for (std::uint32_t place = 0; place < before.places(); ++place)
    if (!before.is_free(place)) {
      old.push_back(place);
      for (std::size_t k = 0; k <= width_; ++k)
        points.push_back(before.at(place, k));
    }
  const auto order = near_order(points, width_ + 1);
  lay_out(points, order);
  std::vector<std::uint32_t> came_from(in_tree_, nowhere);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto record = std::span(points).subspan(order[i] * (width_ + 1), width_ + 1);
    came_from[i] = old[order[i]];
    put(i, record.first(width_), record.back(), before.at(came_from[i], width_ + own_slack));
  }
  return came_from;
}

} // namespace ammo
