/// Creations: offers, verdicts, and the catalogue of what is live.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/shown.hpp"
#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace ammo {

/// A new creation, or (where `replaces` is set) new coordinates for one.
struct creation_offer {
  static constexpr std::uint16_t type = 4;
  goal_id goal{};
  std::uint64_t key = 0; ///< idempotency key, unique for the Goal Buddy: the same key is charged once
  creation_id replaces = no_creation;
  std::uint64_t content = 0; ///< the host's number for the content
  embedding e;               ///< block-relative coordinates
  embedding grounded;        ///< embedding of the facts it is about; cost grows with the distance to it
  std::uint64_t period = 0;   ///< period of the regret feedback that this answers; 0 when offered unasked
  std::uint64_t request = 0; ///< comes back with the verdict
  shared_item shown{};       ///< what a person is to see; null: as it was
  std::vector<std::uint32_t> tags{}; ///< empty: of a move, as they were; else those of the Goal Buddy
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.key, s.replaces, s.content, s.e, s.grounded, s.period, s.request, s.shown, s.tags);
  }
  friend bool operator==(const creation_offer& a, const creation_offer& b) {
    return a.goal == b.goal && a.key == b.key && a.replaces == b.replaces && a.content == b.content && a.e == b.e &&
           a.grounded == b.grounded && a.period == b.period && a.request == b.request && same(a.shown, b.shown) && a.tags == b.tags;
  }
};

/// A creation is taken back.
struct creation_withdrawal {
  static constexpr std::uint16_t type = 5;
  goal_id goal{};
  creation_id creation = no_creation;
  std::uint64_t request = 0; ///< comes back with the verdict
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.creation, s.request); }
  friend bool operator==(const creation_withdrawal&, const creation_withdrawal&) = default;
};

/// A Goal Buddy leaves everything as it is in this period.
struct creation_pass {
  static constexpr std::uint16_t type = 6;
  goal_id goal{};
  std::uint64_t period = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.period); }
  friend bool operator==(const creation_pass&, const creation_pass&) = default;
};

/// What became of an offer or a withdrawal. Live from the next version on.
struct creation_verdict : verdict, creation_receipt {
  static constexpr std::uint16_t type = 7;
  goal_id goal{};
  std::uint64_t key = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.key, s.code, s.detail, s.creation, s.cost_micros, s.balance_micros, s.request);
  }
  friend bool operator==(const creation_verdict&, const creation_verdict&) = default;
};

/// The creations that are live from now on. Inside a process the catalogue version itself is shared; on the wire it
/// is its rows (see codec.hpp).
struct catalogue_news {
  static constexpr std::uint16_t type = 8;
  std::shared_ptr<const catalogue_version> snapshot; ///< never null
  std::vector<creation_id> fresh;                  ///< ids that were not live in the version before
};

} // namespace ammo
