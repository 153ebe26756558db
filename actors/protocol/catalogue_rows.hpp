/// The body of catalogue_news on the wire: the live rows of a snapshot, column by column. For the codec's own use.
#pragma once

#include "actors/protocol/codec.hpp"

#include <cstdint>
#include <vector>

namespace ammo::wire {

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
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.subspace, s.version, s.offset, s.width, s.rows, s.ids, s.goals, s.owners, s.contents,
                    s.coordinates, s.fresh, s.shown);
  }
};

/// A live row behind those that columns hold, but for its coordinates. The column of items stays empty until a row has one.
template <class Columns>
void append_row(Columns& to, const creation_info& info) {
  to.ids.push_back(info.id);
  to.goals.push_back(info.goal);
  to.owners.push_back(info.owner);
  to.contents.push_back(info.content);
  if (!info.shown && to.shown.empty())
    return;
  to.shown.resize(to.ids.size()); // those before have none
  to.shown.back() = info.shown;
}

[[nodiscard]] catalogue_rows fold(const catalogue_news& news);

/// The snapshot again: the same ids in the same rows. Panels without a live row are one shared blank panel, so that
/// memory follows what is live; `limits.rows` and `limits.unfolded` bound it.
/// Errors: `frame_wrong_shape` where columns, rows, ids and block contradict each other, `frame_too_large`.
[[nodiscard]] result<catalogue_news> unfold(catalogue_rows&& rows, const wire_limits& limits);

} // namespace ammo::wire
