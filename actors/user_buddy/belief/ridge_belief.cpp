#include "actors/user_buddy/belief/ridge_belief.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <optional>

namespace ammo {

linear_belief::linear_belief(factor_posteriors models, std::vector<consensus> heard) : ridge_belief(std::move(models)) {
  if (heard.empty())
    return;
  heard_ = boxed(std::vector<std::shared_ptr<const consensus>>(heard.size()));
  for (std::size_t f = 0; f < heard.size(); ++f)
    if (heard[f] != consensus{})
      (*heard_)[f] = std::make_shared<const consensus>(std::move(heard[f]));
}

bool linear_belief::learn(const belief_options& options, const observed_round& r, const creation_lookup& where) {
  const auto is_reward = [](const observation& o) { return o.than == no_creation; };
  if (std::ranges::all_of(r.all, is_reward))
    return learn_rewards(options, r.all, where);
  auto learned = models_;
  if (!acceptable(options, r.all, where) || !learned.learn(options, r.round, r.all, where))
    return false;
  models_ = std::move(learned);
  return true;
}

bool linear_belief::learn_rewards(const belief_options& options, std::span<const observation> all,
                                  const creation_lookup& where) {
  const layout& space = options.space;
  boost::container::small_vector<float, 512> e;
  boost::container::small_vector<float, 16> values;
  boost::container::small_vector<std::size_t, 4> count(models_.of.size(), 0);
  for (std::size_t f = 0; f < models_.of.size(); ++f)
    for (const observation& o : all)
      if (space.factor_of(subspace_of(o.creation)) == f) {
        const std::size_t before = e.size(), d = models_.of[f].dim();
        e.resize(before + d, boost::container::default_init);
        where.embed(o.creation, {e.data() + before, d});
        values.push_back(static_cast<float>(o.value));
        ++count[f];
      }
  // Whatever observe could refuse is refused before any factor has learned.
  std::span<const float> rest_e(e.data(), e.size()), rest_values(values.data(), values.size());
  if (!ridge_posterior<float>::acceptable(rest_e))
    return false;
  for (std::size_t f = 0; f < models_.of.size(); ++f) {
    const std::size_t size = count[f] * models_.of[f].dim();
    [[maybe_unused]] const bool learned = models_.of[f].observe(rest_e.first(size), rest_values.first(count[f]));
    assert(learned);
    rest_e = rest_e.subspan(size);
    rest_values = rest_values.subspan(count[f]);
  }
  return true;
}

interest_observations observations_of(const belief_options& options, std::size_t factor, const belief_interest& i) {
  const std::size_t d = options.space.factors()[factor].width;
  const double weight = options.noise * std::sqrt(i.within.width / (1 - i.confidence * i.confidence));
  interest_observations out{std::vector<float>(i.within.width * d), std::vector<float>(i.within.width)};
  for (std::size_t k = 0; k < i.within.width; ++k) {
    out.e[k * d + i.within.offset + k] = static_cast<float>(weight);
    out.values[k] = static_cast<float>(weight * i.confidence * i.direction[i.within.offset + k]);
  }
  return out;
}

bool linear_belief::take(const belief_options& options, std::size_t factor, const belief_interest& interest, const creation_lookup&) {
  const auto [e, values] = observations_of(options, factor, interest);
  return models_.take(factor, e, values);
}

bool linear_belief::hear(const belief_options& options, std::size_t factor, const shared_consensus& group) {
  const block& b = options.space.factors()[factor];
  if (!(options.group_weight > 0) || options.prior || !group.now || group.now->mean.values.size() != b.width)
    return false;
  boost::container::small_vector<float, 256> change(b.width, 0.0f);
  const double weight = options.group_weight * options.noise * options.noise / options.flat_variance(b);
  const auto add = [&](const consensus& c, double sign) {
    for (std::size_t k = 0; k < b.width; ++k)
      change[k] += static_cast<float>(sign * weight * c.agreement * c.mean.values[k]);
  };
  add(*group.now, 1);
  if (heard_ && (*heard_)[factor])
    add(*(*heard_)[factor], -1);
  auto first = heard_ ? boxed<std::vector<std::shared_ptr<const consensus>>>{} : boxed(std::vector<std::shared_ptr<const consensus>>(models_.of.size()));
  if (!models_.of[factor].shift_prior({change.data(), change.size()}))
    return false;
  if (!heard_)
    heard_ = std::move(first);
  (*heard_)[factor] = group.now;
  return true;
}

belief_state linear_belief::save() const {
  belief_state s{.now = models_.save(), .base = {}, .rounds = {}, .heard = {}, .people = {}, .situation = 0};
  if (heard_)
    for (const auto& h : *heard_)
      s.heard.push_back(h ? *h : consensus{});
  return s;
}

namespace {

template <class Models>
std::unique_ptr<belief_model> ordered(const belief_options& options) {
  return std::make_unique<ordered_belief<Models>>(Models(options));
}

template <class Models>
std::unique_ptr<belief_model> ordered(const belief_options& options, const belief_state& saved) {
  auto now = Models::restored(options, saved.now);
  auto base = saved.base.size() == 1 ? Models::restored(options, saved.base.front()) : std::nullopt;
  const auto known = [&](const observation& o) {
    return raw(subspace_of(o.creation)) < options.space.size() &&
           (o.than == no_creation || raw(subspace_of(o.than)) < options.space.size());
  };
  const auto sound = [&](const kept_round& r) { return std::ranges::all_of(r.all, known); };
  if (!now || !base || !saved.heard.empty() || !std::ranges::all_of(saved.rounds, sound) ||
      !std::ranges::is_sorted(saved.rounds, {}, &kept_round::round))
    return nullptr;
  return std::make_unique<ordered_belief<Models>>(std::move(*now), round_history<Models>(std::move(*base), saved.rounds));
}

std::unique_ptr<belief_model> linear(const belief_options& options, const belief_state& saved) {
  auto now = factor_posteriors::restored(options, saved.now);
  const auto& factors = options.space.factors();
  if (!now || !saved.base.empty() || !saved.rounds.empty() || (!saved.heard.empty() && saved.heard.size() != factors.size()))
    return nullptr;
  for (std::size_t f = 0; f < saved.heard.size(); ++f)
    if (saved.heard[f] != consensus{} && saved.heard[f].mean.values.size() != factors[f].width)
      return nullptr;
  return std::make_unique<linear_belief>(std::move(*now), saved.heard);
}

/// `saved`: nothing, or one state.
std::unique_ptr<belief_model> made(const belief_options& options, const auto&... saved) {
  switch (options.drift) {
  case user_drift::restart: return ordered<drifting_factors>(options, saved...);
  case user_drift::discount: return ordered<discounted_posteriors>(options, saved...);
  case user_drift::none: break;
  }
  if (options.belief != user_belief_model::linear)
    return ordered<factor_posteriors>(options, saved...);
  if constexpr (sizeof...(saved) == 0)
    return std::make_unique<linear_belief>(factor_posteriors(options));
  else
    return linear(options, saved...);
}

} // namespace

belief_reasons belief_model::reasons(const belief_options& options, std::size_t factor, std::span<const float> e, std::optional<std::uint32_t>,
                                     const creation_lookup&) const {
  std::vector<float> m(e.size());
  mean(factor, m);
  belief_reasons out;
  out.expected = std::inner_product(e.begin(), e.end(), m.begin(), 0.0);
  const double half = two_sided_95 * options.noise * width(factor, e);
  out.low = out.expected - half;
  out.high = out.expected + half;
  return out;
}

bool belief_model::newcomer(std::uint64_t round) const { return round <= newcomer_rounds; }

bool belief_model::hear(const belief_options&, std::size_t, const shared_consensus&) { return false; }

void belief_model::refer(std::vector<creation_id>&) const {}

std::unique_ptr<belief_model> belief_of(const belief_options& options) { return made(options); }

std::unique_ptr<belief_model> belief_of(const belief_options& options, const belief_state& saved) {
  return made(options, saved);
}

} // namespace ammo
