/// A deployment's state, warmed from a log of decisions, also of one that another recommender wrote.
#pragma once

#include "ammo/options.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ammo {

struct imported_log {
  std::uint64_t users = 0, slates = 0, rewards = 0;
  std::uint64_t items = 0;
  std::uint64_t without_reward = 0; ///< rows that nothing is learned from
  std::optional<failure> why{};     ///< what ended it early; nothing: all is in
};

/// Reads a CSV file whole, and then adds its people, slates and rewards to the state that `deployment.state` names, in the order of the file, as
/// if they had been shown there. Columns: `user`, `time` (seconds since 1970), `item`, `slot` (from 0), `propensity` (0 … 1, or empty), `reward`
/// (or empty); of use where they are: `round`, `situation`, `subspace` (needed where there are several), and of an item's first row at least one of
/// `embedding` (numbers with spaces between) and `text`. Rows with the same user, time and round that follow each other are a slate.
/// Nothing is written where a row can't be read. `progress`: the share that is done, 0 … 1, now and then.
/// Errors: `missing_data`, `bad_data_line` (file:line), `duplicate_user` (the state has the user already), those of a start on the state.
[[nodiscard]] result<imported_log> import_log(const options& deployment, const std::string& file, const std::function<void(double)>& progress = {});

} // namespace ammo
