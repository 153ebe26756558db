/// Unit vectors with thresholds, as the leaves of a tree of cones. Private to this room: see reverse_top_n.hpp.
#pragma once

#include "actors/space/catalogue.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// One number of each of `lanes` neighbours, as one vector register holds it.
struct alignas(64) lane_row {
  std::array<float, lanes> of{};
};

/// A creation as a query.
struct cone_query {
  std::span<const float> e;
  float norm = 0;   ///< |e|
  float margin = 0; ///< what rounding may add to a bound
};

/// Records (a unit vector a, a threshold t, a slack s) at places; e finds those with e·a + |e|s ≥ t. Places below
/// `in_tree()` are sorted into cones: `lanes` neighbours are a leaf, `lanes` leaves share a branch, and so on up to one
/// root. Places from there on stand beside the tree. A cone: the unit vector ĉ of its middle, the largest angle φ of
/// a record to ĉ, its least t and its largest s. From e·ĉ = |e| cos θ follows e·a ≤ |e| cos max(0, θ − φ).
class cone_tree {
public:
  explicit cone_tree(std::uint32_t width) : width_(width) {}

  [[nodiscard]] std::size_t in_tree() const noexcept { return in_tree_; }
  [[nodiscard]] std::size_t places() const noexcept { return leaves_.size() / leaf_rows() * lanes; }
  /// Room for `lanes` more records beside the tree, all free.
  void grow();
  /// Writes a record beside the tree, or over one in it where `fits`.
  void put(std::size_t place, std::span<const float> unit, float threshold, float slack);
  /// Does the vector lie in the cone of the branch that the place's leaf is in? Always beside the tree.
  [[nodiscard]] bool fits(std::size_t place, std::span<const float> unit) const noexcept;
  /// No query finds a free place.
  void free(std::size_t place) noexcept;
  [[nodiscard]] bool is_free(std::size_t place) const noexcept;
  /// Sorts all records into a new tree, nothing beside it. Returns the old place of each new one.
  std::vector<std::uint32_t> build();

  /// Appends the places found. The same answers, bit by bit: both end in the same sums.
  void find(const cone_query& q, std::vector<std::uint32_t>& out) const;
  void find_among_all(const cone_query& q, std::vector<std::uint32_t>& out) const;

private:
  /// Behind the coordinates of ĉ.
  enum branch_row : std::size_t { cosine, sine, least_threshold, largest_slack, branch_extra };
  /// Behind the coordinates of a.
  enum leaf_row : std::size_t { own_threshold, own_slack, leaf_extra };

  [[nodiscard]] std::size_t leaf_rows() const noexcept { return width_ + leaf_extra; }
  [[nodiscard]] std::size_t branch_rows() const noexcept { return width_ + branch_extra; }
  [[nodiscard]] lane_row* leaf(std::size_t i) noexcept { return leaves_.data() + i * leaf_rows(); }
  [[nodiscard]] const lane_row* leaf(std::size_t i) const noexcept { return leaves_.data() + i * leaf_rows(); }
  void write(std::size_t place, std::span<const float> unit, float threshold, float slack) noexcept;
  void write_cone(lane_row* branch, std::size_t lane, std::size_t first, std::size_t last) noexcept;
  void raise();

  std::uint32_t width_;
  std::size_t in_tree_ = 0;
  std::vector<lane_row> leaves_;                // leaf by leaf, those beside the tree last
  std::vector<std::vector<lane_row>> branches_; // by level, from the leaves' up to the root's
};

} // namespace ammo
