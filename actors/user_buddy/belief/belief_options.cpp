#include "actors/user_buddy/belief/belief_options.hpp"

#include "actors/base/named.hpp"

#include <algorithm>
#include <array>

namespace ammo {

namespace {

constexpr std::array<std::string_view, 3> drift_names{"none", "restart", "discount"};
constexpr std::array<std::string_view, 2> learner_names{"classic", "people"};

} // namespace

std::string_view name_of(user_drift d) noexcept { return name_in(drift_names, d); }

result<user_drift> user_drift_named(std::string_view name) { return named_in<user_drift>(drift_names, "drift", name); }

std::string_view name_of(user_learner l) noexcept { return name_in(learner_names, l); }

result<user_learner> user_learner_named(std::string_view name) { return named_in<user_learner>(learner_names, "learner", name); }

double belief_options::flat_variance(const block& factor) const noexcept {
  if (prior_variance > 0)
    return prior_variance;
  return std::max(1.0 / factor.width, space.factors().size() > 1 ? 1.0 / 9 : 0.0);
}

ridge_posterior<float> belief_options::start(std::size_t factor) const {
  if (prior)
    return (*prior)[factor];
  const block& b = space.factors()[factor];
  return {b.width, flat_lambda(b)};
}

} // namespace ammo
