/// The body of catalogue_news on the wire: the live rows of a snapshot, column by column. For the codec's own use.
#pragma once

#include "actors/protocol/codec.hpp"
#include "actors/space/content_set.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo::wire {

/// What is known of live creations together: rows that are in a bunch, ascending, and the lowest row of each one's.
struct facts_form {
  std::vector<std::uint32_t> rows, firsts;
  std::vector<float> usual_length; ///< one number; none: nobody has looked
  bool raised_cap = false;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.rows, s.firsts, s.usual_length, s.raised_cap); }
};
[[nodiscard]] facts_form fold_facts(const catalogue_version& c);
/// Nothing where they can't be true of these panels.
[[nodiscard]] std::optional<catalogue_facts> unfold_facts(const facts_form& from, std::span<const std::shared_ptr<const panel>> panels);

/// Live rows in ascending order of the row; the columns have equal length.
struct catalogue_rows {
  subspace_id subspace{};
  std::uint64_t version = 0;
  std::uint32_t offset = 0, width = 0; ///< its block of E
  std::uint32_t rows = 0;              ///< live and free ones; a multiple of panel_rows
  std::vector<creation_id> ids;
  std::vector<goal_id> goals;
  std::vector<owner_id> owners;
  std::vector<std::uint64_t> contents;
  real_block coordinates; ///< row by row
  std::vector<creation_id> fresh;
  std::vector<shared_item> shown{}; ///< of each row; empty where no row has an item
  std::vector<std::vector<std::uint32_t>> tags{}; ///< of each row, ascending; empty where no row has one
  facts_form facts{};
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.subspace, s.version, s.offset, s.width, s.rows, s.ids, s.goals, s.owners, s.contents,
                    s.coordinates, s.fresh, s.shown, s.tags, s.facts);
  }
};

/// A live row behind those that columns hold, but for its coordinates. The columns of items and tags stay empty until a row has one.
template <class Columns>
void append_row(Columns& to, const panel& p, std::uint32_t row) {
  const creation_info& info = p.info[row];
  to.ids.push_back(info.id);
  to.goals.push_back(info.goal);
  to.owners.push_back(info.owner);
  to.contents.push_back(info.content);
  if (info.shown || !to.shown.empty()) {
    to.shown.resize(to.ids.size()); // those before have none
    to.shown.back() = info.shown;
  }
  if (!p.tags.empty() || !to.tags.empty()) {
    to.tags.resize(to.ids.size());
    to.tags.back() = p.tags.of(row);
  }
}

/// Is there one list of tags a row, or none at all; each ascending, and of at most `most_tags`?
[[nodiscard]] inline bool are_tags(const std::vector<std::vector<std::uint32_t>>& tags, std::size_t live) {
  return (tags.empty() || tags.size() == live) && std::ranges::all_of(tags, [](const auto& of) {
           return of.size() <= most_tags && std::ranges::adjacent_find(of, std::ranges::greater_equal{}) == of.end();
         });
}
/// Bytes that the panels' indices of these will take at most.
[[nodiscard]] inline std::size_t size_of_tags(const std::vector<std::vector<std::uint32_t>>& tags) {
  std::size_t all = 0;
  for (const auto& of : tags)
    all += of.size();
  return all * tag_index::bytes_a_tag;
}
/// What a row is tagged with.
[[nodiscard]] inline std::span<const std::uint32_t> tags_at(const std::vector<std::vector<std::uint32_t>>& tags, std::size_t i) {
  return tags.empty() ? std::span<const std::uint32_t>() : tags[i];
}

[[nodiscard]] catalogue_rows fold(const catalogue_news& news);

/// The snapshot again: the same ids in the same rows. Panels without a live row are one shared blank panel, so that
/// memory follows what is live; `limits.rows` and `limits.unfolded` bound it.
/// Errors: `frame_wrong_shape` where columns, rows, ids and block contradict each other, `frame_too_large`.
[[nodiscard]] result<catalogue_news> unfold(catalogue_rows&& rows, const wire_limits& limits);

} // namespace ammo::wire
