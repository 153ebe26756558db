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

/// A leaf, for the search.
struct cone_leaf {
  /// Axes of a leaf: its middle, then the principal ones of what that leaves.
  static constexpr std::size_t axes = 4;
  static constexpr std::size_t screen_rows = axes + 1;
  const float* basis = nullptr;      ///< coordinate k of axis i at [k * axes + i]
  const lane_row* own = nullptr;     ///< thresholds and slacks, panel by panel
  const lane_row* screens = nullptr; ///< coordinates along the axes and the length of what is left, panel by panel
  std::uint32_t first = 0, panels = 0;
};

/// Records (a unit vector a, a threshold t, a slack s) at places; e finds those with e·a + |e|s ≥ t. Places below
/// `in_tree()` are sorted into cones: up to a few hundred neighbours are a leaf, up to `lanes` leaves and branches make a
/// branch, up to one root. Places from there on stand beside the tree. A cone: the unit vector ĉ of its middle, the
/// largest angle φ of a record to ĉ, its least t and its largest s. From e·ĉ = |e| cos θ follows
/// e·a ≤ |e| cos max(0, θ − φ). Within a leaf, a record is known by its coordinates along a few axes b of the leaf
/// and the length of what they leave: e·a ≤ Σ (e·b)(a·b) + |e − Σ (e·b) b| |a − Σ (a·b) b|; only where that reaches t
/// for one of `lanes` neighbours their vectors are looked at.
class cone_tree {
public:
  explicit cone_tree(std::uint32_t width) : width_(width) {}

  [[nodiscard]] std::size_t in_tree() const noexcept { return in_tree_; }
  [[nodiscard]] std::size_t places() const noexcept { return own_.size() / own_rows * lanes; }
  /// Room for `lanes` more records beside the tree, all free.
  void grow();
  /// Writes a record beside the tree, or over one in it where `fits`.
  void put(std::size_t place, std::span<const float> unit, float threshold, float slack);
  /// Does the vector lie in the cone of the branch that the place's leaf is in? Always beside the tree.
  [[nodiscard]] bool fits(std::size_t place, std::span<const float> unit) const noexcept;
  /// No query finds a free place.
  void free(std::size_t place) noexcept;
  [[nodiscard]] bool is_free(std::size_t place) const noexcept;
  /// Sorts all records into a new tree, nothing beside it. Returns the old place of each new one; `nowhere` where free.
  std::vector<std::uint32_t> build();
  static constexpr std::uint32_t nowhere = ~0u;

  /// Appends the places found. The same answers, bit by bit: both end in the same sums.
  void find(const cone_query& q, std::vector<std::uint32_t>& out) const;
  void find_among_all(const cone_query& q, std::vector<std::uint32_t>& out) const;

private:
  static constexpr std::size_t axes = cone_leaf::axes, screen_rows = cone_leaf::screen_rows;
  /// Rows of a branch behind the coordinates of ĉ, a lane a child.
  enum branch_row : std::size_t { cosine, sine, least_threshold, largest_slack, branch_extra };
  /// What a record asks for.
  enum own_row : std::size_t { own_threshold, own_slack, own_rows };
  /// What a lane of a branch leads to.
  struct child {
    std::uint32_t at = 0; ///< number of a branch or of a leaf
    bool is_leaf = false;
  };
  /// A leaf's panels, and the lane of the branch that leads to it.
  struct leaf {
    std::uint32_t first = 0, panels = 0, branch = 0, lane = 0;
  };
  /// Where a branch hangs.
  struct hook {
    std::uint32_t branch = nowhere, lane = 0;
  };

  [[nodiscard]] std::size_t branch_size() const noexcept { return width_ + branch_extra; }
  [[nodiscard]] lane_row* branch_at(std::size_t b) noexcept { return branches_.data() + b * branch_size(); }
  [[nodiscard]] const lane_row* branch_at(std::size_t b) const noexcept { return branches_.data() + b * branch_size(); }
  [[nodiscard]] float& own(std::size_t place, own_row row) noexcept {
    return own_[place / lanes * own_rows + row].of[place % lanes];
  }
  [[nodiscard]] float own(std::size_t place, own_row row) const noexcept {
    return own_[place / lanes * own_rows + row].of[place % lanes];
  }
  [[nodiscard]] const float* basis_of(std::size_t number) const noexcept { return axes_.data() + number * width_ * axes; }
  void write(std::size_t place, std::span<const float> unit, float threshold, float slack) noexcept;
  void write_screen(std::size_t place, std::size_t number, std::span<const float> unit) noexcept;
  struct builder;

  std::uint32_t width_;
  std::size_t in_tree_ = 0;
  std::vector<lane_row> panels_;   // `width` rows each; of the leaves, then those beside the tree
  std::vector<lane_row> own_;      // by panel
  std::vector<lane_row> screens_;  // by panel of the tree
  std::vector<leaf> leaves_;
  std::vector<float> axes_;        // by leaf; coordinate k of axis i at [k * axes + i]
  std::vector<std::uint32_t> leaf_of_; // by panel of the tree
  std::vector<lane_row> branches_; // parents before children; the root first
  std::vector<std::array<child, lanes>> children_; // by branch
  std::vector<hook> hooks_;        // by branch
};

} // namespace ammo
