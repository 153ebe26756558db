/// Writing: orders for texts, and what was written.
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

/// Somebody wants a text. A host leaves `facts`, `grounded` and `nearby` to the Goal Buddy, which asks its
/// generator; in a generator's own process this is a frame (docs/generators.md). Answered with `written_news`.
struct writing_request {
  static constexpr std::uint16_t type = 48;
  goal_id goal{};
  std::uint64_t request = 0;
  trigger why = trigger::query;
  writing_order order = writing_order::draft;
  std::string text;        ///< words of what is wanted; may be empty where there is a direction
  embedding direction;     ///< where it is to lie, block-relative; may be empty
  std::vector<fact> facts; ///< K: what may be said
  embedding grounded;      ///< where the facts lie
  writing_style style{};
  std::uint64_t seed = 0;
  std::vector<neighbour> nearby; ///< K: what else is offered close by, nearest first
  std::vector<std::string> said; ///< what the same person asked before in their session, oldest first
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.why, s.order, s.text, s.direction, s.facts, s.grounded, s.style, s.seed, s.nearby, s.said);
  }
  friend bool operator==(const writing_request&, const writing_request&) = default;
};

/// What was written, and where it lies; or why nothing was. What it costs and the creation's id come from the Goal
/// Buddy.
struct written_news : verdict, creation_receipt {
  static constexpr std::uint16_t type = 47;
  goal_id goal{};
  written_creation text;
  embedding e; ///< block-relative; a generator's own is taken only where the subspace doesn't understand texts
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.code, s.detail, s.text, s.e, s.creation, s.cost_micros, s.balance_micros);
  }
  friend bool operator==(const written_news&, const written_news&) = default;
};

/// What a person thought of what was written for them in a session. The Goal Buddy doesn't hear who it was.
struct session_feedback {
  static constexpr std::uint16_t type = 62;
  goal_id goal{};
  embedding e;           ///< where what was written lies, block-relative
  double engagement = 0; ///< in [−1, 1]: below 0 they didn't like it
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.e, s.engagement); }
  friend bool operator==(const session_feedback&, const session_feedback&) = default;
};

/// A Goal Buddy asks what others offer close to a place, before it has something written.
struct nearby_request {
  static constexpr std::uint16_t type = 53;
  goal_id goal{};            ///< who asks
  std::uint64_t request = 0; ///< comes back with the answer
  embedding place;           ///< block-relative
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.request, s.place); }
  friend bool operator==(const nearby_request&, const nearby_request&) = default;
};

/// Titles and distances of what others offer close to that place.
struct nearby_creations {
  static constexpr std::uint16_t type = 54;
  std::uint64_t request = 0;
  std::vector<neighbour> nearby; ///< nearest first
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.nearby); }
  friend bool operator==(const nearby_creations&, const nearby_creations&) = default;
};

} // namespace ammo
