/// Live creations that are nearly the same as another one of their subspace, found as a catalogue changes.
/// Lives here: who is nearly the same as whom. May not live here: what follows for a slate.
#pragma once

#include "actors/base/ids.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

struct panel;

/// A row that belongs to a bunch: that of `first`, the lowest row of it.
struct bunch_row {
  std::uint32_t row = 0, first = 0;
  friend bool operator==(const bunch_row&, const bunch_row&) = default;
};

/// The bunches of one version of a catalogue: two near-duplicates or more each. Immutable: any thread may read it.
class bunches {
public:
  /// `rows`: every row that is in a bunch, ascending. `panels`: where they are live.
  bunches(std::vector<bunch_row> rows, std::span<const std::shared_ptr<const panel>> panels);
  /// Could these be bunches of rows below `rows`, all of them live?
  [[nodiscard]] static bool sound(std::span<const bunch_row> ascending, std::span<const std::shared_ptr<const panel>> panels);

  /// The bunch of a row, ascending by row; empty where it is in none. O(log rows).
  [[nodiscard]] std::span<const bunch_row> of(std::uint32_t row) const noexcept;
  /// All but the longest creation of each bunch (of several the lowest row): without them no two that are shown are nearly the same.
  /// Ascending.
  [[nodiscard]] std::span<const creation_id> followers() const noexcept { return followers_; }
  /// Every row that is in a bunch, ascending.
  [[nodiscard]] std::span<const bunch_row> rows() const noexcept { return rows_; }

private:
  std::vector<bunch_row> rows_;    // by row
  std::vector<bunch_row> grouped_; // by first, then row
  std::vector<creation_id> followers_;
};

/// Finds the bunches of a catalogue from version to version. Row by row from the lowest on, a creation joins the lowest `first` that it is
/// within a cosine distance of, or is one itself: so bunches follow from what is live alone. Creations of length 0 are alike.
class bunch_finder {
public:
  /// `distance` 0: no bunches.
  explicit bunch_finder(double distance) noexcept : most_(static_cast<float>(2 * distance)) {}

  /// What is at that row has changed.
  void changed(std::uint32_t row) {
    if (most_ > 0)
      changed_.push_back(row);
  }
  /// The bunches of what is live now; null: there are none. O(rows) a changed row in the worst case, most of which end after a few
  /// coordinates, 16 rows at a time.
  [[nodiscard]] std::shared_ptr<const bunches> find(std::span<const std::shared_ptr<const panel>> panels);

private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  using all_panels = std::span<const std::shared_ptr<const panel>>;
  [[nodiscard]] std::vector<float> unit_of(all_panels panels, std::uint32_t row) const; ///< its direction
  [[nodiscard]] std::uint32_t first_of(all_panels panels, std::uint32_t row) const;
  void push_above(all_panels panels, std::uint32_t row, std::uint32_t last, std::vector<std::uint32_t>& queue) const;
  void push_followers(std::uint32_t first, std::vector<std::uint32_t>& queue) const;
  void take_in(all_panels panels, std::uint32_t row);
  void settle(all_panels panels, std::vector<std::uint32_t> queue, std::uint32_t last_known);

  float most_; // squared distance of unit vectors
  std::vector<std::uint32_t> changed_;
  std::vector<float> inverse_;        // by row: 1 / length; 0 of length 0, and where a row is free
  std::vector<std::uint32_t> first_;  // by row; `none` where it is free or has changed
  std::vector<std::uint32_t> size_;   // by row: others whose first it is
  std::shared_ptr<const bunches> found_;
};

} // namespace ammo
