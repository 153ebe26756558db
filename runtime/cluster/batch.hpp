/// What travels between two nodes: batches of letters, each a message's frame with the address that it is for. Bytes only; pure.
///
///     batch   [version, number, acknowledged, [letter, …]]
///     letter  [[role, id], unit, term, frame]
///
/// Numbers run from 1 on each link, so that a gap shows. `acknowledged` is the number of the last batch that has come the other way: it opens the
/// sender's window. Fields are only appended; what a newer sender has put behind them is passed over.
#pragma once

#include "actors/base/result.hpp"
#include "actors/protocol/address.hpp"
#include "runtime/store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace ammo::cluster {

/// Of batches and hellos: a node speaks this one and the one before, from the second on.
inline constexpr std::uint32_t link_version = 1;
/// The unit of what is for a node itself.
inline constexpr store::unit_id no_unit{0xFFFFFFFF};

/// `frame` lies in the bytes that it was read from. `term`: of the unit's owner, as the sender knows it.
struct letter {
  address to;
  store::unit_id unit = no_unit;
  store::term_number term = 0;
  std::span<const std::byte> frame;
};

struct batch_head {
  std::uint64_t number = 0, acknowledged = 0;
  friend bool operator==(const batch_head&, const batch_head&) = default;
};

struct batch_limits {
  std::size_t bytes = std::size_t{1} << 25; ///< of a batch: a catalogue is one frame, of 16 MiB at most
  std::size_t letters = 65'536;
};

/// Writes letters one behind the other, without knowing how many will come.
class batch_writer {
public:
  /// `expected`: bytes of what will come, room for which is made at once.
  explicit batch_writer(std::size_t expected = 0);
  void add(const letter& l);
  [[nodiscard]] std::size_t letters() const noexcept { return letters_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); } ///< bytes of the batch
  /// The batch; the writer is empty again.
  [[nodiscard]] store::bytes take(batch_head head);

private:
  store::bytes bytes_;
  std::size_t letters_ = 0;
};

/// Reads a batch of a peer. Nothing is handed over unless all of it is right, and nothing is allocated. The frames aren't looked into: each is
/// judged by the codec where it is decoded.
/// Errors: `frame_wrong_version`, `frame_truncated`, `frame_trailing_bytes`, `frame_too_large`, `frame_wrong_shape` (also a number 0, a role that
/// there isn't, an empty frame); the detail gives the byte.
[[nodiscard]] result<batch_head> read_batch(std::span<const std::byte> bytes, const std::function<void(const letter&)>& take, const batch_limits& limits = {});

/// What a node says first, on each side of a link.
struct hello {
  std::uint32_t link = link_version, wire = 0, schema = 0; ///< protocols that it speaks; the store's schema
  store::incarnation who;
  std::string name;   ///< at most 64 bytes
  std::string layout; ///< of the state: subspaces and widths, at most 64 KiB
  friend bool operator==(const hello&, const hello&) = default;
};
[[nodiscard]] store::bytes bytes_of(const hello& h);
/// Errors: those of `read_batch`, `frame_bad_utf8`.
[[nodiscard]] result<hello> read_hello(std::span<const std::byte> bytes);
/// May a node that says this be talked to? Errors: `frame_wrong_version` (another link or wire protocol), `state_newer` (another schema),
/// `state_other_layout`, `bad_value` (it is this very process, or nobody).
[[nodiscard]] result<void> welcome(const hello& mine, const hello& theirs);

} // namespace ammo::cluster
