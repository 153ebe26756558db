/// A host's calls and their answers as bytes, on their way between two nodes. Pure.
#pragma once

#include "actors/protocol/codec.hpp"
#include "runtime/cluster/call_letters.hpp"
#include "runtime/host/calls/ticket.hpp"

#include <span>

namespace ammo {

/// Does a question go to another node? One about a process's own health doesn't.
[[nodiscard]] bool travels(const host_question& q) noexcept;
/// Of one that does.
[[nodiscard]] frame frame_of(const host_question& q);
/// Errors: those of the codec, `frame_unknown_type` (a message that no host asks).
[[nodiscard]] result<host_question> question_in(std::span<const std::byte> bytes);

/// What an answer is made of; `frame` isn't set: it is in `bytes`.
struct told_answer {
  cluster::answer_letter letter;
  frame bytes;
};
[[nodiscard]] told_answer told(const host_answer& a);
/// Errors: those of the codec; `frame_unknown_type`, `frame_wrong_shape`.
[[nodiscard]] result<host_answer> answer_in(const cluster::answer_letter& l);

/// The code in an answer; ok where it has none.
[[nodiscard]] errc code_of(const host_answer& a) noexcept;

} // namespace ammo
