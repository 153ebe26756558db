/// The rows of a state: what nodes own, what they have written, and since when.
/// Lives here: plain values, named as the tables are. May not live here: a statement.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ammo::store {

using bytes = std::vector<std::byte>;

/// One run of one process: 128 random bits, never used again. All zero is nobody.
struct incarnation {
  std::uint64_t high = 0, low = 0;
  [[nodiscard]] explicit operator bool() const noexcept { return high != 0 || low != 0; }
  friend auto operator<=>(const incarnation&, const incarnation&) = default;
};

/// What is owned as a whole: a user shard, a subspace with its ledger and Goal Buddies, the population, the evolution.
/// The state numbers its units from 0 in the order in which it was laid out; units are only added at the end.
enum class unit_id : std::uint32_t {};

/// Of a claim of ownership: the first is 1; each claim of a unit takes the next.
using term_number = std::uint64_t;

/// A place in a unit's history: the term, and within it the place in its owner's log.
struct position {
  term_number term = 0;
  std::uint64_t place = 0;
  friend auto operator<=>(const position&, const position&) = default;
};

/// A commit of a node's log: frames `first` to `first + frames - 1`, in one row.
struct block {
  std::uint64_t first = 1; ///< place of its first frame; a log's first frame has place 1
  std::uint32_t frames = 0;
  std::uint32_t checksum = 0; ///< of place, count and data
  bytes data;
  [[nodiscard]] std::uint64_t last() const noexcept { return first + frames - 1; }
  friend bool operator==(const block&, const block&) = default;
};

/// How a process can be found again on the machine that it ran on.
struct process_mark {
  std::string boot;               ///< the machine's boot id
  std::string process_namespace;  ///< of the process ids
  std::int64_t process = 0;
  std::uint64_t started = 0;      ///< the process's start time, in the kernel's ticks
  friend bool operator==(const process_mark&, const process_mark&) = default;
};

struct node {
  incarnation id;
  std::string name, address, capabilities;
  process_mark mark;
  std::int64_t lease_left_ms = 0; ///< by the store's clock, when it was read; negative: over since
  std::uint64_t head = 0;         ///< place of the last frame in its log
  bool fenced = false;
  friend bool operator==(const node&, const node&) = default;
};

/// Who owns a unit.
struct claim {
  unit_id unit{};
  incarnation owner; ///< nobody: the unit is free
  term_number term = 0;
  friend bool operator==(const claim&, const claim&) = default;
};

/// The part of a node's log in which a unit's frames of one term are, among those of other units.
struct segment {
  unit_id unit{};
  term_number term = 0;
  incarnation node;
  std::uint64_t first = 1;
  std::optional<std::uint64_t> last; ///< none: the term goes on
  friend bool operator==(const segment&, const segment&) = default;
};

/// A snapshot of a unit that counts: its pieces 0 … pieces − 1 are all there.
struct snapshot {
  unit_id unit{};
  position at; ///< the last frame that is in it
  std::uint32_t pieces = 0;
  std::uint64_t size = 0; ///< bytes of all pieces
  friend bool operator==(const snapshot&, const snapshot&) = default;
};

/// A User Buddy that has left memory.
struct sleeper {
  std::uint64_t user = 0;
  position at; ///< the last frame that is in it
  bytes state;
  friend bool operator==(const sleeper&, const sleeper&) = default;
};

/// A row of a state as it is copied into another store. A block's node and a sleeper's unit stand beside it.
struct node_block {
  incarnation node;
  block b;
};
struct unit_sleeper {
  unit_id unit{};
  sleeper s;
};
using state_row = std::variant<node, node_block, claim, segment, snapshot, unit_sleeper>;

/// What a state was laid out for. Another layout is another game.
struct state_layout {
  std::string layout;       ///< names and widths of subspaces, in order
  std::uint32_t shards = 256;
  std::uint32_t units = 0;  ///< how many are numbered
  friend bool operator==(const state_layout&, const state_layout&) = default;
};

} // namespace ammo::store
