/// Slates: what a User Buddy proposes, what MetaSpace grants, what a person is shown.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/shown.hpp"
#include "actors/space/content_set.hpp"
#include "actors/space/propensity.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// What a slate is for.
enum class occasion : std::uint8_t {
  round = 0,   ///< the clock of a simulation
  request = 1, ///< a person asked
  push = 2,    ///< a new creation would enter the user's slate
};

/// A creation that a User Buddy would show, with the value that its policy gives it (units of reward).
struct candidate {
  creation_id creation = no_creation;
  float value = 0;
  ammo::propensity propensity{}; ///< of being among the first N of this proposal
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.creation, s.value, s.propensity.value, s.propensity.source);
  }
  friend bool operator==(const candidate&, const candidate&) = default;
};

/// A granted slot.
struct impression {
  impression_id id{};
  creation_id creation = no_creation;
  ammo::propensity propensity{}; ///< with which the policy showed it; unknown where others had a say in it
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.id, s.creation, s.propensity.value, s.propensity.source);
  }
  friend bool operator==(const impression&, const impression&) = default;
};

/// A person wants to be shown at most `slots` creations.
struct slate_request {
  static constexpr std::uint16_t type = 9;
  user_id user{};
  std::uint64_t request = 0; ///< comes back with the slate
  std::uint32_t slots = 0;
  std::uint32_t situation = 0; ///< in which the person asks, from 1 in the order of the options; 0: none in particular
  content_set only{};          ///< what may be shown; empty: everything
  content_set except{};        ///< what may not
  std::uint32_t at_most = 0;   ///< most showings of one creation within `within_s` seconds; 0: no limit
  std::uint64_t within_s = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.request, s.slots, s.situation, s.only, s.except, s.at_most, s.within_s);
  }
  friend bool operator==(const slate_request&, const slate_request&) = default;
};

/// What a User Buddy would show, best first. It may hold more than `slots`, so that caps can bite.
struct slate_proposal {
  static constexpr std::uint16_t type = 10;
  user_id user{};
  std::uint64_t round = 0;   ///< the user's own count of slates, from 1
  occasion why = occasion::round;
  std::uint64_t request = 0; ///< of the slate_request, when there was one
  std::uint32_t slots = 0;   ///< N
  per_slot<candidate> candidates;
  std::uint64_t shuffle = 0; ///< not 0: the slots that are granted come in an order drawn from this number
  bool wants_grant = false;  ///< the User Buddy wants to hear what was granted
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.slots, s.candidates, s.shuffle, s.wants_grant);
  }
  friend bool operator==(const slate_proposal&, const slate_proposal&) = default;
};

/// The impressions that one user gets, in slot order. Empty with `code` set when the whole proposal was refused.
/// Refused candidates are counted at MetaSpace by name.
struct slate_granted {
  static constexpr std::uint16_t type = 11;
  user_id user{};
  std::uint64_t round = 0;
  occasion why = occasion::round;
  std::uint64_t request = 0;
  errc code = errc::ok;
  per_slot<impression> impressions;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.code, s.impressions);
  }
  friend bool operator==(const slate_granted&, const slate_granted&) = default;
};

/// The grants of the proposals that were waiting together, in the order of the proposals.
struct slates_granted {
  static constexpr std::uint16_t type = 33;
  std::vector<slate_granted> slates;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.slates); }
  friend bool operator==(const slates_granted&, const slates_granted&) = default;
};

/// A slate that was asked for, or a push.
struct slate_delivery {
  static constexpr std::uint16_t type = 12;
  user_id user{};
  std::uint64_t round = 0;
  occasion why = occasion::request;
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::vector<shown_creation> slate;
  std::uint64_t delivery = 0; ///< the AiPP shard's number, for the outcome; 0: nothing to show, so it waits for none
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.why, s.request, s.code, s.slate, s.delivery);
  }
  friend bool operator==(const slate_delivery&, const slate_delivery&) = default;
};

/// What became of a delivery. Until this comes, none of its impressions counts.
struct slate_outcome {
  static constexpr std::uint16_t type = 55;
  user_id user{};
  std::uint64_t delivery = 0;
  bool shown = false; ///< false: it is revoked, as it came too late, was shed, or nobody listened
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.delivery, s.shown); }
  friend bool operator==(const slate_outcome&, const slate_outcome&) = default;
};

} // namespace ammo
