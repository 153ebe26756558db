#include "actors/user_buddy/belief/round_history.hpp"

#include "actors/user_buddy/belief/forget.hpp"
#include "actors/user_buddy/user_config.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace ammo {
namespace {

/// Discounts the past by γ^rounds, and not the prior.
void discount(ridge_posterior<float>& p, const user_config& config, const block& factor, std::uint64_t rounds) {
  const auto gamma = std::max(static_cast<float>(std::pow(config.discount, static_cast<double>(rounds))), 1e-6f);
  if (gamma < 1)
    forget(p, gamma, static_cast<float>(config.noise * config.noise / config.flat_variance(factor)));
}

/// A factor's rewards of one round.
bool learn_rewards(const user_config& config, std::size_t factor, std::span<const float> e, std::span<const float> values,
                   double elsewhere, factor_beliefs& beliefs) {
  if (beliefs.restarts())
    return beliefs.drift->runs[factor].observe(e, values);
  auto& p = beliefs.posteriors[factor];
  if (config.belief == user_belief_model::linear)
    return p.observe(e, values);
  return learn_responses(config.belief, config.response, config.noise, {e, values, elsewhere}, p);
}

double value_at_mean(const observed& o, const factor_beliefs& beliefs) {
  std::vector<float> mean(o.e.size());
  beliefs.posteriors[o.factor].mean(mean);
  return std::inner_product(mean.begin(), mean.end(), o.e.begin(), 0.0);
}

/// Bradley–Terry: a creation is preferred to another with probability 1 / (1 + exp(−(u − u') / temperature)). Where the
/// two are of different factors, each learns with the other's value as it is believed.
bool learn_comparison(const user_config& config, const observed_round& r, const observed& o, factor_beliefs& beliefs) {
  const auto other = std::ranges::find_if(
    r.all, [&](const observed& x) { return x.creation == o.than && x.than == o.creation && x.factor != o.factor; });
  const double threshold = other == r.all.end() ? 0 : value_at_mean(*other, beliefs);
  return learn_responses(user_belief_model::logistic, {threshold, config.response.temperature}, config.noise,
                         {o.e, {&o.value, 1}}, beliefs.posteriors[o.factor]);
}

} // namespace

bool learn_round(const user_config& config, const observed_round& r, factor_beliefs& beliefs) {
  const auto& factors = config.space.factors();
  if (config.drift == user_drift::discount && r.round > beliefs.drift->discounted_to) {
    for (std::size_t f = 0; f < factors.size(); ++f)
      discount(beliefs.posteriors[f], config, factors[f], r.round - beliefs.drift->discounted_to);
    beliefs.drift->discounted_to = r.round;
  }
  // What each creation counts for in others' choices, before anything of the round is learned.
  std::vector<double> weights(r.all.size());
  if (config.belief == user_belief_model::choice && factors.size() > 1)
    for (std::size_t i = 0; i < r.all.size(); ++i)
      weights[i] = std::exp(std::min(value_at_mean(r.all[i], beliefs) / config.response.temperature, 600.0));
  for (std::size_t f = 0; f < factors.size(); ++f) {
    std::vector<float> e, values;
    double elsewhere = 0;
    for (std::size_t i = 0; i < r.all.size(); ++i) {
      const observed& o = r.all[i];
      if (o.than != no_creation)
        continue;
      if (o.factor != f) {
        elsewhere += weights[i];
        continue;
      }
      e.insert(e.end(), o.e.begin(), o.e.end());
      values.push_back(o.value);
    }
    if (!learn_rewards(config, f, e, values, elsewhere, beliefs))
      return false;
  }
  return std::ranges::all_of(r.all, [&](const observed& o) { return o.than == no_creation || learn_comparison(config, r, o, beliefs); });
}

bool round_history::take(const user_config& config, observed_round r, factor_beliefs& now) {
  const auto order = [](const observed& a, const observed& b) {
    return std::tuple(a.factor, raw(a.creation), raw(a.than)) < std::tuple(b.factor, raw(b.creation), raw(b.than));
  };
  std::ranges::stable_sort(r.all, order);
  const bool newest = rounds_.empty() || r.round > rounds_.back().round;
  const auto before = newest ? std::vector<observed_round>{} : rounds_;
  auto at = std::ranges::lower_bound(rounds_, r.round, {}, &observed_round::round);
  if (at != rounds_.end() && at->round == r.round) {
    std::ranges::move(r.all, std::back_inserter(at->all));
    std::ranges::stable_sort(at->all, order);
  } else {
    at = rounds_.insert(at, std::move(r));
  }
  if (newest ? learn_round(config, *at, now) : replay(config, now))
    return true;
  if (newest)
    rounds_.pop_back();
  else
    rounds_ = before;
  (void)replay(config, now); // it was learned before, so it can be
  return false;
}

bool round_history::replay(const user_config& config, factor_beliefs& now) const {
  now = base_;
  return std::ranges::all_of(rounds_, [&](const observed_round& r) { return learn_round(config, r, now); });
}

void round_history::settle(const user_config& config, std::uint64_t before) {
  const auto first = std::ranges::lower_bound(rounds_, before, {}, &observed_round::round);
  for (auto r = rounds_.begin(); r != first; ++r)
    (void)learn_round(config, *r, base_); // it was learned before, so it can be
  rounds_.erase(rounds_.begin(), first);
}

} // namespace ammo
