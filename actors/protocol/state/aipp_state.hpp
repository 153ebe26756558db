/// What an AiPP shard's mind and its parts hold, as values.
#pragma once

#include "actors/protocol/messages/regret.hpp"
#include "actors/protocol/messages/slates.hpp"
#include "actors/protocol/messages/statistics.hpp"
#include "actors/protocol/state/evolution_state.hpp"
#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace ammo {

/// To whom an impression went.
struct issued_state {
  std::uint64_t counter = 0;
  bool answered = false; ///< at once
  user_id user{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.counter, s.answered, s.user); }
};

/// An impression that awaits feedback, or has had it.
inline constexpr std::uint32_t unknown_slot = ~std::uint32_t{0};

struct awaited_state {
  impression_id id{};
  creation_id creation = no_creation;
  std::uint64_t round = 0;
  bool first = false; ///< of the slate's first slot
  bool open = true;
  std::uint32_t day = 0;
  std::uint32_t slot = unknown_slot; ///< from 0; unknown: of a snapshot from before it was noted
  std::uint8_t arm = 0;              ///< of a comparison with control
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.id, s.creation, s.round, s.first, s.open, s.day, s.slot, s.arm);
  }
};

struct awaiting_user_state {
  user_id user{};
  std::vector<awaited_state> entries; ///< a ring
  std::uint32_t oldest = 0;           ///< where it begins
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.entries, s.oldest); }
};

struct impression_log_state {
  std::uint64_t newest = 0;
  std::vector<issued_state> issued;       ///< by place in the ring of the shard's counter
  std::vector<awaiting_user_state> users; ///< ascending
  std::uint32_t today = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.newest, s.issued, s.users, s.today); }
};

/// A simulated person.
struct person_state {
  user_id user{};
  embedding q;
  std::vector<std::uint64_t> held_out; ///< ascending
  std::uint32_t played = 0;            ///< rounds had in this period
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.q, s.held_out, s.played); }
};

/// An `engagement_scale`.
struct engagement_scale_state {
  std::uint64_t rewards = 0;
  std::int64_t exponents = 0;
  bool beyond = false;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.rewards, s.exponents, s.beyond); }
};

/// Regret of a round of the period.
struct round_regret_state {
  fixed_sum stated, slate;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.stated, s.slate); }
};

/// A slate on its way to a person.
struct undelivered_state {
  std::uint64_t delivery = 0;
  user_id user{};
  std::uint64_t round = 0;
  std::vector<impression> slate;
  occasion why = occasion::round;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.delivery, s.user, s.round, s.slate, s.why); }
};

struct aipp_mind_state {
  static constexpr std::uint16_t kind = 6;
  std::vector<user_id> hosts;                                                 ///< the host's users, ascending
  std::vector<person_state> people;                                           ///< simulated ones, in their order here
  std::vector<std::shared_ptr<const catalogue_version>> catalogues, previous; ///< by subspace; null: none
  impression_log_state log;
  std::uint64_t period = 0, slates = 0, slates_known = 0, hits = 0, hit_slates = 0;
  std::uint32_t rounds = 0;
  std::vector<round_regret_state> regret; ///< by round
  std::vector<exposure> tally;            ///< by creation, ascending
  std::optional<fitness_book_state> fitness;
  std::uint64_t deliveries = 0;               ///< so far
  std::vector<undelivered_state> undelivered; ///< ascending
  std::vector<engagement_scale_state> scales; ///< by subspace; missing: nothing was seen
  std::vector<exposure> votes{};              ///< by creation, ascending
  std::vector<compared_arms> compared{};      ///< by group of people; empty: nothing was compared
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.hosts, s.people, s.catalogues, s.previous, s.log, s.period, s.slates, s.slates_known, s.hits,
                    s.hit_slates, s.rounds, s.regret, s.tally, s.fitness, s.deliveries, s.undelivered, s.scales, s.votes, s.compared);
  }
};

} // namespace ammo
