/// Who is here: joining and leaving, and how a host has users and Goal Buddies taken in.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/shown.hpp"
#include "actors/protocol/written.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// A user exists here. From a Subspace: the User Buddy has been sent its catalogue. From a clock: it listens as a
/// member does.
struct join {
  static constexpr std::uint16_t type = 1;
  user_id user{};
  std::uint64_t life = 0; ///< of the User Buddy: the Supervisor numbers lives upwards; 0: not numbered
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.life); }
  friend bool operator==(const join&, const join&) = default;
};

/// A Goal Buddy exists, with its budget in micro-units. It comes back to say that the Goal Buddy is a member and
/// may offer.
struct join_goal {
  static constexpr std::uint16_t type = 2;
  goal_id goal{};
  owner_id owner{};
  std::int64_t budget_micros = 0;
  bool wants_catalogue = false; ///< wants catalogue_news, too
  std::string title{};  ///< what others who write may call its creations; empty: nothing
  std::vector<std::uint32_t> tags{}; ///< of its creations
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.budget_micros, s.wants_catalogue, s.title, s.tags);
  }
  friend bool operator==(const join_goal&, const join_goal&) = default;
};

/// A user is gone: no more messages, please.
struct leave {
  static constexpr std::uint16_t type = 3;
  user_id user{};
  std::uint64_t life = 0; ///< of the User Buddy: the Supervisor numbers lives upwards; 0: not numbered
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.life); }
  friend bool operator==(const leave&, const leave&) = default;
};

/// A host wants a user taken in: the Supervisor starts the User Buddy. Answered with `admission`.
struct admit_user {
  static constexpr std::uint16_t type = 29;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const admit_user&, const admit_user&) = default;
};

/// A host wants a user forgotten. Answered with `admission`.
struct dismiss_user {
  static constexpr std::uint16_t type = 30;
  user_id user{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.request); }
  friend bool operator==(const dismiss_user&, const dismiss_user&) = default;
};

/// A host wants a Goal Buddy taken in. Answered with `admission` once its first creation has its verdict.
struct admit_goal {
  static constexpr std::uint16_t type = 31;
  goal_id goal{};
  owner_id owner{};
  subspace_id subspace{};
  std::uint64_t content = 0;
  embedding grounded; ///< block-relative
  std::int64_t budget_micros = 0;
  std::string policy; ///< see goal_policy; empty: the deployment's
  std::uint64_t request = 0;
  std::vector<fact> facts; ///< what may be written of it; empty: it writes nothing
  shared_item shown{};     ///< what a person sees of it; null: its facts "title" and "link"
  std::vector<std::uint32_t> tags{}; ///< of its creations
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.subspace, s.content, s.grounded, s.budget_micros, s.policy, s.request, s.facts,
                    s.shown, s.tags);
  }
  friend bool operator==(const admit_goal& a, const admit_goal& b) {
    return a.goal == b.goal && a.owner == b.owner && a.subspace == b.subspace && a.content == b.content &&
           a.grounded == b.grounded && a.budget_micros == b.budget_micros && a.policy == b.policy &&
           a.request == b.request && a.facts == b.facts && same(a.shown, b.shown) && a.tags == b.tags;
  }
};

/// A host wants a Goal Buddy gone, with everything that it has live. Answered with `creation_verdict`, once nobody is shown any of it.
struct dismiss_goal {
  static constexpr std::uint16_t type = 56;
  goal_id goal{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.request); }
  friend bool operator==(const dismiss_goal&, const dismiss_goal&) = default;
};

/// A Goal Buddy is to end; or it has ended, and nothing of it is to stay. The request is the host's; 0: nobody waits.
struct leave_goal {
  static constexpr std::uint16_t type = 57;
  goal_id goal{};
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.request); }
  friend bool operator==(const leave_goal&, const leave_goal&) = default;
};

/// A user or a Goal Buddy was taken in, or refused by name. The creation is a Goal Buddy's first.
struct admission : verdict, creation_receipt {
  static constexpr std::uint16_t type = 32;
  std::uint64_t life = 0; ///< of the User Buddy that was started
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.request, s.code, s.detail, s.creation, s.cost_micros, s.balance_micros, s.life);
  }
  friend bool operator==(const admission&, const admission&) = default;
};

} // namespace ammo
