/// Where a deployment's state is kept: one interface, and a statement of the schema behind each call. Each call is whole
/// or nothing, and one of any number of nodes may make it. The backends are memory (tests), SQLite and PostgreSQL.
/// Lives here: what a node may ask of a store, and what it is promised. May not live here: a policy of when to ask.
///
/// Calls block until the store has answered, so no actor's thread makes them. One object is used by one thread at a time.
/// Every call may fail with `store_unavailable` (nobody can say whether it happened: ask again, `append` says how),
/// `state_damaged` (the detail says where) or `state_full`.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ammo::store {

/// The schema that this version writes. A state of an earlier one is migrated when it is opened.
inline constexpr std::uint32_t schema_version = 1;
/// Largest piece of a snapshot, in bytes: 64 MB in one statement hold other nodes' appends up for 0.6 s, pieces for 25 ms.
inline constexpr std::size_t most_in_a_piece = 256 * 1024;

/// What happened to a change that only the owner, or only a node that isn't fenced, may make.
enum class verdict : std::uint8_t {
  done,
  refused, ///< the condition doesn't hold: this node is fenced, or somebody else was first. Nothing has changed
};

class state_store {
public:
  virtual ~state_store() = default;

  /// Lays an empty store out; compares the layout of one that isn't empty, and adds units at its end.
  /// Errors: `state_other_layout`, `state_newer` (a later version wrote it).
  [[nodiscard]] virtual result<void> lay_out(const state_layout& layout) = 0;
  /// The layout that the store has; none where nothing was laid out yet.
  [[nodiscard]] virtual result<std::optional<state_layout>> layout() = 0;

  // -- nodes -------------------------------------------------------------------------------------------------

  /// A new node with an empty log and a lease. Refused where the incarnation is known.
  [[nodiscard]] virtual result<verdict> enter(const node& who, std::chrono::milliseconds lease) = 0;
  /// Renews the lease. Refused: the node is fenced, and must come back as a new incarnation.
  [[nodiscard]] virtual result<verdict> beat(incarnation me, std::chrono::milliseconds lease) = 0;
  /// Ends a node whose lease is over, or that is `gone` for sure: nothing that it appends counts from here on.
  /// Done also where it was fenced before.
  [[nodiscard]] virtual result<verdict> fence(incarnation dead, bool gone) = 0;
  /// Forgets a fenced node whose blocks are gone. Refused while it isn't fenced, owns a unit or has a segment.
  [[nodiscard]] virtual result<verdict> forget(incarnation dead) = 0;
  /// All, by id.
  [[nodiscard]] virtual result<std::vector<node>> nodes() = 0;

  // -- the log -----------------------------------------------------------------------------------------------

  /// Adds a block, `next.first` = head + 1. Done: durable. Refused: this node is fenced, or its head is another.
  /// After `store_unavailable`, `block_at` tells: there with this checksum, it is durable; not there and the node not
  /// fenced: append the same block again, unchanged, and none after it.
  [[nodiscard]] virtual result<verdict> append(incarnation me, const block& next) = 0;
  /// The block of a node's log with that first place, without its data; none where there is none.
  [[nodiscard]] virtual result<std::optional<block>> block_at(incarnation of, std::uint64_t first) = 0;
  /// Hands over the blocks that hold places `from` to `to`, in order. A block that doesn't match its checksum, or a gap
  /// between blocks, is `state_damaged`.
  [[nodiscard]] virtual result<void> read(incarnation of, std::uint64_t from, std::uint64_t to,
                                          const std::function<void(const block&)>& take) = 0;
  /// Blocks of a node whose last place is below: gone.
  [[nodiscard]] virtual result<void> drop_blocks(incarnation of, std::uint64_t below) = 0;

  // -- ownership ---------------------------------------------------------------------------------------------

  /// Takes a unit that is free, or whose owner is fenced. `term`: the claim's term as it was read. The term before
  /// ends at its node's head; the new one, `term + 1`, begins behind this node's. Read blocks in a later call.
  [[nodiscard]] virtual result<verdict> take(incarnation me, unit_id unit, term_number term) = 0;
  /// Appends a block that says so, and gives a unit up; its term ends with this block.
  [[nodiscard]] virtual result<verdict> release(incarnation me, const block& next, unit_id unit, term_number term) = 0;
  /// All, by unit.
  [[nodiscard]] virtual result<std::vector<claim>> claims() = 0;
  /// All of a unit, by term.
  [[nodiscard]] virtual result<std::vector<segment>> segments(unit_id unit) = 0;
  /// All, by unit and term.
  [[nodiscard]] virtual result<std::vector<segment>> segments() = 0;
  /// Segments of a unit's terms below: gone.
  [[nodiscard]] virtual result<void> drop_segments(unit_id unit, term_number below) = 0;

  // -- snapshots and sleepers --------------------------------------------------------------------------------

  /// A piece of a snapshot that doesn't count yet; anybody may write it, again, too.
  [[nodiscard]] virtual result<void> write_piece(unit_id unit, position at, std::uint32_t piece,
                                                 std::span<const std::byte> data) = 0;
  /// Makes a snapshot count. Refused: this node is fenced or doesn't own the unit in that term. Error `bad_state`: a
  /// piece is missing.
  [[nodiscard]] virtual result<verdict> publish(incarnation me, const snapshot& whole) = 0;
  /// Those that count, newest first.
  [[nodiscard]] virtual result<std::vector<snapshot>> snapshots(unit_id unit) = 0;
  /// Errors: `state_damaged`: it isn't there, or doesn't match its checksum.
  [[nodiscard]] virtual result<bytes> read_piece(unit_id unit, position at, std::uint32_t piece) = 0;
  /// Snapshots of a unit below a position, and pieces that belong to none: gone. Pieces at the newest position stay.
  [[nodiscard]] virtual result<void> drop_snapshots(unit_id unit, position below) = 0;

  /// Writes sleepers of a unit; an older one of the same user goes. Refused: this node is fenced or isn't the owner.
  [[nodiscard]] virtual result<verdict> put_sleepers(incarnation me, unit_id unit, term_number term,
                                                     std::span<const sleeper> asleep) = 0;
  [[nodiscard]] virtual result<std::optional<sleeper>> read_sleeper(unit_id unit, std::uint64_t user) = 0;
  /// Users of a unit that are asleep, ascending, with their positions and without their states.
  [[nodiscard]] virtual result<std::vector<sleeper>> sleepers(unit_id unit) = 0;
  /// Refused as `put_sleepers`.
  [[nodiscard]] virtual result<verdict> drop_sleepers(incarnation me, unit_id unit, term_number term,
                                                      std::span<const std::uint64_t> users) = 0;

  /// Writes a row as it is, for a copy of a state that nobody has; a row that is there stays. Lay the copy out last: until then it is none.
  [[nodiscard]] virtual result<void> copy_row(const state_row& row) = 0;

  /// Bytes that the state takes, as the store counts them.
  [[nodiscard]] virtual result<std::uint64_t> size() = 0;
  /// Standbys of a database that have a write before it is acknowledged, in its own words ("FIRST 1 (s1, s2)"); empty: what is acknowledged is on one machine.
  [[nodiscard]] virtual result<std::string> standbys() { return std::string(); }
};

// -- what the backends share ---------------------------------------------------------------------------------

/// Hands over what a backend found for `read`, if it holds places `from` to `to` without a gap and each block matches its
/// checksum. Nothing is handed over otherwise.
[[nodiscard]] result<void> hand_over(incarnation of, std::uint64_t from, std::uint64_t to, std::span<const block> found,
                                     const std::function<void(const block&)>& take);
[[nodiscard]] failure missing_piece(unit_id unit, std::uint32_t piece);
[[nodiscard]] failure damaged_piece(unit_id unit, std::uint32_t piece);
[[nodiscard]] failure damaged_sleeper(unit_id unit, std::uint64_t user);
/// May the layout that a store has become this one? Errors: `state_other_layout`.
[[nodiscard]] result<void> grows_into(const state_layout& has, const state_layout& wanted);
[[nodiscard]] std::string text_of(incarnation id); ///< 32 hexadecimal digits
[[nodiscard]] constexpr std::uint32_t raw(unit_id unit) noexcept { return static_cast<std::uint32_t>(unit); }

/// CRC-32C (Castagnoli) of a row's key and its bytes: bytes in another row's place don't match it.
[[nodiscard]] std::uint32_t checksum_of(std::initializer_list<std::uint64_t> key,
                                        std::span<const std::byte> data) noexcept;
[[nodiscard]] std::uint32_t checksum_of(const block& b) noexcept;
[[nodiscard]] std::uint32_t checksum_of(unit_id unit, position at, std::uint32_t piece,
                                        std::span<const std::byte> data) noexcept;
[[nodiscard]] std::uint32_t checksum_of(unit_id unit, const sleeper& s) noexcept;
/// A block as it is appended, with its checksum.
[[nodiscard]] block sealed(std::uint64_t first, std::uint32_t frames, bytes data);

/// Whose a unit was, and from where on its log is needed.
struct unit_history {
  std::vector<segment> segments;
  std::optional<position> kept;
};
/// Of units 0 to `units` − 1, without what is kept.
[[nodiscard]] std::vector<unit_history> histories_of(std::span<const segment> all, std::uint32_t units);
/// The first term in which a node owned a unit; the greatest number there is: none.
[[nodiscard]] term_number first_term(incarnation of, std::span<const unit_history> units) noexcept;
/// The segment of a unit that a place of a node's log is in; null: the node didn't own the unit then.
[[nodiscard]] const segment* segment_at(const unit_history& unit, incarnation node, std::uint64_t place) noexcept;
/// The first place of each node's log that recovery may still ask for: no block before it is needed. The older of a
/// unit's two newest snapshots decides (`kept`: its position; none: all of the unit's segments are needed).
[[nodiscard]] std::uint64_t first_needed(incarnation of, std::uint64_t head,
                                         std::span<const unit_history> units) noexcept;
/// The last place of a node's log that recovery of these units asks for; 0: there is none.
[[nodiscard]] std::uint64_t last_needed(incarnation of, std::uint64_t head, std::span<const unit_history> units) noexcept;

} // namespace ammo::store
