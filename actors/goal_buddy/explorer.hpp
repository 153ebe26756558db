/// The explorer: goes where few others are, within reach of what is demanded.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

namespace ammo {

/// Of 16 random steps from the best place so far it takes the one with the most novelty, which is 1 − (dot product with
/// the nearest other creation), plus the part of demand's direction in it, minus λ·cost. A place is the best so far
/// where novelty plus measured utility is highest; a place that is not seen at all, while the best one is, is left again.
class explorer final : public goal_strategy {
public:
  explicit explorer(const goal_config& config);
  [[nodiscard]] std::unique_ptr<goal_strategy> clone() const override { return std::make_unique<explorer>(*this); }
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override { away_ = false; }
  [[nodiscard]] goal_strategy_state save() const override;
  [[nodiscard]] errc restore(const goal_strategy_state& state, std::size_t dim) override;

private:
  double step_;
  bool away_ = false; ///< from the best place
  std::vector<float> best_;
  double best_worth_ = 0;
};

} // namespace ammo
