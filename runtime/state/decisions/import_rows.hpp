/// A log of decisions as slates to be replayed: read, checked, and nothing of it played. Pure but for the file.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/result.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/propensity.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

struct imported_row {
  std::size_t line = 0; ///< of the file
  std::uint32_t item = 0;
  ammo::propensity propensity{};
  std::optional<double> reward{};
};

struct imported_slate {
  user_id user{};
  std::int64_t time_us = 0;
  std::uint32_t situation = 0;
  std::uint32_t first = 0, rows = 0; ///< in `imported_rows::rows`, by slot
};

struct imported_item {
  subspace_id subspace{};
  std::vector<float> e; ///< block-relative
};

struct imported_rows {
  std::vector<imported_slate> slates; ///< in the order of the file
  std::vector<imported_row> rows;
  std::vector<imported_item> items;
};

/// `embed`: what a text means in a subspace. Errors: `missing_data`, `bad_data_line`, with file:line.
[[nodiscard]] result<imported_rows> read_import(const std::string& file, const layout& space, std::uint32_t most_slots, std::uint32_t situations,
                                                const std::function<result<std::vector<float>>(subspace_id, std::string_view)>& embed);

} // namespace ammo
