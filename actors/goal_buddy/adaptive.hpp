/// The adaptive Goal Buddy: optimistic Hedge over kinds of moves, each tried and measured.
#pragma once

#include "actors/goal_buddy/audience.hpp"

#include <array>
#include <cstddef>

namespace ammo {

/// Knows the best place so far (`home`) and what it is worth there, and tries moves away from it. Of which kind, optimistic
/// Hedge says (Rakhlin & Sridharan, "Online learning with predictable sequences", COLT 2013: the last payoff counts twice),
/// with a payoff of the gain over home, weighted by 1/probability since only the kind that was played is seen, and every
/// kind played with at least 5 %. A try that measures better is the new home; the step of a kind that has one is doubled by
/// success and halved by failure. It tries in every turn at first, and in a share of them that falls to `curiosity`; else
/// it is at home and measures that anew.
class adaptive final : public goal_strategy {
public:
  /// Kinds of moves.
  enum class kind : std::uint8_t {
    answer,  ///< the best response to the people as it guesses them (see `audience`): a draw from what may be, so it explores
    hope,    ///< the same, were they easier to win
    demand,  ///< a step along the group's demand
    line,    ///< a step along a random line, the other way if the first end was worse
    truth,   ///< a step back towards its facts: the same visibility for less
    end_
  };

  explicit adaptive(const goal_config& config);
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override;

private:
  static constexpr std::size_t kinds = static_cast<std::size_t>(kind::end_);
  using weights = std::array<double, kinds>;

  void judge(const goal_view& view);
  [[nodiscard]] weights probabilities() const;
  [[nodiscard]] std::vector<float> attempt(kind k, const goal_view& view, splitmix64& g);
  [[nodiscard]] std::vector<float> answered(double margin, const goal_view& view, splitmix64& g) const;

  std::vector<float> home_, line_;
  double home_utility_ = 0;
  audience people_;
  std::optional<kind> trying_;
  double probability_ = 1;                ///< of the kind being tried
  weights gains_{}, last_{}, steps_;
  bool other_end_ = false;
};

} // namespace ammo
