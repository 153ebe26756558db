/// What a MetaSpace shard's minds hold, as values: its arbitration, and its push index.
#pragma once

#include "actors/protocol/messages/regret.hpp"
#include "actors/protocol/messages/statistics.hpp"
#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace ammo {

/// The merit of a creation whose impressions AiPP hasn't reported yet.
struct merit_state {
  creation_id creation = no_creation;
  fixed_sum merit;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.merit); }
};

struct metaspace_mind_state {
  static constexpr std::uint16_t kind = 4;
  std::uint64_t next_impression = 1;
  std::vector<std::shared_ptr<const catalogue_version>> catalogues; ///< by subspace; null: none seen
  std::vector<slot_terms> terms;                                    ///< by subspace; empty: no slots are sold
  std::uint64_t period_offered = 0;
  std::vector<std::uint64_t> period_granted; ///< by subspace
  std::vector<merit_state> merits;           ///< by creation, ascending
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.next_impression, s.catalogues, s.terms, s.period_offered,
                    s.period_granted, s.merits);
  }
};

/// What a user asks of a new creation of one subspace.
struct watched_state {
  embedding unit; ///< the anchor's direction; not of length 1 only where the anchor is 0
  float threshold = 0, slack = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.unit, s.threshold, s.slack); }
};

struct watcher_state {
  user_id user{};
  std::vector<creation_id> slate;
  bool doubtful = false;              ///< has lost a creation of the slate
  std::vector<watched_state> watched; ///< by subspace
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.user, s.slate, s.doubtful, s.watched); }
};

/// What was new in a version of a catalogue.
struct edition_state {
  std::uint64_t version = 0;
  std::vector<creation_id> fresh, replaced;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.version, s.fresh, s.replaced); }
};

struct watched_catalogue_state {
  std::shared_ptr<const catalogue_version> catalogue; ///< null: none seen
  std::vector<edition_state> editions;                ///< by version, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.catalogue, s.editions); }
};

/// The registrations; the index over them is built anew.
struct watch_book_state {
  static constexpr std::uint16_t kind = 5;
  std::vector<watched_catalogue_state> catalogues; ///< by subspace
  std::vector<watcher_state> watchers;             ///< by user, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.catalogues, s.watchers); }
};

} // namespace ammo
