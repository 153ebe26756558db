/// The exploiter: ascent on visibility − λ·cost from what it measures itself.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

namespace ammo {

/// Zeroth order. It tries e + step·g/|g|, where g = demand/|demand| − λ(e − grounded), for demand is all that it hears of
/// where visibility lies. The try is kept only where the measured utility did not fall, else it goes back to the best
/// place so far and halves its step. After three tries in a row that failed it tries random lines instead, one way and,
/// should that fail, the other (antithetic: the line's two ends are measured against the same middle), with a step of
/// full length again; a try that pays leads back to demand.
class climbing final : public goal_strategy {
public:
  explicit climbing(const goal_config& config);
  [[nodiscard]] std::unique_ptr<goal_strategy> clone() const override { return std::make_unique<climbing>(*this); }
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override;
  [[nodiscard]] goal_strategy_state save() const override;
  [[nodiscard]] errc restore(const goal_strategy_state& state, std::size_t dim) override;

private:
  enum class stage : std::uint8_t { measuring, trying }; ///< the best so far, or a step away from it
  [[nodiscard]] std::vector<float> next(const goal_view& view);
  [[nodiscard]] std::vector<float> uphill(const goal_view& view) const;

  stage stage_ = stage::measuring;
  std::vector<float> best_, line_;
  double best_utility_ = 0;
  double step_;
  std::uint32_t failed_ = 0; ///< tries in a row
};

} // namespace ammo
