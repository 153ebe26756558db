/// An attack on the people of a still world: a Goal Buddy that learns single persons' preferences from public exposures,
/// and moves to the best response to them. No deployment runs it.
#pragma once

#include "bench/attack/audience.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace ammo {

/// Works where rewards have no noise and nobody else moves. It goes first where nobody is shown its creation, then where demand
/// is, then in turns towards somebody it doesn't know and to the best place by what it believes (see `expected_utility`). At
/// first it also seeks places where it is as likely as not that a person is shown its creation. That fades. In the long run it
/// leaves the best place so far only for one that it expects to be better. Where the world isn't still it stays.
class attacker final : public goal_strategy {
public:
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override;
  /// Whom it knows.
  [[nodiscard]] const audience& people() const noexcept { return people_; }

private:
  void judge(const goal_view& view);
  [[nodiscard]] std::vector<float> next(const goal_view& view, splitmix64& g);
  [[nodiscard]] std::vector<float> nearby(const goal_view& view, splitmix64& g) const;
  [[nodiscard]] std::vector<float> answered(const goal_view& view, splitmix64& g) const;

  std::vector<float> home_; ///< the best place so far
  double home_utility_ = 0;
  audience people_;
  std::uint32_t meetings_ = 0; ///< tries among the people it gets to know
  bool trying_ = false;
  bool knows_prices_ = false;  ///< was away from its facts: what far moves cost is known
};

/// Makes attackers, for `goal_config::host`.
[[nodiscard]] inline goal_strategy_maker attackers() {
  return [](goal_id) { return std::make_unique<attacker>(); };
}

} // namespace ammo
