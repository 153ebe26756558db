/// The adaptive Goal Buddy: goes where public exposures promise it visibility, measures what it gets there, and stays where that pays.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ammo {

/// Knows the best place so far (`home`), what it measured there, and what it measured at its facts.
///
/// A try is a place on the arc from its facts to an *anchor*, which is the direction of demand or one of the most visible creations of
/// others. What is seen there promises visibility: a User Buddy ranks creations by e·q, so a creation close to one that is seen is
/// seen, too. It tries the place with the highest promised utility, if that beats home's by a margin. It measures the try, and
/// stays if it is better than home, else it goes back. Its belief in a kind of promise is then what it got of what was promised.
///
/// Visibility is shared, and others read the same broadcast. It counts how many of them move, and tries as often as lets a few of
/// them try in the same turn. Where all adapt, it hardly ever tries.
class adaptive final : public goal_strategy {
public:
  /// What a promise rests on.
  enum class anchor : std::uint8_t {
    demand, ///< where engagement lies
    other,  ///< a visible creation of another
    end_
  };

  [[nodiscard]] std::unique_ptr<goal_strategy> clone() const override { return std::make_unique<adaptive>(*this); }
  [[nodiscard]] std::optional<goal_move> move(const goal_view& view) override;
  void not_moved() override;
  [[nodiscard]] goal_strategy_state save() const override;
  [[nodiscard]] errc restore(const goal_strategy_state& state, std::size_t dim) override;

private:
  static constexpr std::size_t anchors = static_cast<std::size_t>(anchor::end_);
  struct place {
    std::vector<float> e;
    anchor near = anchor::demand;
    double visibility = 0, utility = -1e300; ///< as promised; the cost counts twice
  };

  void count_moves(const goal_view& view);
  void judge(const goal_view& view);
  [[nodiscard]] double chance_of_trying(const goal_view& view);
  [[nodiscard]] std::optional<place> most_promising(const goal_view& view) const;

  std::vector<float> home_; ///< empty: where it is now
  double home_utility_ = 0, facts_utility_ = 0;
  std::optional<anchor> tried_;     ///< where it is now is a try
  double promised_ = 0;             ///< visibility there
  std::array<double, anchors> belief_{1, 1}; ///< in each kind of promise: the share of it that is expected
  // Of others:
  double generations_ = 0; ///< of all live creations, when it last looked
  double moves_ = 0;       ///< since it began
  double foreseen_ = 0;    ///< tries until now, had all others adapted
};

} // namespace ammo
