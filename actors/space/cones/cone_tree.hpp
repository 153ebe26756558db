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

/// Four coordinates of each of `lanes` neighbours in a byte each: two of all of them, then the other two.
struct alignas(64) code_row {
  std::array<std::int8_t, 4 * lanes> of{};
  /// Where coordinate k of a neighbour is in the row that holds it, k/4.
  [[nodiscard]] static constexpr std::size_t at(std::size_t lane, std::size_t k) noexcept {
    return k / 2 % 2 * 2 * lanes + lane * 2 + k % 2;
  }
  [[nodiscard]] static constexpr std::size_t rows(std::size_t width) noexcept { return (width + 3) / 4; }
};

/// A creation as a query.
struct cone_query {
  std::span<const float> e;
  float norm = 0, inverse_norm = 0;     ///< |e|, 1/|e|
  float margin = 0;                     ///< what rounding may add to a bound of e/|e|
  std::vector<std::int16_t> codes = {}; ///< e/|e| in `unit`s, and zeros to the end of a row
  static constexpr float unit = 1.0f / 32767;
};

/// The cones of one level, `lanes` to a block. Cone i holds the cones 16i to 16i + 15 of the level below; a cone of the
/// lowest level is one record.
struct cone_level {
  /// Rows of a block's bounds.
  enum row : std::size_t {
    inverse,         ///< by what a code is multiplied to have length `cone_query::unit`
    cosine,          ///< of the largest angle to the code's direction
    least_threshold, ///< infinite where there is no cone
    largest_slack,
    rows
  };
  std::vector<code_row> codes;
  std::vector<lane_row> bounds;

  [[nodiscard]] float& bound(std::size_t cone, row r) noexcept {
    return bounds[cone / lanes * rows + r].of[cone % lanes];
  }
  [[nodiscard]] float bound(std::size_t cone, row r) const noexcept {
    return bounds[cone / lanes * rows + r].of[cone % lanes];
  }
};

/// Records (a unit vector a, a threshold t, a slack s) at places; e finds those with e·a + |e|s ≥ t. Places below
/// `in_tree()` are sorted so that 16, 256, 4096 … neighbours from a multiple of that on make a cone; places from there
/// on stand beside the tree. A cone: a direction ĉ of `width` bytes, the largest angle φ of a record to it, the least
/// t and the largest s. From e·ĉ = |e| cos θ follows |e| cos min(π, θ + φ) ≤ e·a ≤ |e| cos max(0, θ − φ). A record,
/// too, is known by the narrow cone around its direction in bytes: that finds or passes over all but a few, and only of
/// those the vector itself is looked at. In the tree, places · width < 2^31.
class cone_tree {
public:
  explicit cone_tree(std::uint32_t width) : width_(width) {}

  [[nodiscard]] std::size_t in_tree() const noexcept { return in_tree_; }
  [[nodiscard]] std::size_t places() const noexcept { return in_tree_ + beside_.size() / panel_size() * lanes; }
  /// Room for `lanes` more records beside the tree, all free.
  void grow();
  /// Writes a record beside the tree, or over one in it where `fits`.
  void put(std::size_t place, std::span<const float> unit, float threshold, float slack);
  /// Does the vector lie in the cone of the 256 neighbours that the place is among? Always beside the tree.
  [[nodiscard]] bool fits(std::size_t place, std::span<const float> unit) const noexcept;
  /// No query finds a free place.
  void free(std::size_t place) noexcept;
  [[nodiscard]] bool is_free(std::size_t place) const noexcept;
  /// A record as it was put; unit.size() == width.
  void get(std::size_t place, std::span<float> unit, float& threshold, float& slack) const noexcept;
  /// Sorts all records into a new tree, nothing beside it. Returns the old place of each new one; `nowhere` where free.
  std::vector<std::uint32_t> build();
  static constexpr std::uint32_t nowhere = ~0u;

  /// Appends the places found. The same ones: what is in doubt by a rounding is decided by the same sums.
  void find(std::span<const float> e, std::vector<std::uint32_t>& out) const;
  void find_among_all(std::span<const float> e, std::vector<std::uint32_t>& out) const;

private:
  /// Rows of a panel behind its coordinates, and of a record behind its own: what it asks for.
  enum own_row : std::size_t { own_threshold, own_slack, own_rows };

  [[nodiscard]] std::size_t panel_size() const noexcept { return width_ + own_rows; }
  [[nodiscard]] float& beside(std::size_t place, std::size_t row) noexcept {
    return beside_[(place - in_tree_) / lanes * panel_size() + row].of[place % lanes];
  }
  /// A coordinate, or what is asked for.
  [[nodiscard]] float at(std::size_t place, std::size_t row) const noexcept;
  /// The levels of a tree of so many points (a and t), all cones empty but in the directions of their middles.
  void lay_out(std::span<const float> points, std::span<const std::uint32_t> order);
  /// An empty cone in the direction of v.
  void point(std::size_t level, std::size_t cone, std::span<const float> v) noexcept;
  /// Of the angle between a cone's direction and a vector, rounded down.
  [[nodiscard]] float cosine_to(std::size_t level, std::size_t cone, std::span<const float> unit) const noexcept;

  std::uint32_t width_;
  std::size_t in_tree_ = 0;
  std::vector<float> vectors_;     // of the records in the tree, one after the other
  std::vector<cone_level> levels_; // the records first, the level of one block last
  std::vector<lane_row> beside_;   // `panel_size()` rows for `lanes` records
};

} // namespace ammo
