#include "actors/space/cones/reverse_top_n.hpp"

#include "actors/space/length.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace ammo {

reverse_top_n::reverse_top_n(std::uint32_t width) : width_(width), tree_(width) { assert(width > 0); }

/// Whatever finds no memory, places and tree agree.
void reverse_top_n::make_room() {
  if (!free_.empty())
    return;
  const std::size_t first = tree_.places();
  users_.resize(first + lanes);
  free_.reserve(lanes);
  tree_.grow();
  for (std::size_t lane = lanes; lane-- > 0;)
    free_.push_back(static_cast<std::uint32_t>(first + lane));
}

std::size_t reverse_top_n::free_place() {
  make_room();
  const std::size_t place = free_.back();
  free_.pop_back();
  return place;
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
  auto at = places_.find(raw(user));
  if (at == places_.end() || !tree_.fits(at->second, unit)) {
    make_room();
    if (at == places_.end())
      at = places_.try_emplace(raw(user), 0).first;
    else
      tree_.free(at->second);
    at->second = static_cast<std::uint32_t>(free_place()); // nothing fails from here on
    users_[at->second] = user;
  }
  tree_.put(at->second, unit, threshold, slack);
}

reverse_top_n::kept reverse_top_n::saved(user_id user) const {
  const auto at = places_.find(raw(user));
  assert(at != places_.end());
  kept out{std::vector<float>(width_), 0, 0};
  tree_.get(at->second, out.unit, out.threshold, out.slack);
  return out;
}

void reverse_top_n::restore(user_id user, const kept& anchor) {
  assert(!places_.contains(raw(user)) && anchor.unit.size() == width_);
  const std::size_t place = free_place();
  places_[raw(user)] = static_cast<std::uint32_t>(place);
  users_[place] = user;
  tree_.put(place, anchor.unit, anchor.threshold, anchor.slack);
}

bool reverse_top_n::remove(user_id user) {
  const auto at = places_.find(raw(user));
  if (at == places_.end())
    return false;
  tree_.free(at->second);
  if (at->second >= tree_.in_tree())
    free_.push_back(at->second);
  places_.erase(at);
  return true;
}

void reverse_top_n::append_named(std::span<const std::uint32_t> found, std::vector<user_id>& out) const {
  for (std::uint32_t place : found)
    out.push_back(users_[place]);
}

void reverse_top_n::find(std::span<const float> e, std::vector<user_id>& out) {
  assert(e.size() == width_);
  beside_cost_ += tree_.places() - tree_.in_tree();
  if (beside_cost_ > build_worth * size())
    build();
  found_.clear();
  tree_.find(e, found_);
  append_named(found_, out);
}

void reverse_top_n::find_among_all(std::span<const float> e, std::vector<user_id>& out) const {
  assert(e.size() == width_);
  std::vector<std::uint32_t> found;
  tree_.find_among_all(e, found);
  append_named(found, out);
}

void reverse_top_n::build() {
  const auto came_from = tree_.build();
  std::vector<user_id> users(tree_.places());
  for (std::size_t place = 0; place < came_from.size(); ++place) {
    if (came_from[place] == cone_tree::nowhere)
      continue;
    users[place] = users_[came_from[place]];
    places_[raw(users[place])] = static_cast<std::uint32_t>(place);
  }
  users_ = std::move(users);
  free_.clear();
  beside_cost_ = 0;
}

} // namespace ammo
