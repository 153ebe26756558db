/// A state in memory, for tests and as the plain statement of what every store does: each call is one turn.
#pragma once

#include "runtime/store/store.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace ammo::store {

/// The tables. Several stores may share them, as several nodes share a database; `now` is their one clock.
struct memory_tables {
  explicit memory_tables(std::function<std::chrono::milliseconds()> clock) : now(std::move(clock)) {}

  struct node_row {
    node is;
    std::chrono::milliseconds until{};
  };
  struct snapshot_rows {
    std::map<std::uint32_t, std::pair<std::uint32_t, bytes>> pieces; ///< checksum, data
    std::optional<snapshot> published;
  };

  std::mutex turn;
  std::function<std::chrono::milliseconds()> now;
  std::optional<state_layout> layout;
  std::map<incarnation, node_row> nodes;
  std::map<unit_id, claim> claims;
  std::map<std::pair<unit_id, term_number>, segment> segments;
  std::map<std::pair<incarnation, std::uint64_t>, block> blocks;
  std::map<std::pair<unit_id, position>, snapshot_rows> snapshots;
  std::map<std::pair<unit_id, std::uint64_t>, sleeper> sleepers;
};

[[nodiscard]] std::unique_ptr<state_store> open_memory(std::shared_ptr<memory_tables> tables);

} // namespace ammo::store
