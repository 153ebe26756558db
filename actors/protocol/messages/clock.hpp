/// The clock of a simulation.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// User Buddies play so many rounds, then stop.
struct clock_tick {
  static constexpr std::uint16_t type = 19;
  std::uint64_t period = 0;
  std::uint32_t rounds = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period, s.rounds); }
  friend bool operator==(const clock_tick&, const clock_tick&) = default;
};

/// All people of a shard have had their rounds. `slate`, `stated`: the period's regret by round.
struct period_played {
  static constexpr std::uint16_t type = 20;
  std::uint64_t period = 0;
  std::uint32_t shard = 0;
  std::vector<fixed_sum> stated, slate; ///< one entry a round, summed over the shard's people
  std::uint64_t hits = 0;               ///< slates with a held-out choice in them, of the slates below
  std::uint64_t hit_slates = 0;         ///< slates of people with held-out choices
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.shard, s.stated, s.slate, s.hits, s.hit_slates);
  }
  friend bool operator==(const period_played&, const period_played&) = default;
};

/// A Subspace is to publish what is live.
struct period_open {
  static constexpr std::uint16_t type = 21;
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period); }
  friend bool operator==(const period_open&, const period_open&) = default;
};

/// A Subspace has published, and everyone has been sent it.
struct period_opened {
  static constexpr std::uint16_t type = 22;
  subspace_id subspace{};
  std::uint64_t period = 0;
  std::uint64_t live = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period, s.live); }
  friend bool operator==(const period_opened&, const period_opened&) = default;
};

/// The period is over: regret feedback goes on its way, or a generation ends.
struct period_close {
  static constexpr std::uint16_t type = 23;
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.period); }
  friend bool operator==(const period_close&, const period_close&) = default;
};

/// The regret is broadcast, and every Goal Buddy has answered.
struct period_closed {
  static constexpr std::uint16_t type = 24;
  subspace_id subspace{};
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.period); }
  friend bool operator==(const period_closed&, const period_closed&) = default;
};

} // namespace ammo
