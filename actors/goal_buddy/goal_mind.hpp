/// The mind of a Goal Buddy: owns one creation, knows its grounded facts, and answers each regret broadcast with a
/// better creation or none. Sees what a real creator would (its own visibility, the group's broadcast, prices, its
/// balance), never a q. Pure.
#pragma once

#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace ammo {

enum class goal_policy : std::uint8_t {
  fixed,  ///< offers its grounded facts once ("static")
  ascent, ///< climbs P(e ∈ S) − λ·Cost(e)
};
[[nodiscard]] std::string_view name_of(goal_policy p) noexcept; ///< "static", "ascent"
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<goal_policy> goal_policy_named(std::string_view name);

struct goal_config {
  goal_policy policy = goal_policy::fixed;
  double lambda = 1.0;       ///< weight of the cost ½|e − grounded|² against visibility
  double step = 0.1;         ///< longest step; halved (down to 1/16) after one that didn't pay, else doubled
  float norm_cap = 1.0f;
  std::uint32_t patience = 5; ///< epochs that a utility is measured for, between two steps
  std::uint64_t seed = 1;
};

class goal_mind {
public:
  /// `grounded`: block-relative embedding of what is true; `content`: the host's number for it.
  goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content, std::vector<float> grounded);

  [[nodiscard]] goal_id goal() const noexcept { return goal_; }
  /// The first offer: its grounded facts as they are.
  [[nodiscard]] creation_offer first();
  /// Its move after an epoch. Ascent, zeroth order: every `patience` epochs it tries e ← clip(e + step·g/|g|) with
  /// g = demand/|demand| − λ(e − grounded), for demand is all that it sees of where visibility lies. The try is kept
  /// only where the measured utility (own impressions / rounds − λ·½|e − grounded|², mean of `patience` epochs) did not
  /// fall, else it returns to the best creation so far and halves its step. It tries only what its balance covers, the
  /// way back included, as far as past verdicts tell the price. Never offers a number that isn't finite; passes while
  /// an offer is under way, and without a creation.
  [[nodiscard]] std::variant<creation_offer, creation_pass> hear(const regret_feedback& f);
  /// Somebody is interested in v (block-relative): an ascent's next step leans towards what it heard since the last one, as
  /// much as towards demand. Ignored: another number of coordinates, one that isn't finite, no direction.
  void hear(const interest_notice& m);
  /// What became of an offer: live, or refused, and then it stays with what it has. A verdict on another key is
  /// ignored.
  void told(const creation_verdict& v);
  [[nodiscard]] std::int64_t balance_micros() const noexcept { return balance_micros_; } ///< as of the last verdict
  [[nodiscard]] creation_id creation() const noexcept { return creation_; }
  [[nodiscard]] const std::vector<float>& e() const noexcept { return e_; }

private:
  enum class stage : std::uint8_t { measuring, trying }; ///< the best so far, or a step away from it

  [[nodiscard]] creation_offer offer(std::vector<float> e, std::uint64_t epoch);
  [[nodiscard]] double error_of(const std::vector<float>& e) const noexcept; ///< ½|e − grounded|²
  [[nodiscard]] std::vector<float> step_from(const std::vector<float>& e, const std::vector<float>& demand) const;
  [[nodiscard]] double price_of(const std::vector<float>& e) const noexcept;
  [[nodiscard]] bool affords(const std::vector<float>& e) const noexcept;
  void measure(const regret_feedback& f) noexcept;
  [[nodiscard]] std::variant<creation_offer, creation_pass> decide(const regret_feedback& f);

  goal_config config_;
  goal_id goal_;
  owner_id owner_;
  std::uint64_t content_;
  std::vector<float> grounded_;
  std::vector<float> e_;
  creation_id creation_ = no_creation;
  std::uint64_t next_key_ = 1;
  std::int64_t balance_micros_ = 0;
  // The offer under way: its key (0: none) and where it would lead.
  std::uint64_t under_way_ = 0;
  std::vector<float> offered_;
  // The climb.
  stage stage_ = stage::measuring;
  std::vector<float> best_;
  double best_utility_ = 0;
  double step_ = 0;
  double visibility_ = 0;       // Σ over the measured epochs
  std::uint32_t measured_ = 0;  // epochs
  std::vector<float> wanted_;   // sum of the interests heard since the last step, each of norm 1; may be empty
  // What verdicts tell of prices.
  double fixed_micros_ = 0;     // of a creation at no distance: the first verdict's
  double distance_micros_ = 0;  // of a unit of ½|e − grounded|²: the dearest seen
};

} // namespace ammo
