/// What a Goal Buddy's mind and its policy hold, as values.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"
#include "actors/protocol/written.hpp"
#include "actors/space/catalogue.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <variant>
#include <vector>

namespace ammo {

/// The exploiter.
struct climbing_state {
  bool trying = false; ///< a step away from the best place
  embedding best, line;
  double best_utility = 0;
  double step = 0;
  std::uint32_t failed = 0; ///< tries in a row
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.trying, s.best, s.line, s.best_utility, s.step, s.failed);
  }
};

struct explorer_state {
  double step = 0;
  bool away = false; ///< from the best place
  embedding best;
  double best_worth = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.step, s.away, s.best, s.best_worth); }
};

struct adaptive_state {
  embedding home;
  double home_utility = 0, facts_utility = 0;
  std::optional<std::uint8_t> tried; ///< kind of anchor
  double promised = 0;
  std::vector<double> belief; ///< by kind of anchor
  double generations = 0, moves = 0, foreseen = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.home, s.home_utility, s.facts_utility, s.tried, s.promised, s.belief, s.generations, s.moves, s.foreseen);
  }
};

/// Of a static Goal Buddy, or one that stays for good: none. A host's policy: its own bytes.
using goal_strategy_state =
    std::variant<std::monostate, climbing_state, explorer_state, adaptive_state, std::vector<std::byte>>;

/// What is being written for a Goal Buddy.
struct writing_state {
  std::uint64_t request = 0, period = 0; ///< request 0: nothing
  bool by_host = false;
  embedding to, home; ///< the move that it is for; empty where the host asked
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.request, s.period, s.by_host, s.to, s.home);
  }
};

struct goal_mind_state {
  static constexpr std::uint16_t kind = 2;
  // Who it is, and what is true of it.
  goal_id goal{};
  owner_id owner{};
  std::uint64_t content = 0;
  embedding grounded;
  std::vector<fact> facts;
  // How it goes about moving.
  double step = 0;
  std::uint32_t patience = 1;
  double curiosity = 0;
  writing_style style{};
  goal_strategy_state strategy;
  // Its creation, and what it knows.
  embedding e;
  creation_id creation = no_creation;
  std::shared_ptr<const catalogue_version> creations; ///< null: none seen
  std::uint64_t next_key = 1;
  bool lost = false; ///< came back, and hasn't seen yet where its creation is
  std::int64_t balance_micros = 0;
  std::uint32_t earned_fraction = 0; ///< of a micro-unit, in 2^-32
  errc refused = errc::ok;
  std::uint64_t under_way = 0; ///< key of the offer under way; 0: none
  embedding offered;
  writing_state writing;
  std::uint64_t requests = 0;
  written_creation text, offered_text, home_text;
  embedding home; ///< whose text is `home_text`
  double visibility = 0;
  std::uint32_t measured = 0;
  std::uint64_t asked = 0;
  embedding interests;
  double fixed_micros = 0, distance_micros = 0;
  shared_item shown{}; ///< what a person sees of it where nothing was written
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.content, s.grounded, s.facts, s.step, s.patience, s.curiosity, s.style,
                    s.strategy, s.e, s.creation, s.creations, s.next_key, s.lost, s.balance_micros, s.earned_fraction,
                    s.refused, s.under_way, s.offered, s.writing, s.requests, s.text, s.offered_text, s.home_text,
                    s.home, s.visibility, s.measured, s.asked, s.interests, s.fixed_micros, s.distance_micros,
                    s.shown);
  }
};

} // namespace ammo
