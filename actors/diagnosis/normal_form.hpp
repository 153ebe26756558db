/// Games of any number of players in a table: the empirical game among policies, how far a profile is from
/// equilibrium, and where best responses lead. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace ammo {

/// One action for each player.
using pure_profile = std::vector<std::size_t>;
/// A distribution over actions for each player; each sums to 1.
using mixed_profile = std::vector<std::vector<double>>;
/// What `player` gains where all play the profile.
using payoff_function = std::function<double(std::size_t player, const pure_profile&)>;

/// A game as its payoffs. Profiles are numbered with the last player's action running fastest.
class normal_form {
public:
  /// The most profiles that a table holds.
  static constexpr std::size_t most_profiles = 10'000'000;

  /// Asks `payoff` for every player and profile; `actions[p]` is how many player p has.
  /// Errors: `wrong_dimension` without players or actions, `overloaded` above `most_profiles`, `not_finite`.
  static result<normal_form> tabulate(std::vector<std::size_t> actions, const payoff_function& payoff);

  [[nodiscard]] std::size_t players() const noexcept { return actions_.size(); }
  [[nodiscard]] std::span<const std::size_t> actions() const noexcept { return actions_; }
  [[nodiscard]] std::size_t profiles() const noexcept { return profiles_; }
  /// The number of a profile and back; actions within bounds (asserted).
  [[nodiscard]] std::size_t number(const pure_profile& profile) const;
  [[nodiscard]] pure_profile profile(std::size_t number) const;
  [[nodiscard]] double payoff(std::size_t player, std::size_t number) const noexcept {
    return payoffs_[player * profiles_ + number];
  }

  /// What each of `player`'s actions gains where the others play their part of `mixed` (sizes asserted). O(profiles ×
  /// players).
  [[nodiscard]] std::vector<double> gains(std::size_t player, const mixed_profile& mixed) const;
  /// What `player` gains where all play `mixed`.
  [[nodiscard]] double value(std::size_t player, const mixed_profile& mixed) const;

private:
  std::vector<std::size_t> actions_;
  std::size_t profiles_ = 0;
  std::vector<double> payoffs_; // players × profiles
};

/// NashConv: the sum over players of what a best response would gain; ≥ 0, and 0 only in a Nash equilibrium.
[[nodiscard]] double nash_conv(const normal_form& game, const mixed_profile& mixed);
/// NashConv over the number of players.
[[nodiscard]] double exploitability(const normal_form& game, const mixed_profile& mixed);
/// All pure Nash equilibria, by number. O(profiles × players × actions).
[[nodiscard]] std::vector<pure_profile> pure_equilibria(const normal_form& game, double least_gain = 1e-12);

/// Where best responses, player after player, lead from a start.
struct response_path {
  bool settled = false;            ///< `last` is a pure Nash equilibrium
  std::size_t moves = 0;           ///< that were made
  pure_profile last;               ///< where it ended
  std::vector<pure_profile> cycle; ///< the profiles that come again and again, in order; empty where none was found
};

/// Players take turns; who can gain more than `least_gain` moves to the best action (the lowest of equally good ones).
/// Ends where nobody can, where a profile comes again at the same turn (a cycle, by the moves between), or after
/// `most_moves`. `start` within `actions` (asserted).
[[nodiscard]] response_path best_response_path(std::span<const std::size_t> actions, const payoff_function& payoff,
                                               pure_profile start, std::size_t most_moves = 100'000,
                                               double least_gain = 1e-12);
[[nodiscard]] response_path best_response_path(const normal_form& game, pure_profile start,
                                               std::size_t most_moves = 100'000, double least_gain = 1e-12);

} // namespace ammo
