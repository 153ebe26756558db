/// Creators who compete for a population of users by choosing what to be about (Acharya, Ziani, Wang, Vorobeychik,
/// "Producers' equilibria and dynamics in engagement-driven recommender systems", arXiv 2401.16641): each plays a basis
/// vector, users pick among all, and best responses follow one another. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "bench/papers/word_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// Users on the simplex, each coordinate a column: `weights[direction · users + user]` ≥ 0; a user's sum to 1.
struct user_table {
  std::size_t users = 0, directions = 0;
  std::vector<double> weights;

  [[nodiscard]] std::span<const double> column(std::size_t direction) const noexcept {
    return std::span(weights).subspan(direction * users, users);
  }
};

/// How the published experiments draw users.
enum class user_kind {
  uniform, ///< on the simplex: differences of sorted uniforms
  skewed   ///< such users times one such vector, sorted ascending, drawn first; divided by their sums
};

/// `users` users drawn from a stream of their own. `directions` > 1 (asserted).
[[nodiscard]] user_table draw_users(user_kind kind, std::size_t users, std::size_t directions, std::uint32_t seed);

/// How a user picks among creators: with probability w(⟨c,s_j⟩) / Σ w(⟨c,s⟩), nobody where all are 0.
struct serving {
  /// Temperature of w(x) = exp(x / temperature); none: w(x) = x, linear.
  std::optional<double> temperature;
};

/// Where best-response dynamics came to.
struct market_outcome {
  bool settled = false;                 ///< nobody moves: a Nash equilibrium
  std::size_t iterations = 0;           ///< moves made; one less than the limit where it did not settle
  std::vector<std::uint32_t> creators;  ///< how many creators are about each direction
  double mean_user_utility = 0;         ///< mean over users of Σ_j p_j ⟨c,s_j⟩
  double creator_utility = 0;           ///< mean over creators of Σ_users p ⟨c,s⟩
  /// Moves between two visits of the same `creators`, the first time that happened. Each move gains something for who
  /// makes it, so a game in which that happens has no potential.
  std::optional<std::size_t> cycle;
};

/// A population of users, how they are served, and the creators' best responses; those are remembered, so that
/// profiles that come again cost nothing.
class creator_market {
public:
  /// Errors: `wrong_dimension` where the table's sizes disagree or are 0, `not_finite`, `bad_value` for a weight < 0, a
  /// user without any weight, a temperature that isn't > 0 or at which exp(weight / temperature) overflows.
  static result<creator_market> open(user_table users, serving how);

  /// The utility Σ_users p ⟨c,s⟩ of one creator about `direction`, beside others; `others[k]` of them about k (size
  /// asserted). O(users).
  [[nodiscard]] double utility(std::span<const std::uint32_t> others, std::size_t direction) const;
  /// What a creator who is about `direction` moves to, the others staying: the best of all directions (the lowest of
  /// equally good ones), or `direction` where none is strictly better. `creators` counts it too. O(users × directions).
  [[nodiscard]] std::size_t best_response(std::span<const std::uint32_t> creators, std::size_t direction);

  /// Sum over creators of what each would gain by its best response, the others staying; 0 in a Nash equilibrium only.
  [[nodiscard]] double nash_conv(std::span<const std::uint32_t> creators) const;
  /// By direction: the mean over users of the probability that one creator about it is picked; 0 where nobody is.
  [[nodiscard]] std::vector<double> exposures(std::span<const std::uint32_t> creators) const;

  /// Told how many creators are about each direction, before each move and at the end.
  using watcher = std::function<void(std::span<const std::uint32_t>)>;
  /// Best-response dynamics of `creators` > 0 creators: random start, then in each iteration the first of a random
  /// permutation who has a better response moves; until nobody has one, `limit` iterations at most.
  market_outcome run(std::size_t creators, word_stream& random, std::size_t limit = 500, const watcher& watch = {});

private:
  creator_market(user_table users, serving how);
  [[nodiscard]] std::span<const double> pull(std::size_t direction) const noexcept;
  [[nodiscard]] std::vector<double> totals(std::span<const std::uint32_t> creators) const;
  [[nodiscard]] double earned(std::span<const double> others, std::size_t direction) const noexcept;
  [[nodiscard]] std::uint32_t find_best(std::span<const std::uint32_t> creators, std::size_t direction) const;
  void score(market_outcome& out, std::span<const std::uint32_t> about) const;

  user_table users_;
  std::vector<double> pull_; // w(⟨c,s⟩), as `users_.weights`; empty where that is the same
  // By creators per direction: the best response of who is about each; empty where nobody has asked.
  std::map<std::vector<std::uint32_t>, std::vector<std::optional<std::uint32_t>>> known_;
};

} // namespace ammo
