/// C, the live creations of one subspace: a builder that one actor owns, and the immutable versions that
/// everyone else reads. A version shares the unchanged panels of the version before it, so that publishing
/// costs what has changed. Knows no actor and no message.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/item.hpp"
#include "actors/base/result.hpp"
#include "actors/space/bunches.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/row_bits.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// Rows of a panel are stored `lanes` at a time, coordinate by coordinate, so that one vector register
/// holds one coordinate of `lanes` creations and a dot product needs no horizontal sum.
inline constexpr std::uint32_t lanes = 16;

/// Who made a creation and what it is; a row's identity beside its coordinates.
struct creation_info {
  creation_id id = no_creation; ///< `no_creation` where the row is free
  goal_id goal{};
  owner_id owner{};
  std::uint64_t content = 0; ///< the host's own number for the content (row of its table, key of its store)
  shared_item shown{};       ///< what a person sees; may be null
  friend bool operator==(const creation_info& a, const creation_info& b) {
    return a.id == b.id && a.goal == b.goal && a.owner == b.owner && a.content == b.content && same(a.shown, b.shown);
  }
};

/// `panel_rows` creations. Coordinate k of row r is `values[(r / lanes * width + k) * lanes + r % lanes]`;
/// values are 64-byte aligned. A free row has `bias` -infinity and zero coordinates, a live one bias 0.
struct panel {
  explicit panel(std::uint32_t width);
  panel(const panel&);
  panel& operator=(const panel&) = delete;
  ~panel();
  [[nodiscard]] float* values() noexcept { return values_; }
  [[nodiscard]] const float* values() const noexcept { return values_; }
  /// A live row; e.size() == width. `tagged`: what it is tagged with, in any order, each once.
  void set(std::uint32_t row, const creation_info& who, std::span<const float> e, std::span<const std::uint32_t> tagged = {});
  /// Makes the row free.
  void clear(std::uint32_t row) noexcept;
  /// Copies the row's coordinates; out.size() == width.
  void get(std::uint32_t row, std::span<float> out) const noexcept;
  std::uint32_t width;
  alignas(64) std::array<float, panel_rows> bias;
  std::array<creation_info, panel_rows> info;
  tag_index tags; ///< of live rows

private:
  float* values_; // owned; width * panel_rows floats
};

/// A square of a length that is larger than another by this factor at most is so by rounding.
inline constexpr float rounded_square = 1 + 2e-5f;
/// The share of its length that a row of the panel has within `longest`: 1, or less where it is longer by more than rounding. O(width).
[[nodiscard]] float share_within(const panel& p, std::uint32_t row, float longest) noexcept;

/// What is known of all live creations of a version together.
struct catalogue_facts {
  std::shared_ptr<const ammo::bunches> bunches; ///< null: there are none, or nobody has looked
  float usual_length = std::numeric_limits<float>::infinity(); ///< the median one; infinite: nobody has looked
  bool raised_cap = false; ///< the cap of lengths is above 1
};

/// An immutable snapshot of a subspace's live creations. Held by `std::shared_ptr<const catalogue_version>`;
/// any thread may read it.
class catalogue_version {
public:
  catalogue_version(subspace_id subspace, block coordinates, std::uint64_t version, std::size_t live,
                    std::vector<std::shared_ptr<const panel>> panels, catalogue_facts found = {});

  [[nodiscard]] subspace_id subspace() const noexcept { return subspace_; }
  [[nodiscard]] block coordinates() const noexcept { return coordinates_; } ///< its block of E
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  [[nodiscard]] std::size_t live() const noexcept { return live_; }         ///< how many creations are live
  [[nodiscard]] std::uint32_t rows() const noexcept { return static_cast<std::uint32_t>(panels_.size()) * panel_rows; }
  [[nodiscard]] std::span<const std::shared_ptr<const panel>> panels() const noexcept { return panels_; }
  /// Those that are nearly the same as another; null where there are none, or nobody has looked.
  [[nodiscard]] const ammo::bunches* bunches() const noexcept { return found_.bunches.get(); }
  /// Median length of live creations: as long as nobody knows how a longer one is liked, it is hoped for as one of this length, so that
  /// length alone gains nothing. Infinite: nobody has looked.
  [[nodiscard]] float usual_length() const noexcept { return found_.usual_length; }
  /// The length that a longer creation is valued at: the usual one where the cap of lengths was raised above 1, else infinite.
  [[nodiscard]] float longest() const noexcept {
    return found_.raised_cap ? found_.usual_length : std::numeric_limits<float>::infinity();
  }
  /// The live creation of that id, or nullptr when it isn't live in this version. O(1).
  [[nodiscard]] const creation_info* find(creation_id id) const noexcept;
  [[nodiscard]] const creation_info& info(std::uint32_t row) const noexcept { return panels_[row / panel_rows]->info[row % panel_rows]; }
  /// Copies the row's `width` coordinates (block-relative) to `out`; out.size() == width.
  void embedding(std::uint32_t row, std::span<float> out) const noexcept;
  /// e·q for one row; q holds the block's `width` coordinates. Same order of additions as top-N: bit-identical.
  /// -infinity where the row is free.
  [[nodiscard]] float dot(std::uint32_t row, std::span<const float> q) const noexcept;

private:
  subspace_id subspace_;
  block coordinates_;
  std::uint64_t version_;
  std::size_t live_;
  std::vector<std::shared_ptr<const panel>> panels_;
  catalogue_facts found_;
};

struct catalogue_state;

/// The builder: what is live now, and the next version. One owner, one thread.
class catalogue {
public:
  /// `norm_cap`: largest Euclidean norm of a creation (default 1). `capacity`: most live creations. `near_duplicate`: the cosine distance
  /// within which versions tell creations to be nearly the same; 0: they don't.
  catalogue(subspace_id subspace, block coordinates, float norm_cap = 1.0f, std::uint32_t capacity = 1u << 20,
            double near_duplicate = 0);

  /// Adds a creation; `e` holds the block's coordinates. O(width), plus a panel's copy the first time
  /// that the panel changes after a publish. The free row with the lowest index is used. `tagged`: its tags, in any order.
  /// Errors (state as before): `wrong_dimension`, `not_finite`, `norm_over_cap` (with a tolerance of 1e-4), `catalogue_full`,
  /// `bad_value` for more than `most_tags` tags.
  result<creation_id> add(goal_id goal, owner_id owner, std::uint64_t content, std::span<const float> e,
                          shared_item shown = nullptr, std::span<const std::uint32_t> tagged = {});
  /// The same row with new coordinates and the next generation (2^24 - 1 of them, then again from 1): the old id is no
  /// longer live. Null or empty at the end: as it was.
  /// Errors: those of `add`, and `unknown_creation`, `not_owner` when `goal` didn't create it.
  result<creation_id> move(goal_id goal, creation_id id, std::span<const float> e, shared_item shown = nullptr,
                           std::span<const std::uint32_t> tagged = {});
  /// Errors: `unknown_creation`, `not_owner`.
  result<void> retire(goal_id goal, creation_id id);
  /// What `add` would answer, without changing anything.
  [[nodiscard]] result<void> check(std::span<const float> e, std::span<const std::uint32_t> tagged = {}) const;
  /// The live creation of that id as of now (published or not), or nullptr.
  [[nodiscard]] const creation_info* find(creation_id id) const noexcept;
  [[nodiscard]] std::size_t live() const noexcept { return live_; }

  /// The next version. Versions count from 1. The same object again when nothing has changed since.
  [[nodiscard]] std::shared_ptr<const catalogue_version> publish();
  /// Versions of another owner of the catalogue follow: they are later than any that the one before may have published, also those that nobody can read again.
  void begin_term(std::uint64_t term) noexcept;
  /// The last one; null before the first.
  [[nodiscard]] const std::shared_ptr<const catalogue_version>& published() const noexcept { return published_; }

  /// Shares what is published, and copies panels that have changed since.
  [[nodiscard]] catalogue_state save() const;
  /// The same catalogue again. Errors: `bad_state` where the state contradicts itself, or wants other coordinates or a
  /// larger norm than these.
  [[nodiscard]] static result<catalogue> restore(subspace_id subspace, block coordinates, float norm_cap,
                                                 std::uint32_t capacity, const catalogue_state& state,
                                                 double near_duplicate = 0);

private:
  [[nodiscard]] result<void> adopt(const catalogue_state& state);
  [[nodiscard]] result<void> check_embedding(std::span<const float> e) const;
  [[nodiscard]] result<void> check_owned(goal_id goal, creation_id id) const;
  std::uint32_t free_row();
  /// What is at that row has changed.
  void changed(std::uint32_t row);
  [[nodiscard]] float median_length() const;
  creation_id next_id(std::uint32_t row);
  panel& writable(std::uint32_t index);

  subspace_id subspace_;
  block coordinates_;
  float norm_cap_;
  std::uint32_t capacity_;
  bunch_finder bunches_;
  std::vector<float> lengths_; // by row; negative: the row is free
  std::uint64_t version_ = 0;
  std::size_t live_ = 0;
  std::vector<std::shared_ptr<panel>> panels_;
  std::vector<std::uint8_t> visible_;                // by panel: is it in a published version, and so immutable?
  std::vector<std::uint32_t> generations_;           // by row that was ever used
  std::vector<std::uint32_t> free_;                  // min-heap of retired rows
  std::shared_ptr<const catalogue_version> published_; // the last one
  bool changed_ = true;
};

} // namespace ammo
