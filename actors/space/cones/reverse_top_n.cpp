#include "actors/space/cones/reverse_top_n.hpp"

#include "actors/space/cones/cone_order.hpp"
#include "actors/space/length.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace ammo {
namespace {

/// Eight sums side by side: as vector code.
float dot(std::span<const float> a, std::span<const float> b) noexcept {
  std::array<float, 8> sums{};
  std::size_t k = 0;
  for (; k + 8 <= a.size(); k += 8)
    for (std::size_t i = 0; i < 8; ++i)
      sums[i] += a[k + i] * b[k + i];
  float sum = std::accumulate(sums.begin(), sums.end(), 0.0f);
  for (; k < a.size(); ++k)
    sum += a[k] * b[k];
  return sum;
}

} // namespace

reverse_top_n::reverse_top_n(std::uint32_t width) : width_(width), most_(std::clamp<std::size_t>(16'384 / std::max(1u, width), 256, 4'096)) {
  assert(width > 0);
  parts_.emplace_back(width);
}

/// Whatever finds no memory, users and tree agree.
void reverse_top_n::part::make_room() {
  if (!free.empty())
    return;
  const std::size_t first = tree.places();
  users.resize(first + lanes);
  free.reserve(first + lanes - tree.in_tree());
  tree.grow();
  for (std::size_t lane = lanes; lane-- > 0;)
    free.push_back(static_cast<std::uint32_t>(first + lane));
}

std::uint32_t reverse_top_n::part::put_new(user_id user, std::span<const float> unit, float threshold, float slack) noexcept {
  const std::uint32_t place = free.back();
  free.pop_back();
  users[place] = user;
  ++size;
  tree.put(place, unit, threshold, slack);
  return place;
}

void reverse_top_n::part::free_place(std::uint32_t place) noexcept {
  tree.free(place);
  --size;
  if (place >= tree.in_tree())
    free.push_back(place);
}

std::size_t reverse_top_n::nearest(std::span<const float> unit) const noexcept {
  std::size_t best = 0;
  float most = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; parts_.size() > 1 && i < parts_.size(); ++i)
    if (const float by = dot(unit, parts_[i].middle); by > most) {
      best = i;
      most = by;
    }
  return best;
}

/// In two halves of neighbours, all of them beside their trees.
void reverse_top_n::cut(std::size_t at) {
  const part& whole = parts_[at];
  std::vector<std::uint32_t> old;
  std::vector<float> points; // a and t, record by record
  float slack = 0;
  for (std::uint32_t place = 0; place < whole.tree.places(); ++place)
    if (!whole.tree.is_free(place)) {
      old.push_back(place);
      points.resize(points.size() + width_ + 1);
      const auto record = std::span(points).last(width_ + 1);
      whole.tree.get(place, record.first(width_), record.back(), slack);
    }
  const auto order = near_order(points, width_ + 1);
  std::vector<part> halves(2, part(width_));
  std::vector<whereabouts> now(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool second = 2 * i >= order.size();
    part& half = halves[second];
    const auto record = std::span(points).subspan(order[i] * (width_ + 1), width_ + 1);
    std::vector<float> unit(width_);
    float threshold = 0;
    whole.tree.get(old[order[i]], unit, threshold, slack);
    half.make_room();
    half.middle.resize(width_);
    std::ranges::transform(half.middle, record, half.middle.begin(), std::plus<>{});
    now[i] = {static_cast<std::uint32_t>(second ? parts_.size() : at), half.put_new(whole.users[old[order[i]]], unit, threshold, slack)};
  }
  for (part& half : halves)
    if (const double length = length_of(half.middle); length > 0)
      std::ranges::for_each(half.middle, [length](float& x) { x = static_cast<float>(x / length); });
  parts_.reserve(parts_.size() + 1); // nothing fails from here on
  for (std::size_t i = 0; i < order.size(); ++i)
    places_.find(raw(halves[2 * i >= order.size()].users[now[i].place]))->second = now[i];
  parts_[at] = std::move(halves[0]);
  parts_.push_back(std::move(halves[1]));
}

/// The last part takes the place of one that nobody is in.
void reverse_top_n::drop_if_empty(std::size_t at) noexcept {
  if (parts_[at].size > 0 || parts_.size() == 1)
    return;
  if (at + 1 < parts_.size()) {
    parts_[at] = std::move(parts_.back());
    for (std::uint32_t place = 0; place < parts_[at].tree.places(); ++place)
      if (!parts_[at].tree.is_free(place))
        places_.find(raw(parts_[at].users[place]))->second.part = static_cast<std::uint32_t>(at);
  }
  parts_.pop_back();
}

void reverse_top_n::set(user_id user, std::span<const float> unit, float threshold, float slack) {
  if (const auto at = places_.find(raw(user)); at != places_.end() && parts_[at->second.part].tree.fits(at->second.place, unit))
    return parts_[at->second.part].tree.put(at->second.place, unit, threshold, slack);
  auto to = nearest(unit);
  if (parts_[to].size >= most_) {
    cut(to);
    to = nearest(unit);
  }
  parts_[to].make_room();
  const auto [at, fresh] = places_.try_emplace(raw(user)); // nothing fails from here on
  const auto before = at->second;
  at->second = {static_cast<std::uint32_t>(to), parts_[to].put_new(user, unit, threshold, slack)};
  if (!fresh)
    leave(before);
}

void reverse_top_n::leave(whereabouts from) noexcept {
  parts_[from.part].free_place(from.place);
  drop_if_empty(from.part);
}

void reverse_top_n::put(user_id user, std::span<const float> anchor, float threshold, float slack) {
  assert(anchor.size() == width_ && !std::isnan(threshold) && slack >= 0);
  std::vector<float> unit(anchor.begin(), anchor.end());
  if (const double norm = length_of(anchor); norm > 0) {
    for (float& x : unit)
      x = static_cast<float>(x / norm);
    threshold = static_cast<float>(threshold / norm);
    slack = static_cast<float>(slack / norm);
  }
  constexpr float largest = std::numeric_limits<float>::max();
  threshold = std::clamp(threshold, -largest, largest); // infinity is a free place's, and states hold finite numbers
  slack = std::min(slack, largest);
  set(user, unit, threshold, slack);
}

reverse_top_n::kept reverse_top_n::saved(user_id user) const {
  const auto at = places_.find(raw(user));
  assert(at != places_.end());
  kept out{std::vector<float>(width_), 0, 0};
  parts_[at->second.part].tree.get(at->second.place, out.unit, out.threshold, out.slack);
  return out;
}

void reverse_top_n::restore(user_id user, const kept& anchor) {
  assert(!places_.contains(raw(user)) && anchor.unit.size() == width_);
  set(user, anchor.unit, anchor.threshold, anchor.slack);
}

bool reverse_top_n::remove(user_id user) {
  const auto at = places_.find(raw(user));
  if (at == places_.end())
    return false;
  const auto from = at->second;
  places_.erase(at);
  leave(from);
  return true;
}

bool reverse_top_n::find(std::span<const float> e, std::vector<user_id>& out) {
  assert(e.size() == width_);
  for (part& p : parts_)
    p.beside_cost += p.tree.places() - p.tree.in_tree();
  part& next = parts_[turn_++ % parts_.size()];
  const bool builds = next.beside_cost > build_worth * next.size;
  if (builds)
    build(next);
  for (const part& p : parts_) {
    found_.clear();
    p.tree.find(e, found_);
    for (std::uint32_t place : found_)
      out.push_back(p.users[place]);
  }
  return builds;
}

void reverse_top_n::find_among_all(std::span<const float> e, std::vector<user_id>& out) const {
  assert(e.size() == width_);
  std::vector<std::uint32_t> found;
  for (const part& p : parts_) {
    found.clear();
    p.tree.find_among_all(e, found);
    for (std::uint32_t place : found)
      out.push_back(p.users[place]);
  }
}

void reverse_top_n::build() {
  for (part& p : parts_)
    build(p);
}

void reverse_top_n::build(part& p) {
  const auto came_from = p.tree.build();
  std::vector<user_id> users(p.tree.places());
  for (std::size_t place = 0; place < came_from.size(); ++place) {
    if (came_from[place] == cone_tree::nowhere)
      continue;
    users[place] = p.users[came_from[place]];
    places_.find(raw(users[place]))->second.place = static_cast<std::uint32_t>(place);
  }
  p.users = std::move(users);
  p.free.clear();
  p.beside_cost = 0;
}

} // namespace ammo
