/// What many parts of a snapshot hold, once each: catalogue versions, their panels, and embeddings of creations that are no
/// longer live. For the codec's own use.
#pragma once

#include "actors/protocol/catalogue_rows.hpp"
#include "actors/space/embedding_store.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ammo::wire {

/// The live rows of one panel, ascending; the columns have equal length.
struct panel_form {
  std::uint32_t width = 0;
  std::vector<creation_id> ids;
  std::vector<goal_id> goals;
  std::vector<owner_id> owners;
  std::vector<std::uint64_t> contents;
  real_block coordinates; ///< row by row
  std::vector<shared_item> shown{}; ///< of each row; empty where no row has an item
  std::vector<std::vector<std::uint32_t>> tags{}; ///< of each row, ascending; empty where no row has one
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.width, s.ids, s.goals, s.owners, s.contents, s.coordinates, s.shown, s.tags);
  }
};

struct version_form {
  subspace_id subspace{};
  std::uint32_t offset = 0, width = 0; ///< its block of E
  std::uint64_t version = 0;
  std::vector<std::uint32_t> panels; ///< places in the table, from 1
  facts_form facts{};
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.subspace, s.offset, s.width, s.version, s.panels, s.facts);
  }
};

/// A creation that is no longer live, and still referred to.
struct gone_form {
  creation_id creation = no_creation;
  embedding e; ///< block-relative
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.e); }
};

struct catalogue_table_form {
  std::vector<panel_form> panels;
  std::vector<version_form> versions;
  std::vector<gone_form> gone;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.panels, s.versions, s.gone); }
};

/// Collects what a snapshot holds while it is written. Places count from 1, in the order of first mention; 0 is null.
class catalogue_table {
public:
  [[nodiscard]] std::uint32_t place_of(const std::shared_ptr<const panel>& p);
  [[nodiscard]] std::uint32_t place_of(const std::shared_ptr<const catalogue_version>& v);
  [[nodiscard]] std::uint32_t place_of(const embedding_store::handle& e);
  [[nodiscard]] const catalogue_table_form& form() const noexcept { return form_; }

private:
  std::unordered_map<const panel*, std::uint32_t> panels_;
  std::unordered_map<const catalogue_version*, std::uint32_t> versions_;
  std::unordered_map<const held_embedding*, std::uint32_t> gone_;
  catalogue_table_form form_;
};

/// The same when a snapshot is read.
struct shared_catalogues {
  std::vector<std::shared_ptr<const panel>> panels;
  std::vector<std::shared_ptr<const catalogue_version>> versions;
  std::vector<embedding_store::handle> gone;

  [[nodiscard]] bool get(std::uint32_t place, std::shared_ptr<const panel>& out) const {
    return pick(panels, place, out);
  }
  [[nodiscard]] bool get(std::uint32_t place, std::shared_ptr<const catalogue_version>& out) const {
    return pick(versions, place, out);
  }
  [[nodiscard]] bool get(std::uint32_t place, embedding_store::handle& out) const { return pick(gone, place, out); }

private:
  template <class T> static bool pick(const std::vector<T>& all, std::uint32_t place, T& out) {
    if (place > all.size())
      return false;
    out = place == 0 ? nullptr : all[place - 1];
    return true;
  }
};

/// Errors: `frame_wrong_shape` where columns, rows, ids and blocks contradict each other, `frame_too_large` where the
/// panels take more than `limits.unfolded`.
[[nodiscard]] result<shared_catalogues> unfold(catalogue_table_form&& table, const wire_limits& limits);

} // namespace ammo::wire
