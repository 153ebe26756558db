/// What a deployment chose and what came of it, as values: rows of the decision log, from which other policies are judged.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/content_set.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// Most creations that a decision lists as eligible.
inline constexpr std::uint32_t most_eligible_told = 64;

/// What a policy had to choose from, and what it chose by.
struct decision_context {
  std::vector<std::uint64_t> catalogues; ///< by subspace: the version that was seen; 0: none
  std::uint64_t eligible = 0;            ///< creations that could be shown
  /// Those creations, in no order, where they are no more than `most_eligible_told`; else so many of them, each as likely as every other.
  std::vector<creation_id> among;
  std::vector<float> values;             ///< of the proposal's candidates: what the policy chose by
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.catalogues, s.eligible, s.among, s.values); }
};

/// An impression of a slate that was shown, in slot order.
struct decided_impression {
  impression_id impression{};
  creation_id creation = no_creation;
  ammo::propensity propensity{};
  float value = 0; ///< what the policy chose it by; 0 where that isn't known
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.impression, s.creation, s.propensity.value, s.propensity.source, s.value);
  }
};

/// A slate that was shown.
struct decided_slate {
  static constexpr std::uint16_t kind = 15;
  user_id user{};
  std::uint64_t round = 0;
  std::int64_t time_us = 0; ///< since 1970
  occasion why = occasion::request;
  std::uint32_t slots = 0, situation = 0;
  decision_context context; ///< empty where the log doesn't say
  std::vector<decided_impression> shown;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.round, s.time_us, s.why, s.slots, s.situation, s.context, s.shown);
  }
};

/// What an impression earned.
struct decided_reward {
  static constexpr std::uint16_t kind = 16;
  user_id user{};
  impression_id impression{};
  double value = 0;
  std::int64_t time_us = 0; ///< since 1970
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.impression, s.value, s.time_us); }
};

/// A slate that was in the log first (strict ones are) and that nobody was shown after all.
struct decided_revocation {
  static constexpr std::uint16_t kind = 17;
  user_id user{};
  impression_id first{}; ///< in slot order
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.first); }
};

} // namespace ammo
