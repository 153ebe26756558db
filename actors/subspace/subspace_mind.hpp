/// The mind of a Subspace: its catalogue, its Goal Buddies' accounts, the price of creating, and the regret
/// feedback that it broadcasts. Pure.
#pragma once

#include "actors/evolution/fitness_book.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/space/catalogue.hpp"
#include "actors/space/layout.hpp"
#include "actors/subspace/group_estimate.hpp"
#include "actors/subspace/ledger.hpp"
#include "actors/subspace/owner_counts.hpp"
#include "actors/subspace/slot_market.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ammo {

/// What creating costs and what a subspace holds.
struct subspace_config {
  subspace_id id{};
  block coordinates{};
  float norm_cap = 1.0f;
  std::uint32_t capacity = 1u << 20;            ///< most live creations
  std::int64_t price_micros = 1'000;            ///< fixed price of a creation
  std::int64_t distance_price_micros = 100'000; ///< price of a unit of ½|e − grounded|²
  std::int64_t slot_price_micros = 0;           ///< told in the regret feedback
  std::uint32_t creations_per_owner = 1u << 20; ///< quota; refused as `cap_owner`
  slot_sale sale = slot_sale::value;            ///< how slots are shared between Goal Buddies
  std::uint64_t horizon = 100;                  ///< periods that a budget is to last where slots are sold
  std::uint32_t goals_per_owner = 1u << 20;     ///< quota; refused as `cap_owner`
  std::int64_t income_micros = 0;               ///< what a Goal Buddy earns with a unit of engagement
  std::uint32_t crowd = 5;                      ///< people that a figure which Goal Buddies hear stands for at least; 0: it is exact
  std::uint64_t seed = 1;                       ///< of what is rounded
  double near_duplicate = 0;                    ///< cosine distance within which creations count as nearly the same; 0: off
};

/// What a creation costs at ½|e − grounded|² = `distance`: the subspace's fixed price, and the distance's, rounded up to a whole
/// micro-unit. Errors: `not_finite`, `budget_overflow`.
[[nodiscard]] result<std::int64_t> price_at(double distance, std::int64_t price_micros, std::int64_t distance_price_micros);

struct subspace_mind_state;

class subspace_mind {
public:
  explicit subspace_mind(const subspace_config& config);

  /// Verdicts that are kept for one Goal Buddy, of each series of keys.
  static constexpr std::size_t remembered = ledger::remembered;

  /// A Goal Buddy of which no creation was ever taken may join anew: its account and verdicts are forgotten first.
  /// Errors: `duplicate_goal`, `budget_negative`, `budget_overflow`, `cap_owner` (the owner's quota of Goal Buddies), `bad_value` (more
  /// than `most_tags` tags).
  result<void> join(const join_goal& g);
  /// Forgets a Goal Buddy of which no creation was ever taken, and its budget. False: it isn't such a one.
  bool forget(goal_id goal);
  /// Charges and takes an offer: reserve, catalogue, commit; a refusal releases. Cost = price_micros +
  /// ceil(distance_price_micros · ½|e − grounded|²). The same (goal, key) again answers as the first time and
  /// charges nothing; keys count up, and one below the `remembered` last ones is `bad_value`. The other refusals:
  /// `unknown_goal`, `unknown_creation`, `not_owner`, `wrong_dimension`, `not_finite`, `norm_over_cap`,
  /// `budget_exceeded`, `budget_overflow`, `catalogue_full`, `cap_owner`.
  creation_verdict offer(const creation_offer& o);
  /// Where a Goal Buddy that comes back after a failure stands: the creation that it made last, under the last key that it has used.
  /// Nothing where none of its own was ever taken, or that one was withdrawn.
  [[nodiscard]] std::optional<creation_verdict> standing_of(goal_id goal) const;
  /// Forgets a Goal Buddy with everything: what it has live, its account, its verdicts. The same id may join anew. False: not known.
  bool remove(goal_id goal);
  /// Takes a creation back, or with `no_creation` all that the Goal Buddy has live; nothing is refunded. Refusals: `unknown_goal`,
  /// `unknown_creation` (also where nothing is live), `not_owner`.
  creation_verdict withdraw(const creation_withdrawal& w);
  /// The next period, and the ids that are new in it. The same period again, with nothing new, when nothing has changed.
  catalogue_news publish();
  /// See `catalogue::begin_term`.
  void begin_term(std::uint64_t term) noexcept { catalogue_.begin_term(term); }
  /// Merges the MetaSpace shards' reports of one period (any order: sums are exact) into the broadcast.
  /// Demand is summed in the order of creation ids, with coordinates from the last published period; creations that are
  /// no longer live there have no part in it. Reports of other periods are ignored.
  /// What the group likes is learned from period to period, in ascending order, from each once.
  [[nodiscard]] regret_feedback merge(std::uint64_t period, const std::vector<attention_report>& reports);
  /// The broadcast as Goal Buddies hear it: exposures rounded (see `published`), demand computed from these. `people`: who had the
  /// slates, each about as many.
  [[nodiscard]] regret_feedback for_creators(const regret_feedback& f, std::uint64_t people) const;

  /// The Goal Buddies whose published creations match an interest best, at most `most` creations: they may create for it.
  /// Errors: `wrong_dimension`, `not_finite`.
  [[nodiscard]] result<std::vector<goal_id>> matching(std::span<const float> v, std::size_t most) const;

  /// What others offer close to a place, as published: of the 64 creations with the largest dot product with it the nearest
  /// ones, one for each Goal Buddy that has a title, `most_neighbours` at most. Errors: `wrong_dimension`, `not_finite`.
  [[nodiscard]] result<std::vector<neighbour>> nearby(goal_id but, std::span<const float> place) const;

  /// Credits every Goal Buddy with what the engagement in that broadcast earns, to the micro-unit; before `sell`. Returns how
  /// many it couldn't credit within 64 bits (`budget_overflow`).
  [[nodiscard]] std::uint64_t earn(const regret_feedback& f);

  /// Where slots are sold: charges every Goal Buddy for its impressions in that broadcast, exactly and never beyond its
  /// balance, and says on what terms it ranks from now on. Nothing where slots aren't sold. What was moved or withdrawn is
  /// paid for too, until the second sale after that.
  [[nodiscard]] std::optional<slot_terms> sell(const regret_feedback& f);

  /// Of each Goal Buddy that competes (wants the news) and has created: its share of that broadcast's rounds, less `lambda` times
  /// its creation's error ½|e − grounded|². By Goal Buddy, ascending.
  struct goal_utility {
    goal_id goal{};
    double utility = 0;
  };
  [[nodiscard]] std::vector<goal_utility> utilities(const regret_feedback& f, double lambda, bool by_merit = false) const;

  /// The strains that its Goal Buddies play from now on. False: there are none for them. Errors: those of `check`.
  result<bool> deal(const strain_news& m);
  /// The strains that are played, for a Goal Buddy that comes later; null: none are.
  [[nodiscard]] const strain_news* strains() const noexcept { return strains_ ? &*strains_ : nullptr; }
  /// How the strains did in that broadcast, by `utilities`; once a broadcast. Nothing where none are played.
  [[nodiscard]] std::optional<strain_report> score_strains(const regret_feedback& f, double lambda, bool by_merit = false);

  [[nodiscard]] const ledger& accounts() const noexcept { return ledger_; }
  [[nodiscard]] std::size_t live() const noexcept { return catalogue_.live(); }
  /// Its Goal Buddies that have created, in no order.
  [[nodiscard]] std::vector<goal_id> creators() const;

  [[nodiscard]] subspace_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself or doesn't fit the
  /// configuration.
  [[nodiscard]] static result<subspace_mind> restore(const subspace_config& config, const subspace_mind_state& state);

private:
  [[nodiscard]] result<void> adopt(const subspace_mind_state& state);
  struct member {
    owner_id owner{};
    bool created = false; // was a creation of it ever taken
    earnings earned{};
    creation_id creation = no_creation; // the last one that it made itself
    bool competes = false;
    double error = 0;     // ½|e − grounded|² of the creation taken last
    std::string title{};
    std::vector<std::uint32_t> tags{}; // ascending
    std::vector<creation_id> live{};
  };
  void retire_all(goal_id goal, member& m);
  result<creation_id> take(const creation_offer& o, std::int64_t& charged);
  [[nodiscard]] result<std::int64_t> cost_of(const creation_offer& o) const;
  [[nodiscard]] embedding demand_of(const std::vector<exposure>& exposures) const;
  void left(creation_id id, goal_id goal);
  [[nodiscard]] std::optional<goal_id> payer_of(creation_id id) const;
  [[nodiscard]] result<void> check_place(std::span<const float> v) const;

  subspace_config config_;
  catalogue catalogue_;
  ledger ledger_;
  slot_market market_;
  std::shared_ptr<const catalogue_version> published_;
  group_estimate group_;
  std::optional<std::uint64_t> estimated_; // the last period that `group_` has learned
  std::unordered_map<std::uint64_t, member> members_;                  // by goal
  owner_counts live_of_owner_, goals_of_owner_;
  using verdicts = std::array<std::map<std::uint64_t, creation_verdict>, key_series>;
  std::unordered_map<std::uint64_t, verdicts> answered_; // by goal, series of keys, key; bounded
  std::vector<creation_id> fresh_;
  std::uint64_t sales_ = 0;
  std::unordered_map<std::uint64_t, goal_id> left_, left_before_; // by creation: no longer live since the last sale, and the one before
  std::optional<strain_news> strains_; // that Goal Buddies play
  fitness_book fitness_;               // of them
};

} // namespace ammo
