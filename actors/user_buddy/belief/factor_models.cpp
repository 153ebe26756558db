#include "actors/user_buddy/belief/factor_models.hpp"

#include "actors/user_buddy/belief/forget.hpp"
#include "actors/user_buddy/belief/likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>

namespace ammo {
namespace {

/// An observation in the coordinates of its factor.
struct placed {
  std::size_t factor = 0;
  const observation* of = nullptr;
  std::vector<float> e; ///< of a comparison within a factor: the difference of the two
};

std::vector<placed> place(const belief_options& options, std::span<const observation> all, const creation_lookup& where) {
  const auto factor_of = [&](creation_id id) { return options.space.factor_of(subspace_of(id)); };
  std::vector<placed> out;
  out.reserve(all.size());
  for (const observation& o : all) {
    const std::size_t factor = factor_of(o.creation);
    std::vector<float> e(options.space.factors()[factor].width);
    where.embed(o.creation, e);
    if (o.than != no_creation && factor_of(o.than) == factor) {
      std::vector<float> other(e.size());
      where.embed(o.than, other);
      std::ranges::transform(e, other, e.begin(), std::minus{});
    }
    out.push_back({factor, &o, std::move(e)});
  }
  return out;
}

/// What a factor was rewarded with in a round.
struct rewards_of_factor {
  std::vector<float> e, values;
  double elsewhere = 0; ///< see `round_of_responses`
};

/// `weights`: what each counts for in a choice among all.
rewards_of_factor rewards_of(std::size_t factor, std::span<const placed> all, std::span<const double> weights) {
  rewards_of_factor out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].of->than != no_creation)
      continue;
    if (all[i].factor != factor) {
      out.elsewhere += weights.empty() ? 0 : weights[i];
      continue;
    }
    out.e.insert(out.e.end(), all[i].e.begin(), all[i].e.end());
    out.values.push_back(static_cast<float>(all[i].of->value));
  }
  return out;
}

double value_at_mean(const placed& o, const factor_posteriors& beliefs) {
  std::vector<float> mean(o.e.size());
  beliefs.of[o.factor].mean(mean);
  return std::inner_product(mean.begin(), mean.end(), o.e.begin(), 0.0);
}

/// Bradley–Terry: a creation is preferred to another with probability 1 / (1 + exp(−(u − u') / temperature)). Where the
/// two are of different factors, each learns with the other's value as it is believed.
bool learn_comparison(const belief_options& options, std::span<const placed> all, const placed& o,
                      factor_posteriors& beliefs) {
  const auto other = std::ranges::find_if(all, [&](const placed& x) {
    return x.of->creation == o.of->than && x.of->than == o.of->creation && x.factor != o.factor;
  });
  const double threshold = other == all.end() ? 0 : value_at_mean(*other, beliefs);
  const auto preferred = static_cast<float>(o.of->value);
  return learn_responses(user_belief_model::logistic, {threshold, options.response.temperature}, options.noise,
                         {o.e, {&preferred, 1}}, beliefs.of[o.factor]);
}

/// Begins as `options.start` says; where that is a prior that many share, so is this.
std::shared_ptr<const ridge_posterior<float>> shared_start(const belief_options& options, std::size_t factor) {
  if (options.prior)
    return {options.prior, &(*options.prior)[factor]};
  return std::make_shared<const ridge_posterior<float>>(options.start(factor));
}

} // namespace

posterior_state saved(const ridge_posterior<float>& p) {
  return {p.dim(), p.sweeps(), {{p.triangle().begin(), p.triangle().end()}}};
}

std::optional<ridge_posterior<float>> restored(const posterior_state& s, const block& factor) {
  if (s.dim != factor.width)
    return {};
  return ridge_posterior<float>::restored(s.dim, s.sweeps, s.triangle.values);
}

bool acceptable(const belief_options& options, std::span<const observation> all, const creation_lookup& where) {
  const auto fine = [](const placed& o) { return ridge_posterior<float>::acceptable(o.e); };
  return std::ranges::all_of(place(options, all, where), fine);
}

factor_posteriors::factor_posteriors(const belief_options& options) {
  of.reserve(options.space.factors().size());
  for (std::size_t f = 0; f < options.space.factors().size(); ++f)
    of.push_back(options.start(f));
}

bool factor_posteriors::learn(const belief_options& options, std::uint64_t, std::span<const observation> observed,
                              const creation_lookup& where) {
  const std::vector<placed> all = place(options, observed, where);
  // What each creation counts for in others' choices, before anything of the round is learned.
  std::vector<double> weights(all.size());
  if (options.belief == user_belief_model::choice && of.size() > 1)
    for (std::size_t i = 0; i < all.size(); ++i)
      weights[i] = std::exp(std::min(value_at_mean(all[i], *this) / options.response.temperature, 600.0));
  for (std::size_t f = 0; f < of.size(); ++f) {
    const auto [e, values, elsewhere] = rewards_of(f, all, weights);
    const bool learned = options.belief == user_belief_model::linear
                           ? of[f].observe(e, values)
                           : learn_responses(options.belief, options.response, options.noise, {e, values, elsewhere}, of[f]);
    if (!learned)
      return false;
  }
  return std::ranges::all_of(
    all, [&](const placed& o) { return o.of->than == no_creation || learn_comparison(options, all, o, *this); });
}

factors_state factor_posteriors::save() const {
  factors_state s;
  for (const auto& p : of)
    s.posteriors.push_back(saved(p));
  return s;
}

std::optional<factor_posteriors> factor_posteriors::restored(const belief_options& options, const factors_state& s) {
  const auto& factors = options.space.factors();
  if (s.posteriors.size() != factors.size())
    return {};
  factor_posteriors out;
  out.of.reserve(factors.size());
  for (std::size_t f = 0; f < factors.size(); ++f) {
    auto p = ammo::restored(s.posteriors[f], factors[f]);
    if (!p)
      return {};
    out.of.push_back(std::move(*p));
  }
  return out;
}

bool discounted_posteriors::learn(const belief_options& options, std::uint64_t round, std::span<const observation> all,
                                  const creation_lookup& where) {
  if (round > discounted_to) {
    const auto rounds = static_cast<double>(round - discounted_to);
    const auto gamma = std::max(static_cast<float>(std::pow(options.discount, rounds)), 1e-6f);
    for (std::size_t f = 0; f < of.size() && gamma < 1; ++f)
      forget(of[f], gamma, options.flat_lambda(options.space.factors()[f]));
    discounted_to = round;
  }
  return factor_posteriors::learn(options, round, all, where);
}

factors_state discounted_posteriors::save() const {
  factors_state s = factor_posteriors::save();
  s.discounted_to = discounted_to;
  return s;
}

std::optional<discounted_posteriors> discounted_posteriors::restored(const belief_options& options, const factors_state& s) {
  auto posteriors = factor_posteriors::restored(options, s);
  if (!posteriors)
    return {};
  discounted_posteriors out;
  out.of = std::move(posteriors->of);
  out.discounted_to = s.discounted_to;
  return out;
}

drifting_factors::drifting_factors(const belief_options& options) {
  of.reserve(options.space.factors().size());
  for (std::size_t f = 0; f < options.space.factors().size(); ++f)
    of.emplace_back(shared_start(options, f), drift_options{.noise = options.noise});
}

bool drifting_factors::learn(const belief_options& options, std::uint64_t, std::span<const observation> observed,
                             const creation_lookup& where) {
  const std::vector<placed> all = place(options, observed, where);
  for (std::size_t f = 0; f < of.size(); ++f)
    if (const auto seen = rewards_of(f, all, {}); !of[f].observe(seen.e, seen.values))
      return false;
  return std::ranges::all_of(all, [](const placed& o) { return o.of->than == no_creation; });
}

factors_state drifting_factors::save() const {
  factors_state s;
  for (const auto& p : of) {
    auto& to = s.drifting.emplace_back(drifting_state{{}, p.believed_run(), p.rounds(), p.restarts()});
    for (const auto& r : p.runs())
      to.runs.push_back({r.start, r.log_weight, saved(r.posterior)});
  }
  return s;
}

std::optional<drifting_factors> drifting_factors::restored(const belief_options& options, const factors_state& s) {
  const auto& factors = options.space.factors();
  if (s.drifting.size() != factors.size())
    return {};
  drifting_factors out;
  out.of.reserve(factors.size());
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const drifting_state& from = s.drifting[f];
    std::vector<drifting_posterior<float>::run> runs;
    for (const run_state& r : from.runs) {
      auto p = ammo::restored(r.posterior, factors[f]);
      if (!p)
        return {};
      runs.push_back({r.start, r.log_weight, std::move(*p)});
    }
    auto p = drifting_posterior<float>::restored(shared_start(options, f), drift_options{.noise = options.noise},
                                                 std::move(runs), from.believed, from.rounds, from.restarts);
    if (!p)
      return {};
    out.of.push_back(std::move(*p));
  }
  return out;
}

} // namespace ammo
