/// Where decisions are kept: slates that were shown and what they earned, by day. Beside a state, and never waited for by it.
/// Lives here: rows and what may be asked of them. May not live here: what a row says.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/store/records.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ammo::store {

/// A frame's place in a state's log names its row: the same frame is never in twice.
struct decision_row {
  std::uint32_t day = 0; ///< since 1970, UTC
  unit_id unit{};
  position at;
  std::uint32_t item = 0; ///< of the frame, from 0
  std::uint64_t user = 0;
  std::uint32_t kind = 0; ///< of the state in `data`
  bytes data;
  friend bool operator==(const decision_row&, const decision_row&) = default;
};

/// What was shown: kept as long as a decision of the last day that names it.
struct decided_creation {
  std::uint64_t creation = 0;
  std::uint32_t day = 0; ///< that names it last
  bytes data;            ///< empty: what is known already
  friend bool operator==(const decided_creation&, const decided_creation&) = default;
};

/// What a part of a log says. Users are forgotten first: a row that follows is of one who has come anew.
struct decision_batch {
  std::vector<std::uint64_t> forgotten;
  std::vector<decision_row> rows;
  std::vector<decided_creation> creations;
  incarnation node;      ///< whose log it is
  std::uint64_t upto = 0; ///< the last place of it that is in the batch, or says nothing of decisions
};

struct decision_day {
  std::uint32_t day = 0;
  std::uint64_t rows = 0, bytes = 0; ///< bytes: of rows with their keys and indices, about
};

/// Calls block. One object is used by one thread at a time. Every call may fail with `store_unavailable`, `state_full` or `state_damaged`.
class decision_store {
public:
  virtual ~decision_store() = default;
  /// Takes a batch as a whole. Rows that are there stay as they are.
  [[nodiscard]] virtual result<void> add(const decision_batch& batch) = 0;
  /// The last place of a node's log that is in; 0: none.
  [[nodiscard]] virtual result<std::uint64_t> upto(incarnation node) = 0;
  /// All, ascending. Reads every row's length.
  [[nodiscard]] virtual result<std::vector<decision_day>> days() = 0;
  /// Drops a day, and creations that no later day names.
  [[nodiscard]] virtual result<void> drop(std::uint32_t day) = 0;
  /// Hands over rows of a kind, by day, unit and place; of one day where one is given. Stops where `take` says false.
  [[nodiscard]] virtual result<void> read(std::uint32_t kind, std::optional<std::uint32_t> day,
                                          const std::function<bool(decision_row&&)>& take) = 0;
  [[nodiscard]] virtual result<void> read_creations(const std::function<bool(decided_creation&&)>& take) = 0;
};

/// In an SQLite file of its own. Errors: those of the store.
[[nodiscard]] result<std::unique_ptr<decision_store>> open_decisions_in_sqlite(const std::string& file);
/// In tables of a state's schema in PostgreSQL.
[[nodiscard]] result<std::unique_ptr<decision_store>> open_decisions_in_postgres(const std::string& url, const std::string& schema);
/// Are there such tables?
[[nodiscard]] result<bool> has_decisions_in_postgres(const std::string& url, const std::string& schema);

/// CRC-32C of a row's key and data.
[[nodiscard]] std::uint32_t checksum_of(const decision_row& r) noexcept;
[[nodiscard]] failure damaged_decision(const decision_row& r);
/// What a row takes beside its data: its key, its indices.
inline constexpr std::uint64_t decision_row_overhead = 120;

} // namespace ammo::store
