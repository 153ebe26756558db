/// The adaptive Goal Buddy: tries moves by optimistic Hedge, measures each, and stays at the best place.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace ammo {

/// Knows the best place so far (`home`) and its utility there. A try that measures better is the new home. It tries in every
/// turn at first, and in a share of them that falls to `curiosity`; else it is at home.
///
/// A try moves away from home by one of few kinds of moves. Optimistic Hedge chooses the kind (Rakhlin & Sridharan, "Online
/// learning with predictable sequences", COLT 2013: the last payoff counts twice), with a payoff of the gain over home,
/// weighted by 1/probability since only the kind that was played is seen, and every kind played with at least 5 %.
/// The step of a kind is doubled by success and halved by failure.
class adaptive final : public goal_strategy {
public:
  /// Kinds of moves.
  enum class kind : std::uint8_t {
    demand, ///< a step along the group's demand
    line,   ///< a step along a random line, the other way if the first end was worse
    truth,  ///< a step back towards its facts: the same visibility for less
    end_
  };

  explicit adaptive(const goal_config& config);
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override;
  [[nodiscard]] goal_strategy_state save() const override;
  [[nodiscard]] errc restore(const goal_strategy_state& state, std::size_t dim) override;

private:
  static constexpr std::size_t kinds = static_cast<std::size_t>(kind::end_);
  using weights = std::array<double, kinds>;

  void judge(const goal_view& view);
  void learn(kind k, const goal_view& view, bool better);
  [[nodiscard]] std::vector<float> hedged(const goal_view& view, splitmix64& g);
  [[nodiscard]] weights probabilities() const;
  [[nodiscard]] std::vector<float> attempt(kind k, const goal_view& view, splitmix64& g);

  std::vector<float> home_, line_;
  double home_utility_ = 0;
  bool trying_ = false;
  std::optional<kind> kind_; ///< of what is tried
  double probability_ = 1;   ///< of that kind
  weights gains_{}, last_{}, steps_;
  bool other_end_ = false;
};

} // namespace ammo
