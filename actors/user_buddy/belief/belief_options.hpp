/// What a User Buddy assumes of its person: the options of this room, and their names.
#pragma once

#include "actors/base/result.hpp"
#include "actors/space/layout.hpp"
#include "actors/user_buddy/belief/likelihood.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ammo {

/// What a User Buddy makes of a person whose preferences change. `restart`: belief begins anew when a change is
/// detected (`drifting_posterior`, with its defaults), at up to 8 times the memory and time of learning. It takes
/// surprise for change, so it wants rewards that are linear with a noise of `belief_options::noise`. `discount`: an
/// observation of k rounds ago weighs γ^k (`belief_options::discount`), and the prior always 1.
enum class user_drift : std::uint8_t { none, restart, discount };

[[nodiscard]] std::string_view name_of(user_drift d) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_drift> user_drift_named(std::string_view name);

/// Who learns what a person likes. `people`: nothing is assumed of rewards (`people_belief`). `classic`: rewards are as the other
/// options say.
enum class user_learner : std::uint8_t { classic,
                                         people };

[[nodiscard]] std::string_view name_of(user_learner l) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_learner> user_learner_named(std::string_view name);

/// The parts of the `people` learner, and when they act: for who measures what each is worth.
struct people_options {
  double change_threshold = 8; ///< ln of the Bayes factor at which what was learned before a change is let go
  double split_threshold = 8;  ///< ln of the Bayes factor at which situations are told apart
  bool drift = true, situations = true, positions = true, heavy = true, two_valued = true;
};

/// What is assumed of a person's q and of their rewards.
struct belief_options {
  layout space{};                      ///< required
  user_learner learner = user_learner::classic; ///< `people` makes no use of prior, drift, belief model and group
  people_options people{};
  double noise = 0.3;                  ///< σ of a reward around e·q
  double prior_variance = 0;           ///< of each coordinate of q; 0: `flat_variance` says
  user_drift drift = user_drift::none; ///< of the person's preferences
  double discount = 0.999;             ///< drift discount: γ, weight of an observation a round later; in (0, 1]
  user_belief_model belief = user_belief_model::linear; ///< what rewards are taken for; other than linear without restart
  response_scale response{};           ///< of the logistic and choice models, and of comparisons
  /// By factor: what is believed of a person of whom nothing is known. Null: N(0, `prior_variance`), the flat prior.
  std::shared_ptr<const std::vector<ridge_posterior<float>>> prior{};
  double group_weight = 0; ///< of what the group likes (`belief_model::hear`), in [0, 1]; 0, and with `prior` or `drift`: none

  /// Variance of a coordinate of a factor under the flat prior. Left open: 1 / width, so that |q| ≈ 1; beside other
  /// factors 1/9 at least, so that a unit creation's value may be 1 within three deviations. Else nobody would look into
  /// a wide subspace any more, once a narrower one is known.
  [[nodiscard]] double flat_variance(const block& factor) const noexcept;
  /// λ of a ridge posterior that begins with the flat prior.
  [[nodiscard]] float flat_lambda(const block& factor) const noexcept {
    return static_cast<float>(noise * noise / flat_variance(factor));
  }
  /// What is believed of a factor before anything is seen.
  [[nodiscard]] ridge_posterior<float> start(std::size_t factor) const;
};

} // namespace ammo
