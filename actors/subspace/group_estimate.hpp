/// What the people of a subspace like on average, from nothing but how much attention each creation got.
/// Lives here: the estimate. May not live here: one person's numbers, actors.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

struct group_estimate_state;

/// Ridge regression of mean engagement ȳ_c on embeddings e_c, weighted by votes n_c (rewards of people's first slates, each in [−1, 1]),
/// and forgetting as new ones come: minimises Σ n (ȳ − a − q̄·e)² + κ|q̄|². The intercept a takes up that everyone is shown what they like, which
/// would else be taken for liking whatever is common to all that is shown. The agreement is the adjusted R²: between
/// people who are alike ȳ is linear in e; where they differ, who is shown a creation likes it, whatever e, so that R² is
/// low. Noise counts against agreement, too.
/// Pure, in double, in the order of creation ids: the same reports give the same numbers.
class group_estimate {
public:
  /// Votes after which those before weigh half, so what few say in a quiet time stays little.
  static constexpr double memory = 4'096;
  /// Votes before which nothing is told: a few people aren't the group.
  static constexpr double least_votes = 128;
  static constexpr std::uint32_t widest = 512;           ///< wider blocks have no estimate: it would cost too much
  static constexpr std::size_t most_products = 1u << 24; ///< a period: beyond, only the creations that were seen most count

  explicit group_estimate(std::uint32_t width) : width_(width) {}

  /// One period's votes, ascending by id; creations that `live` doesn't know have no part. O(M d²).
  void learn(const catalogue_version& live, std::span<const exposure> seen);
  /// O(d³) once votes have come, else O(1). Null where nothing is known.
  [[nodiscard]] shared_consensus told() const;

  [[nodiscard]] group_estimate_state save() const;
  /// The same estimate again. Errors: `bad_state`.
  [[nodiscard]] static result<group_estimate> restore(std::uint32_t width, const group_estimate_state& state);

private:
  [[nodiscard]] shared_consensus solved() const;

  std::uint32_t width_;
  // Discounted sums; empty until something is learned: Σ n e eᵀ by rows (its upper half), Σ n ȳ e, Σ n e.
  std::vector<double> ee_, ye_, e_;
  double n_ = 0, y_ = 0, yy_ = 0; // Σ n, Σ n ȳ, Σ n ȳ²
  double rows_ = 0;               // creations
  mutable std::optional<shared_consensus> told_; // of these sums
};

} // namespace ammo
