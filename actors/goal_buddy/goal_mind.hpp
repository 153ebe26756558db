/// The mind of a Goal Buddy: owns one creation, knows its grounded facts, and answers each regret broadcast with a better
/// creation or none. Sees what a real creator would (its own visibility, the group's broadcast, prices, its balance), never a q. Pure.
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
[[nodiscard]] result<goal_policy> goal_policy_named(std::string_view name);

struct goal_config {
  goal_policy policy = goal_policy::fixed;
  double lambda = 1.0;       ///< weight of the cost ½|e − grounded|² against visibility
  double step = 0.1;         ///< length of a step along the ascent direction
  float norm_cap = 1.0f;
  std::uint32_t patience = 5;///< epochs between two steps at least
  std::uint64_t seed = 1;
};

class goal_mind {
public:
  /// `grounded`: block-relative embedding of what is true; `content`: the host's number for it.
  goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content, std::vector<float> grounded);

  [[nodiscard]] goal_id goal() const noexcept { return goal_; }
  /// The first offer: its grounded facts as they are.
  [[nodiscard]] creation_offer first();
  /// Its move after an epoch. Ascent: e ← clip(e + step·g/|g|) with g = demand-weighted gradient of visibility − λ(e − grounded);
  /// kept only where the measured utility P − λ·Cost did not fall, else it returns to the best creation so far.
  [[nodiscard]] std::variant<creation_offer, creation_pass> hear(const regret_feedback& f);
  /// What became of an offer.
  void told(const creation_verdict& v);
  [[nodiscard]] creation_id creation() const noexcept { return creation_; }
  [[nodiscard]] const std::vector<float>& e() const noexcept { return e_; }

private:
  goal_config config_;
  goal_id goal_;
  owner_id owner_;
  std::uint64_t content_;
  std::vector<float> grounded_;
  std::vector<float> e_;
  creation_id creation_ = no_creation;
  std::uint64_t next_key_ = 1;
  std::int64_t balance_micros_ = 0;
  // The implementer's: the offer under way, the best so far, when it last moved.
};

} // namespace ammo
