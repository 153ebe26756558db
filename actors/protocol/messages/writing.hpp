/// Writing: orders for texts, and what was written.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/written.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// Host → Supervisor → Goal Buddy (`facts`, `grounded`, `nearby`: left to it) and Goal Buddy → generator, which is no
/// actor: write this. Answered with `written_news`. In a generator's own process it is a frame (docs/generators.md).
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
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.why, s.order, s.text, s.direction, s.facts, s.grounded, s.style, s.seed, s.nearby);
  }
  friend bool operator==(const writing_request&, const writing_request&) = default;
};

/// Generator → Goal Buddy → Host: what was written, and where it lies; or why nothing was. What it costs and the creation's
/// id come from the Goal Buddy.
struct written_news {
  static constexpr std::uint16_t type = 47;
  goal_id goal{};
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::string detail;
  written_creation text;
  embedding e; ///< block-relative; a generator's own is taken only where the subspace doesn't understand texts
  creation_id creation = no_creation;
  std::int64_t cost_micros = 0, balance_micros = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.request, s.code, s.detail, s.text, s.e, s.creation, s.cost_micros, s.balance_micros);
  }
  friend bool operator==(const written_news&, const written_news&) = default;
};

/// Goal Buddy → Subspace: what do others offer close to a place? And the answer.
struct nearby_request {
  static constexpr std::uint16_t type = 53;
  goal_id goal{};            ///< who asks
  std::uint64_t request = 0; ///< comes back with the answer
  embedding place;           ///< block-relative
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.request, s.place); }
  friend bool operator==(const nearby_request&, const nearby_request&) = default;
};
struct nearby_creations {
  static constexpr std::uint16_t type = 54;
  std::uint64_t request = 0;
  std::vector<neighbour> nearby; ///< nearest first
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.nearby); }
  friend bool operator==(const nearby_creations&, const nearby_creations&) = default;
};

} // namespace ammo
