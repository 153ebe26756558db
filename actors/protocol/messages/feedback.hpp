/// Feedback of people, and the rewards that User Buddies learn from.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/shown.hpp"
#include "actors/protocol/signal.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace ammo {

/// What a person did with an impression, as a reward in [-1, 1].
struct feedback {
  static constexpr std::uint16_t type = 13;
  user_id user{};
  impression_id impression{};
  double value = 0;
  std::uint64_t request = 0; ///< comes back with the answer; 0 when nobody waits
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.impression, s.value, s.request); }
  friend bool operator==(const feedback&, const feedback&) = default;
};

/// What a person did with an impression, as a signal that AiPP turns into a reward.
struct graded_feedback {
  static constexpr std::uint16_t type = 46;
  user_id user{};
  impression_id impression{};
  signal what = signal::view;
  std::uint64_t request = 0; ///< comes back with the answer; 0 when nobody waits
  std::string name{};        ///< the signal by name, in place of `what`; empty: `what`
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.impression, s.what, s.request, s.name);
  }
  friend bool operator==(const graded_feedback&, const graded_feedback&) = default;
};

/// Feedback was taken, or refused by name.
struct feedback_verdict : verdict {
  static constexpr std::uint16_t type = 14;
  double engagement = 0; ///< what a reward that was taken counts for beside others, in [−1, 1]
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.code, s.detail, s.engagement); }
  friend bool operator==(const feedback_verdict&, const feedback_verdict&) = default;
};

/// What one shown creation earned.
struct earned {
  creation_id creation = no_creation;
  double reward = 0;      ///< as the host says it
  std::uint32_t slot = 0; ///< in which it was shown, from 0
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.reward, s.slot); }
  friend bool operator==(const earned&, const earned&) = default;
};

/// Rewards for creations of a round's slate, to learn from.
struct reward {
  static constexpr std::uint16_t type = 15;
  user_id user{};
  std::uint64_t round = 0;
  per_slot<earned> entries;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.round, s.entries); }
  friend bool operator==(const reward&, const reward&) = default;
};

/// A person prefers one impression to another. Both have had their feedback then.
struct stated_preference {
  static constexpr std::uint16_t type = 34;
  user_id user{};
  impression_id better{}, worse{};
  std::uint64_t request = 0; ///< comes back with the verdict; 0 when nobody waits
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.better, s.worse, s.request); }
  friend bool operator==(const stated_preference&, const stated_preference&) = default;
};

/// What a person preferred to what, to learn from.
struct comparison {
  static constexpr std::uint16_t type = 35;
  user_id user{};
  creation_id better = no_creation, worse = no_creation;
  std::uint64_t better_round = 0, worse_round = 0; ///< whose slates they were in
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.better, s.worse, s.better_round, s.worse_round);
  }
  friend bool operator==(const comparison&, const comparison&) = default;
};

} // namespace ammo
