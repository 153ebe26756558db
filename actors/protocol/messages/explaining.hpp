/// Why somebody was shown something: what a host asks, what AiPP knows of it, what the User Buddy says.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/explained.hpp"
#include "actors/protocol/shown.hpp"

#include <cstdint>
#include <tuple>

namespace ammo {

/// A host asks why a user was shown an impression.
struct explain_request {
  static constexpr std::uint16_t type = 59;
  user_id user{};
  impression_id impression{};
  std::uint64_t request = 0; ///< comes back with the answer
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.impression, s.request); }
  friend bool operator==(const explain_request&, const explain_request&) = default;
};

/// A User Buddy is to say why it showed what its user's impression is of.
struct impression_question {
  static constexpr std::uint16_t type = 60;
  user_id user{};
  impression_id impression{};
  std::uint64_t request = 0;
  creation_id creation = no_creation;
  std::uint64_t round = 0;
  std::uint32_t slot = 0; ///< from 0
  bool answered = false;  ///< it has had its feedback
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.impression, s.request, s.creation, s.round, s.slot, s.answered);
  }
  friend bool operator==(const impression_question&, const impression_question&) = default;
};

/// Why an impression was shown, or that it is refused by name.
struct explained : verdict {
  static constexpr std::uint16_t type = 61;
  explanation of{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.code, s.detail, s.of); }
  friend bool operator==(const explained&, const explained&) = default;
};

} // namespace ammo
