#include "actors/aipp/person.hpp"

#include <boost/random/normal_distribution.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {
namespace {

/// The randomness of one user about one creation in one round; `no_creation` stands for choosing none.
splitmix64 noise_of(const people_config& config, user_id user, std::uint64_t round, creation_id creation) noexcept {
  return generator(config.seed, stream::noise, raw(user), splitmix64(round)() ^ raw(creation));
}

/// Uniform in the open interval (0, 1): its logarithm is finite.
double open01(splitmix64& g) noexcept { return (static_cast<double>(g() >> 12) + 0.5) * 0x1.0p-52; }

double gumbel(splitmix64 g) noexcept { return -std::log(-std::log(open01(g))); }

double logit(splitmix64 g) noexcept {
  double p = open01(g);
  return std::log(p / (1 - p));
}

} // namespace

std::string_view name_of(feedback_model m) noexcept {
  switch (m) {
  case feedback_model::linear: return "linear";
  case feedback_model::logistic: return "logistic";
  case feedback_model::choice: return "choice";
  }
  return "unknown";
}

result<feedback_model> feedback_model_named(std::string_view name) {
  for (auto m : {feedback_model::linear, feedback_model::logistic, feedback_model::choice})
    if (name == name_of(m))
      return m;
  return {errc::bad_value, "\"" + std::string{name} + "\" is no feedback model; there are linear, logistic, choice"};
}

void respond(const people_config& config, user_id user, std::uint64_t round, std::span<const creation_id> creations,
             std::span<const float> utility, std::span<float> out) {
  assert(creations.size() == utility.size() && out.size() == utility.size());
  switch (config.model) {
  case feedback_model::linear:
    for (std::size_t i = 0; i < out.size(); ++i) {
      auto g = noise_of(config, user, round, creations[i]);
      auto r = utility[i] + config.noise * boost::random::normal_distribution<double>{}(g);
      out[i] = static_cast<float>(config.clip ? std::clamp(r, -1.0, 1.0) : r);
    }
    break;
  case feedback_model::logistic: // u + temperature · (logistic noise) beats the threshold
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = utility[i] + config.temperature * logit(noise_of(config, user, round, creations[i])) > config.threshold;
    break;
  case feedback_model::choice: { // Gumbel-max: the largest u + temperature · Gumbel is a draw from the softmax
    std::fill(out.begin(), out.end(), 0.0f);
    auto chosen = out.size();
    double best = config.threshold + config.temperature * gumbel(noise_of(config, user, round, no_creation));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (double v = utility[i] + config.temperature * gumbel(noise_of(config, user, round, creations[i])); v > best) {
        best = v;
        chosen = i;
      }
    if (chosen < out.size())
      out[chosen] = 1;
    break;
  }
  }
}

} // namespace ammo
