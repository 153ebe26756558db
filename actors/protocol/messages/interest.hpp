/// What a person says they are interested in.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// Somebody is interested in a direction of one subspace; nobody hears who.
struct interest_notice {
  static constexpr std::uint16_t type = 39;
  subspace_id subspace{};
  embedding v; ///< block-relative, of any length > 0
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.v); }
  friend bool operator==(const interest_notice&, const interest_notice&) = default;
};

/// What a person says that they are interested in. Answered with `feedback_verdict`: all of it is taken, or none.
struct interest_statement {
  static constexpr std::uint16_t type = 38;
  user_id user{};
  std::uint64_t request = 0;
  double confidence = 0; ///< expected cosine between what is stated and q, in (0, 0.99]
  std::vector<interest_notice> stated;
  std::uint32_t situation = 0; ///< in which they are, from 1 in the order of the options; 0: in all
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request, s.confidence, s.stated, s.situation); }
  friend bool operator==(const interest_statement&, const interest_statement&) = default;
};

} // namespace ammo
