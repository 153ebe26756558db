/// What is believed of every factor of q, as values: what a belief learns a round with.
/// Lives here: models that see one round after the other. May not live here: the order of rounds, see `round_history`.
#pragma once

#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/belief/drifting_posterior.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

[[nodiscard]] posterior_state saved(const ridge_posterior<float>& p);
/// Nothing where the state isn't one, or has another dimension than the factor.
[[nodiscard]] std::optional<ridge_posterior<float>> restored(const posterior_state& s, const block& factor);

/// Are the coordinates of all that is observed small enough for a posterior? Then none refuses them.
[[nodiscard]] bool acceptable(const belief_options& options, std::span<const observation> all, const creation_lookup& where);

/// A ridge posterior a factor: linear, logistic or choice rewards, and comparisons, of a person who stays as they are.
struct factor_posteriors {
  boost::container::small_vector<ridge_posterior<float>, 1> of; ///< by factor

  factor_posteriors() = default;
  explicit factor_posteriors(const belief_options& options);
  [[nodiscard]] const ridge_posterior<float>& believed(std::size_t factor) const noexcept { return of[factor]; }
  /// Learns one round as `options.belief` says. False, and the posteriors in an unknown state, where one of them refuses:
  /// check the numbers first.
  [[nodiscard]] bool learn(const belief_options& options, std::uint64_t round, std::span<const observation> all,
                           const creation_lookup& where);
  /// Linear observations of a factor, whatever rewards are taken for. False, and all as before, where they are refused.
  [[nodiscard]] bool take(std::size_t factor, std::span<const float> e, std::span<const float> values) {
    return of[factor].observe(e, values);
  }
  [[nodiscard]] factors_state save() const;
  [[nodiscard]] static std::optional<factor_posteriors> restored(const belief_options& options, const factors_state& s);
};

/// The same of a person who changes slowly: what was learned k rounds ago weighs γ^k, and the prior always 1.
struct discounted_posteriors : factor_posteriors {
  std::uint64_t discounted_to = 0; ///< the round from which on nothing is discounted yet

  using factor_posteriors::factor_posteriors;
  [[nodiscard]] bool learn(const belief_options& options, std::uint64_t round, std::span<const observation> all,
                           const creation_lookup& where);
  [[nodiscard]] factors_state save() const;
  [[nodiscard]] static std::optional<discounted_posteriors> restored(const belief_options& options, const factors_state& s);
};

/// A `drifting_posterior` a factor: linear rewards of a person who changes abruptly.
struct drifting_factors {
  std::vector<drifting_posterior<float>> of; ///< by factor

  drifting_factors() = default;
  explicit drifting_factors(const belief_options& options);
  [[nodiscard]] const ridge_posterior<float>& believed(std::size_t factor) const noexcept { return of[factor].believed(); }
  /// As of `factor_posteriors`; comparisons are refused.
  [[nodiscard]] bool learn(const belief_options& options, std::uint64_t round, std::span<const observation> all,
                           const creation_lookup& where);
  [[nodiscard]] bool take(std::size_t factor, std::span<const float> e, std::span<const float> values) {
    return of[factor].take(e, values);
  }
  [[nodiscard]] factors_state save() const;
  [[nodiscard]] static std::optional<drifting_factors> restored(const belief_options& options, const factors_state& s);
};

} // namespace ammo
