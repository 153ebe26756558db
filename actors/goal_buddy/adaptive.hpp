/// The adaptive Goal Buddy: gets to know its people where the world is still, and where it isn't, tries moves by
/// optimistic Hedge. What it tries it measures, and it stays at the best.
#pragma once

#include "actors/goal_buddy/audience.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace ammo {

/// Knows the best place so far (`home`) and what it is worth there, and tries other places. A try that measures better is
/// the new home. It tries in every turn at first, and in a share of them that falls to `curiosity`; else it is at home.
///
/// In a still world (see `audience`) it first goes where nobody is shown it, then where demand is, then in turns towards
/// somebody it doesn't know and to the best place by what it believes (see `prospect`). At first it is drawn to where most is
/// to be learnt, too: to people of whom it is as likely as not that they are shown it there. That fades. In the long run it
/// leaves home only for a place that it expects to be better.
///
/// Else it moves away from home by one of few kinds of moves. Of which kind, optimistic Hedge says (Rakhlin & Sridharan,
/// "Online learning with predictable sequences", COLT 2013: the last payoff counts twice), with a payoff of the gain over
/// home, weighted by 1/probability since only the kind that was played is seen, and every kind played with at least 5 %.
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
  [[nodiscard]] std::vector<float> met(const goal_view& view, splitmix64& g);
  [[nodiscard]] std::vector<float> answered(const goal_view& view, splitmix64& g) const;
  [[nodiscard]] std::vector<float> hedged(const goal_view& view, splitmix64& g);
  [[nodiscard]] weights probabilities() const;
  [[nodiscard]] std::vector<float> attempt(kind k, const goal_view& view, splitmix64& g);

  std::vector<float> home_, line_;
  double home_utility_ = 0;
  audience people_;
  std::uint32_t meetings_ = 0; ///< tries among the people it gets to know
  bool trying_ = false;
  bool knows_prices_ = false;  ///< was away from its facts: what far moves cost is known, and they are offered only if affordable
  std::optional<kind> kind_;   ///< of what is tried, by Hedge
  double probability_ = 1;     ///< of that kind
  weights gains_{}, last_{}, steps_;
  bool other_end_ = false;
};

} // namespace ammo
