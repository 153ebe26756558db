/// The people of a simulation: a hidden q, and what they do with what they are shown. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/ids.hpp"
#include "actors/base/random.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ammo {

/// How feedback comes about from u_i = e_i·q.
enum class feedback_model : std::uint8_t {
  linear,   ///< reward u + σ·N(0,1), clipped to [−1, 1] only where `clip` says so
  logistic, ///< reward 1 with probability 1/(1+exp(−(u − threshold)/temperature)), else 0
  choice,   ///< one of the slate or none, softmax over u/temperature with `threshold` for none: 1 for the chosen
};
[[nodiscard]] std::string_view name_of(feedback_model m) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<feedback_model> feedback_model_named(std::string_view name);

struct people_config {
  feedback_model model = feedback_model::linear;
  double noise = 0.3;       ///< σ of the linear model
  bool clip = false;        ///< clip the linear model's rewards to [−1, 1]
  double temperature = 0.1; ///< of the logistic and choice models
  double threshold = 0.3;   ///< utility at which a person is indifferent
  std::uint64_t seed = 1;
};

/// Rewards of one slate, in slot order. `utility[i]` = e_i·q under the true q. The noise of (user, round, creation) is
/// the same whatever the policy, so that policies are compared on the same noise. out.size() == utility.size(). No
/// allocation.
void respond(const people_config& config, user_id user, std::uint64_t round, std::span<const creation_id> creations,
             std::span<const float> utility, std::span<float> out);

} // namespace ammo
