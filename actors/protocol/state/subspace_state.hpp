/// What a Subspace's mind and its parts hold, as values.
#pragma once

#include "actors/protocol/messages/content.hpp"
#include "actors/protocol/state/evolution_state.hpp"
#include "actors/space/catalogue_state.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// An amount that is set aside under an idempotency key.
struct reserved_state {
  std::uint64_t key = 0;
  std::int64_t micros = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.key, s.micros); }
};

struct account_state {
  goal_id goal{};
  std::int64_t granted = 0, spent = 0;
  std::vector<reserved_state> open; ///< by key, ascending
  std::vector<std::uint64_t> done;  ///< committed keys, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.goal, s.granted, s.spent, s.open, s.done); }
};

struct ledger_state {
  std::vector<account_state> accounts; ///< by Goal Buddy, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.accounts); }
};

/// What a Goal Buddy's price of slots remembers.
struct slot_price_state {
  std::int64_t budget = 0, spent = 0; ///< micro-units
  double price = 0;                   ///< μ
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.budget, s.spent, s.price); }
};

struct buyer_state {
  goal_id goal{};
  slot_price_state price;
  double earned = 0, periods = 0;
  bool broke = false;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.price, s.earned, s.periods, s.broke);
  }
};

struct slot_market_state {
  std::vector<buyer_state> buyers; ///< by Goal Buddy, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.buyers); }
};

/// The discounted sums of a group's estimate; empty where nothing was learned.
struct group_estimate_state {
  std::vector<double> ee;    ///< Σ n e eᵀ, its upper half by rows
  std::vector<double> ye, e; ///< Σ n ȳ e, Σ n e
  double n = 0, y = 0, yy = 0, rows = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.ee, s.ye, s.e, s.n, s.y, s.yy, s.rows); }
};

struct member_state {
  goal_id goal{};
  owner_id owner{};
  bool created = false;
  std::uint32_t earned_fraction = 0; ///< of a micro-unit, in 2^-32
  creation_id creation = no_creation;
  bool competes = false;
  double error = 0;
  std::string title;
  std::vector<std::uint32_t> tags{}; ///< ascending
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.goal, s.owner, s.created, s.earned_fraction, s.creation, s.competes, s.error, s.title,
                    s.tags);
  }
};

/// A creation that is no longer live, and who pays for what it got until then.
struct departure_state {
  creation_id creation = no_creation;
  goal_id goal{};
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.creation, s.goal); }
};

struct subspace_mind_state {
  static constexpr std::uint16_t kind = 3;
  catalogue_state catalogue;
  ledger_state ledger;
  slot_market_state market;
  group_estimate_state group;
  std::optional<std::uint64_t> estimated;
  std::vector<member_state> members;      ///< by Goal Buddy, ascending
  std::vector<creation_verdict> answered; ///< by Goal Buddy and key, ascending
  std::vector<creation_id> fresh;
  std::uint64_t sales = 0;
  std::vector<departure_state> left, left_before; ///< by creation, ascending
  std::optional<strain_news> strains{};           ///< that Goal Buddies play
  fitness_book_state fitness{};                   ///< of them
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.catalogue, s.ledger, s.market, s.group, s.estimated, s.members, s.answered, s.fresh, s.sales,
                    s.left, s.left_before, s.strains, s.fitness);
  }
};

} // namespace ammo
