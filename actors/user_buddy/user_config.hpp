/// How User Buddies choose and learn: the options of this room, and their names.
#pragma once

#include "actors/slots/arbitration.hpp"
#include "actors/base/result.hpp"
#include "actors/space/layout.hpp"
#include "actors/user_buddy/belief/likelihood.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ammo {

class slate_policy;

/// How a slate is chosen.
enum class user_policy : std::uint8_t { thompson, greedy, uniform, epsilon_greedy, c2ucb, sampled_ucb, ftrl, host };

[[nodiscard]] std::string_view name_of(user_policy p) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_policy> user_policy_named(std::string_view name);

/// What a User Buddy makes of a person whose preferences change. `restart`: belief begins anew when a change is
/// detected (`drifting_posterior`, with its defaults), at up to 8 times the memory and time of learning. It takes
/// surprise for change, so it wants rewards that are linear with a noise of `user_config::noise`. `discount`: an observation
/// of k rounds ago weighs γ^k (`user_config::discount`), and the prior always 1.
enum class user_drift : std::uint8_t { none, restart, discount };

[[nodiscard]] std::string_view name_of(user_drift d) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_drift> user_drift_named(std::string_view name);

/// How far a policy strays from what is believed: what may change while a User Buddy plays.
struct exploration {
  double noise = 0.3;    ///< σ that samples and bounds are made with
  double epsilon = 0.05; ///< see `user_config`
  double optimism = 3;   ///< see `user_config`
};

/// Shared by all User Buddies of a deployment; immutable.
struct user_config {
  layout space;                        ///< required
  user_policy policy = user_policy::sampled_ucb;
  double noise = 0.3;                  ///< σ of a reward around e·q
  double prior_variance = 0;           ///< of each coordinate of q; 0: `flat_variance` says
  bool exactly = false;                ///< fill all N slots, also with creations of negative value
  double epsilon = 0.05;               ///< ε-greedy: share of rounds that are uniform, in [0, 1]
  double optimism = 3;                 ///< C2UCB, sampled or not: α, standard deviations of e·q above its mean; ≥ 0
  std::uint32_t spare_candidates = 0;  ///< candidates beyond N of each subspace, so that caps can bite
  std::uint32_t remembered_slates = 64;///< slates whose feedback is still awaited; older ones are forgotten
  std::uint64_t seed = 1;
  user_drift drift = user_drift::none; ///< of the person's preferences
  double discount = 0.999;             ///< drift discount: γ, weight of an observation a round later; in (0, 1]
  user_belief_model belief = user_belief_model::linear; ///< what rewards are taken for; other than linear without restart
  response_scale response{};           ///< of the logistic and choice models, and of comparisons
  double diversity = 0;                ///< weight of log det of a slate's similarities against its values; ≥ 0, 0: off
  std::shared_ptr<const slate_policy> host{}; ///< required for `user_policy::host`, ignored for others
  /// By factor: what is believed of a person of whom nothing is known. Null: N(0, `prior_variance`), the flat prior.
  std::shared_ptr<const std::vector<ridge_posterior<float>>> prior{};
  double group_weight = 0; ///< of what the group likes (`user_mind::hear`), in [0, 1]; 0, and with `prior` or `drift`: none
  slate_caps caps = {};                ///< that MetaSpace will apply: a proposal has what they allow
  std::uint32_t propensity_draws = 0;  ///< Thompson, sampled_ucb: most redraws that tell how likely a slate was; 0: not told

  [[nodiscard]] exploration explores() const noexcept { return {noise, epsilon, optimism}; }
  /// Variance of a coordinate of a factor under the flat prior. Left open: 1 / width, so that |q| ≈ 1; beside other
  /// factors 1/9 at least, so that a unit creation's value may be 1 within three deviations. Else nobody would look into
  /// a wide subspace any more, once a narrower one is known.
  [[nodiscard]] double flat_variance(const block& factor) const noexcept {
    if (prior_variance > 0)
      return prior_variance;
    return std::max(1.0 / factor.width, space.factors().size() > 1 ? 1.0 / 9 : 0.0);
  }
};

} // namespace ammo
