/// What a call under a key was answered: part of the unit that the call was for.
#pragma once

#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <tuple>
#include <variant>

namespace ammo {

/// What a call under a key of the host's was answered.
struct key_frame {
  static constexpr std::uint16_t kind = 12;
  std::uint64_t key = 0, call = 0, content = 0; ///< see `call_identity`
  std::variant<feedback_verdict, creation_verdict, admission, written_news> answer;
  std::uint64_t holder = 0; ///< whose key it is
  std::int64_t time_ms = 0; ///< of the answer, since 1970, by the clock of its node: who keeps too many forgets the oldest
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.key, s.call, s.content, s.answer, s.holder, s.time_ms); }
};

} // namespace ammo
