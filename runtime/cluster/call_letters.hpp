/// What nodes say to one another of a host's calls, in the frames of letters that are for no actor. Bytes only; pure.
///
///     call      [1, number, attempt, key, left, frame, trace?, holder?]           of the calling node's own number; `left`: milliseconds until its deadline
///     answer    [2, number, attempt, code, detail, key, form, provisional, frame] `form`: what the frame is
///     away      [3, number, attempt, [high, low], term, begun]                    the node doesn't have the unit; it may know who has
///     question  [4, number]                                                       how is the cluster, as that node sees it?
///     told      [5, number, text]
///     listens   [6, whether]                                                      that node's host has a callback for pushes
///     push      [7, number, frame]                                                a slate that nobody asked for, to a node that listens
///     shown     [8, number, whether]                                              what became of it
///     look      [9]                                                               units are free: look at the store's rows
///
/// Fields are only appended; what a newer sender has put behind them is passed over.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/trace.hpp"
#include "runtime/store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace ammo::cluster {

/// `frame` lies in the bytes that it was read from; as in `answer_letter`.
struct call_letter {
  std::uint64_t number = 0;
  std::uint32_t attempt = 1;
  std::uint64_t key = 0; ///< 0: the call changes nothing
  std::uint32_t left_ms = 0;
  std::span<const std::byte> frame;
  std::optional<trace_context> trace{}; ///< whose request it is
  std::uint64_t holder = 0;             ///< whose key it is
};

/// What an answer's frame is.
enum class answer_form : std::uint8_t {
  nothing,    ///< a failure: its code, detail and key say all
  message,    ///< a message of the protocol
  statistics, ///< counters, as JSON
  end_
};

struct answer_letter {
  std::uint64_t number = 0;
  std::uint32_t attempt = 1;
  std::uint16_t code = 0; ///< of a failure
  std::string detail;     ///< of a failure, at most `longest_detail` bytes
  std::uint64_t key = 0;  ///< of a failure
  answer_form form = answer_form::nothing;
  bool provisional = false; ///< of a slate
  std::span<const std::byte> frame;
};
inline constexpr std::size_t longest_detail = 16 * 1024;

struct away_letter {
  std::uint64_t number = 0;
  std::uint32_t attempt = 1;
  store::incarnation owner; ///< nobody: it can't say
  store::term_number term = 0;
  bool begun = false; ///< the call was under way when the node lost the unit: it may have happened
};

struct question_letter {
  std::uint64_t number = 0;
};
struct told_letter {
  std::uint64_t number = 0;
  std::string text; ///< at most `longest_told` bytes
};
inline constexpr std::size_t longest_told = std::size_t{1} << 20;

struct listens_letter {
  bool whether = false;
};
struct push_letter {
  std::uint64_t number = 0; ///< of the sending node's own
  std::span<const std::byte> frame;
};
struct shown_letter {
  std::uint64_t number = 0;
  bool whether = false;
};

struct look_letter {
  bool leaves = false; ///< the sender ends, and takes nothing any more
};

using host_letter = std::variant<call_letter, answer_letter, away_letter, question_letter, told_letter, listens_letter, push_letter, shown_letter, look_letter>;

[[nodiscard]] store::bytes bytes_of(const host_letter& l);
/// Errors: those of `read_batch`, `frame_bad_utf8`, `frame_unknown_type` (of a newer version).
[[nodiscard]] result<host_letter> read_host_letter(std::span<const std::byte> bytes);

} // namespace ammo::cluster
