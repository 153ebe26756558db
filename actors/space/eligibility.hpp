/// Which creations may be shown: what a host says with an ask, in a form that a search can look up row by row and panel by panel.
/// Pure; knows no actor and no message.
#pragma once

#include "actors/base/result.hpp"
#include "actors/space/catalogue.hpp"
#include "actors/space/content_set.hpp"
#include "actors/space/row_bits.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

/// Errors: `bad_value` for a list of more than `most_listed` entries.
[[nodiscard]] result<void> check(const content_set& set);
/// Errors: `bad_value` for more than `most_tags` tags.
[[nodiscard]] result<void> check_tags(std::span<const std::uint32_t> tagged);

class eligibility;
/// Null: everything may be shown.
using eligible_ptr = std::shared_ptr<const eligibility>;

/// A creation is eligible if it is in `only` (where that isn't empty) and not in `except`. Immutable: any thread may read it.
class eligibility {
public:
  /// Null where both are empty. Errors: `bad_value` for a list longer than `most_listed`.
  [[nodiscard]] static result<eligible_ptr> of(content_set only, content_set except);

  /// The same without these creations as well. `base`: null, everything else may be shown.
  [[nodiscard]] static eligible_ptr without(const eligible_ptr& base, std::vector<creation_id> ascending);

  /// Is a row of a panel eligible, if it is live? O(log tags + log lists).
  [[nodiscard]] bool includes(const panel& p, std::uint32_t row) const noexcept;
  /// The rows that tags alone don't rule out, free ones among them. O(tags · log tags of the panel).
  [[nodiscard]] row_bits by_tags(const panel& p) const noexcept;
  /// Do lists rule out some of the rows that `by_tags` leaves?
  [[nodiscard]] bool asks_lists() const noexcept { return only_.lists() || except_.lists() || !over_.empty(); }
  /// The live rows that are eligible, exactly. O(rows), times the logarithm of lists where there are any.
  [[nodiscard]] row_bits rows_of(const panel& p) const noexcept;
  /// The creation is live in this version, and eligible.
  [[nodiscard]] bool includes(const catalogue_version& c, creation_id id) const noexcept;
  /// How many creations are eligible. O(rows).
  [[nodiscard]] std::size_t count(const catalogue_version& c) const noexcept;

  /// What it was made of, lists ascending.
  [[nodiscard]] const content_set& only() const noexcept { return only_.of; }
  [[nodiscard]] const content_set& except() const noexcept { return except_.of; }
  [[nodiscard]] std::span<const creation_id> over() const noexcept { return over_; } ///< ascending

private:
  struct part {
    content_set of; // each list ascending
    [[nodiscard]] bool lists() const noexcept {
      return !of.contents.empty() || !of.creations.empty() || !of.goals.empty() || !of.owners.empty();
    }
    [[nodiscard]] bool listed(const creation_info& who) const noexcept;
    [[nodiscard]] row_bits tagged(const tag_index& tags) const noexcept;
  };
  /// Do lists rule it out, where it is in `only`'s tags or not?
  [[nodiscard]] bool ruled_out(const creation_info& who, bool tagged) const noexcept;

  part only_, except_;
  std::vector<creation_id> over_; // ascending
};

/// Do they say the same, but for what was left out of it?
[[nodiscard]] inline bool same(const eligible_ptr& a, const eligible_ptr& b) noexcept {
  return a == b || (a && b && a->only() == b->only() && a->except() == b->except());
}

/// Is it live, and eligible? Null: all are.
[[nodiscard]] inline bool may_show(const eligibility* who, const catalogue_version& c, creation_id id) noexcept {
  return who ? who->includes(c, id) : c.find(id) != nullptr;
}
/// How many creations are. O(1) where all are.
[[nodiscard]] inline std::size_t how_many(const eligibility* who, const catalogue_version& c) noexcept {
  return who ? who->count(c) : c.live();
}

} // namespace ammo
