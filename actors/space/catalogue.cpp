#include "actors/space/catalogue.hpp"

#include "actors/space/eligibility.hpp"
#include "actors/space/length.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <new>

namespace ammo {
namespace {

constexpr std::align_val_t panel_alignment{64};
constexpr float nothing = -std::numeric_limits<float>::infinity();
/// How far a norm may lie above the cap, relative to it: room for rounding at the sender.
constexpr double norm_tolerance = 1e-4;
/// How far the norm of a vector of norm 1 may lie above it.
constexpr double rounding = 1e-6;

float* new_values(std::uint32_t width) {
  return static_cast<float*>(::operator new(sizeof(float) * panel_rows * width, panel_alignment));
}

/// Where the first coordinate of a row stands; the next ones follow `lanes` floats apart.
std::size_t first_coordinate(std::uint32_t row, std::uint32_t width) {
  return std::size_t{row / lanes} * width * lanes + row % lanes;
}

/// No longer than the cap: what is longer within the tolerance is shortened, or its owner would gain by it.
std::vector<float> capped(std::span<const float> e, float cap) {
  std::vector<float> out(e.begin(), e.end());
  if (const double length = length_of(e); length > cap * (1 + rounding))
    for (float& x : out)
      x = static_cast<float>(x * cap / length);
  return out;
}

const creation_info* find_in(const auto& panels, creation_id id) noexcept {
  const std::uint32_t row = row_of(id);
  if (id == no_creation || row / panel_rows >= panels.size())
    return nullptr;
  const creation_info& info = panels[row / panel_rows]->info[row % panel_rows];
  return info.id == id ? &info : nullptr;
}

std::string name_of_creation(creation_id id) {
  return "creation " + std::to_string(raw(id)) + " (row " + std::to_string(row_of(id)) + ")";
}

} // namespace

panel::panel(std::uint32_t w) : width(w), values_(new_values(w)) {
  bias.fill(nothing);
  std::fill_n(values_, std::size_t{width} * panel_rows, 0.0f);
}

panel::panel(const panel& other) : width(other.width), bias(other.bias), info(other.info), tags(other.tags), values_(new_values(width)) {
  std::copy_n(other.values_, std::size_t{width} * panel_rows, values_);
}

void panel::set(std::uint32_t row, const creation_info& who, std::span<const float> e, std::span<const std::uint32_t> tagged) {
  assert(row < panel_rows && e.size() == width);
  float* to = values_ + first_coordinate(row, width);
  for (std::size_t k = 0; k < e.size(); ++k)
    to[k * lanes] = e[k];
  bias[row] = 0;
  info[row] = who;
  tags.set(row, tagged);
}

void panel::clear(std::uint32_t row) noexcept {
  float* to = values_ + first_coordinate(row, width);
  for (std::size_t k = 0; k < width; ++k)
    to[k * lanes] = 0;
  bias[row] = nothing;
  info[row] = {};
  tags.clear(row);
}

void panel::get(std::uint32_t row, std::span<float> out) const noexcept {
  const float* from = values_ + first_coordinate(row, width);
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = from[k * lanes];
}

float share_within(const panel& p, std::uint32_t row, float longest) noexcept {
  const float* e = p.values() + first_coordinate(row, p.width);
  float square = 0;
  for (std::size_t k = 0; k < p.width; ++k)
    square += e[k * lanes] * e[k * lanes];
  return square > longest * longest * rounded_square ? longest / std::sqrt(square) : 1.0f;
}

panel::~panel() { ::operator delete(values_, panel_alignment); }

catalogue_version::catalogue_version(subspace_id subspace, block coordinates, std::uint64_t version, std::size_t live,
                                     std::vector<std::shared_ptr<const panel>> panels, catalogue_facts found)
  : subspace_(subspace), coordinates_(coordinates), version_(version), live_(live), panels_(std::move(panels)),
    found_(std::move(found)) {}

const creation_info* catalogue_version::find(creation_id id) const noexcept { return find_in(panels_, id); }

void catalogue_version::embedding(std::uint32_t row, std::span<float> out) const noexcept {
  assert(row < rows() && out.size() == coordinates_.width);
  panels_[row / panel_rows]->get(row % panel_rows, out);
}

catalogue::catalogue(subspace_id subspace, block coordinates, float norm_cap, std::uint32_t capacity, double near_duplicate)
  : subspace_(subspace), coordinates_(coordinates), norm_cap_(norm_cap), capacity_(std::min(capacity, 1u << 28)),
    bunches_(near_duplicate) {}

result<void> catalogue::check_embedding(std::span<const float> e) const {
  if (e.size() != coordinates_.width)
    return {errc::wrong_dimension, std::to_string(e.size()) + " coordinates where the block has " +
                                     std::to_string(coordinates_.width)};
  const double norm = length_of(e);
  if (!std::isfinite(norm))
    return {errc::not_finite, "a coordinate of the creation"};
  if (norm > norm_cap_ * (1 + norm_tolerance))
    return {errc::norm_over_cap, "norm " + std::to_string(norm) + ", cap " + std::to_string(norm_cap_)};
  return {};
}

result<void> catalogue::check_owned(goal_id goal, creation_id id) const {
  const creation_info* info = find(id);
  if (info == nullptr)
    return {errc::unknown_creation, name_of_creation(id)};
  if (info->goal != goal)
    return {errc::not_owner, name_of_creation(id) + " isn't of goal " + std::to_string(raw(goal))};
  return {};
}

result<void> catalogue::check(std::span<const float> e, std::span<const std::uint32_t> tagged) const {
  if (auto checked = check_embedding(e); !checked)
    return checked;
  if (auto checked = check_tags(tagged); !checked)
    return checked;
  if (live_ >= capacity_)
    return {errc::catalogue_full, std::to_string(live_) + " creations are live"};
  return {};
}

result<creation_id> catalogue::add(goal_id goal, owner_id owner, std::uint64_t content, std::span<const float> e,
                                   shared_item shown, std::span<const std::uint32_t> tagged) {
  if (auto checked = check(e, tagged); !checked)
    return checked.error();
  const std::uint32_t row = free_row();
  panel& p = writable(row / panel_rows);
  const std::uint32_t at = row % panel_rows;
  p.set(at, {next_id(row), goal, owner, content, std::move(shown)}, capped(e, norm_cap_), tagged);
  changed(row);
  ++live_;
  return p.info[at].id;
}

result<creation_id> catalogue::move(goal_id goal, creation_id id, std::span<const float> e, shared_item shown,
                                    std::span<const std::uint32_t> tagged) {
  if (auto owned = check_owned(goal, id); !owned)
    return owned.error();
  if (auto checked = check_embedding(e); !checked)
    return checked.error();
  if (auto checked = check_tags(tagged); !checked)
    return checked.error();
  const std::uint32_t row = row_of(id);
  panel& p = writable(row / panel_rows);
  creation_info info = p.info[row % panel_rows];
  info.id = next_id(row);
  if (shown)
    info.shown = std::move(shown);
  const creation_id made = info.id;
  const auto before = tagged.empty() ? p.tags.of(row % panel_rows) : std::vector<std::uint32_t>{};
  p.set(row % panel_rows, std::move(info), capped(e, norm_cap_), tagged.empty() ? before : tagged);
  changed(row);
  return made;
}

result<void> catalogue::retire(goal_id goal, creation_id id) {
  if (auto owned = check_owned(goal, id); !owned)
    return owned;
  const std::uint32_t row = row_of(id);
  writable(row / panel_rows).clear(row % panel_rows);
  free_.push_back(row);
  std::ranges::push_heap(free_, std::greater{});
  changed(row);
  --live_;
  return {};
}

const creation_info* catalogue::find(creation_id id) const noexcept { return find_in(panels_, id); }

void catalogue::changed(std::uint32_t row) {
  bunches_.changed(row);
  lengths_.resize(panels_.size() * panel_rows, -1.0f);
  std::vector<float> e(coordinates_.width);
  const panel& p = *panels_[row / panel_rows];
  p.get(row % panel_rows, e);
  lengths_[row] = p.info[row % panel_rows].id == no_creation ? -1.0f : static_cast<float>(length_of(e));
}

float catalogue::median_length() const {
  std::vector<float> live;
  std::ranges::copy_if(lengths_, std::back_inserter(live), [](float x) { return x >= 0; });
  if (live.empty())
    return std::numeric_limits<float>::infinity();
  const auto middle = live.begin() + static_cast<std::ptrdiff_t>((live.size() - 1) / 2);
  std::ranges::nth_element(live, middle);
  return *middle;
}

std::shared_ptr<const catalogue_version> catalogue::publish() {
  if (!changed_)
    return published_;
  std::vector<std::shared_ptr<const panel>> panels(panels_.begin(), panels_.end());
  catalogue_facts found{bunches_.find(panels), median_length(), norm_cap_ > 1};
  published_ = std::make_shared<const catalogue_version>(subspace_, coordinates_, ++version_, live_, std::move(panels), std::move(found));
  std::ranges::fill(visible_, std::uint8_t{1});
  changed_ = false;
  return published_;
}

void catalogue::begin_term(std::uint64_t term) noexcept {
  if (term < 2)
    return;
  version_ = std::max(version_, term << 34);
  changed_ = true;
}

std::uint32_t catalogue::free_row() {
  if (!free_.empty()) {
    std::ranges::pop_heap(free_, std::greater{});
    const std::uint32_t row = free_.back();
    free_.pop_back();
    return row;
  }
  if (generations_.size() == panels_.size() * panel_rows) {
    panels_.push_back(std::make_shared<panel>(coordinates_.width));
    visible_.push_back(0);
  }
  generations_.push_back(0);
  return static_cast<std::uint32_t>(generations_.size() - 1);
}

creation_id catalogue::next_id(std::uint32_t row) {
  generations_[row] = next_generation(generations_[row]);
  return make_creation_id(subspace_, row, generations_[row]);
}

panel& catalogue::writable(std::uint32_t index) {
  changed_ = true;
  if (visible_[index]) {
    panels_[index] = std::make_shared<panel>(*panels_[index]);
    visible_[index] = 0;
  }
  return *panels_[index];
}

} // namespace ammo
