#include "actors/user_buddy/user_mind.hpp"

#include "actors/space/regret.hpp"
#include "actors/user_buddy/slate/diverse_slate.hpp"
#include "actors/user_buddy/slate/fill_allowed.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <ranges>
#include <string>

namespace ammo {

namespace {

/// Most candidates of a subspace among which a diverse slate is looked for.
constexpr std::size_t most_pooled = 64;
constexpr float largest_reward = 1e3f;
/// Two-sided 95 % of a normal distribution.
constexpr float z95 = 1.96f;

template <class T, std::size_t Inline>
using scratch = boost::container::small_vector<T, Inline>;

scratch<float, 16> scores_of(const auto& ranked) {
  scratch<float, 16> scores;
  for (const scored& s : ranked)
    scores.push_back(s.score);
  return scores;
}

} // namespace

user_mind::user_mind(std::shared_ptr<const user_config> config, user_id user)
  : config_(std::move(config)), user_(user) {
  assert(config_ && config_->noise > 0);
  assert(config_->policy != user_policy::host || config_->host);
  const bool drifts = config_->drift == user_drift::restart;
  if (const std::size_t factors = config_->space.factors().size(); drifts)
    (beliefs_.drift = boxed(drift_state{}))->runs.reserve(factors);
  else
    beliefs_.posteriors.reserve(factors);
  for (std::size_t f = 0; f < config_->space.factors().size(); ++f)
    if (drifts)
      beliefs_.drift->runs.emplace_back(config_->prior ? std::shared_ptr<const ridge_posterior<float>>(config_->prior, &(*config_->prior)[f])
                                                    : std::make_shared<const ridge_posterior<float>>(start(f)),
                                     drift_options{.noise = config_->noise});
    else
      beliefs_.posteriors.push_back(start(f));
  if (config_->drift == user_drift::discount)
    beliefs_.drift = boxed(drift_state{});
  if (config_->drift != user_drift::none || config_->belief != user_belief_model::linear)
    history_ = boxed(round_history(beliefs_));
  if (config_->policy == user_policy::ftrl)
    ftrl_ = boxed(ftrl_memory{});
}

ridge_posterior<float> user_mind::start(std::size_t factor) const {
  if (config_->prior)
    return (*config_->prior)[factor];
  const block& b = config_->space.factors()[factor];
  return {b.width, static_cast<float>(config_->noise * config_->noise / config_->flat_variance(b))};
}

const ridge_posterior<float>& user_mind::posterior(std::size_t factor) const noexcept {
  return beliefs_.restarts() ? beliefs_.drift->runs[factor].believed() : beliefs_.posteriors[factor];
}

void user_mind::see(std::shared_ptr<const catalogue_version> snapshot) {
  const layout& space = config_->space;
  if (!snapshot || raw(snapshot->subspace()) >= space.size() ||
      snapshot->coordinates() != space.coordinates(snapshot->subspace()))
    return;
  const auto held = std::ranges::lower_bound(snapshots_, snapshot->subspace(), {},
                                             [](const auto& s) { return s->subspace(); });
  if (held == snapshots_.end() || (*held)->subspace() != snapshot->subspace()) {
    snapshots_.insert(held, std::move(snapshot));
  } else if ((*held)->version() < snapshot->version()) {
    held->swap(snapshot);
    if (!older_)
      older_ = boxed(std::vector<std::shared_ptr<const catalogue_version>>{});
    older_->push_back(std::move(snapshot));
    release_snapshots();
  } else {
    return;
  }
  if (ftrl_)
    ftrl_->renew(span_of(snapshots_));
}

void user_mind::release_snapshots() {
  if (!older_)
    return;
  std::erase_if(*older_, [&](const auto& old) {
    return !slates_.any_awaited([&](creation_id id) { return old->find(id) && !current(id); });
  });
  if (older_->empty())
    older_ = {};
}

const catalogue_version* user_mind::current(creation_id id) const noexcept {
  for (const auto& s : snapshots_)
    if (s->subspace() == subspace_of(id))
      return s->find(id) ? s.get() : nullptr;
  return nullptr;
}

user_mind::located user_mind::locate(creation_id id) const noexcept {
  if (const catalogue_version* now = current(id))
    return {now, row_of(id)};
  if (older_)
    for (const auto& old : *older_)
      if (old->find(id))
        return {old.get(), row_of(id)};
  return {};
}

void user_mind::embed(const located& at, std::span<float> out) const noexcept {
  embed_in_factor(config_->space, *at.version, at.row, out);
}

user_mind::coordinates user_mind::mean() const {
  coordinates q(config_->space.dim(), 0.0f);
  for (std::size_t f = 0; f < config_->space.factors().size(); ++f)
    posterior(f).mean(span_of(q).subspan(config_->space.factors()[f].offset, posterior(f).dim()));
  return q;
}

ranking user_mind::best(std::span<const float> q, std::size_t n) const {
  return best_slate(*config_, span_of(snapshots_), q, n);
}

ranking user_mind::choose(std::uint64_t round, std::size_t slots, std::size_t n, errc& fault, chances& told) const {
  scratch<const ridge_posterior<float>*, 4> believed;
  for (std::size_t f = 0; f < config_->space.factors().size(); ++f)
    believed.push_back(&posterior(f));
  const bool diverse = config_->diversity > 0 && !ftrl_;
  const std::size_t pool = diverse ? std::max(n, std::min(most_pooled, 4 * slots)) : n;
  const bool alone = config_->spare_candidates == 0 && !diverse; // nobody else has a say in the slate
  const slate_view view{*config_, user_, round, slots, pool, span_of(snapshots_), span_of(believed), ftrl_.get(),
                        alone ? &told : nullptr, explores()};
  ranking chosen = config_->policy == user_policy::host ? host_choice(*config_->host, view, fault)
                                                        : policy_of(config_->policy).choose(view);
  fill_allowed(chosen, view);
  if (!diverse)
    return chosen;
  return diversified(chosen, config_->space, span_of(snapshots_), config_->spare_candidates > 0 ? chosen.size() : n,
                     static_cast<float>(config_->diversity));
}

result<slate_proposal> user_mind::propose(occasion why, std::uint64_t request, std::uint32_t n, errc* policy_fault) {
  if (n == 0)
    return errc::no_slots;
  if (n > max_slots)
    return {errc::too_many_slots, std::to_string(n) + " slots asked, at most " + std::to_string(max_slots)};
  if (snapshots_.empty())
    return errc::no_catalogue;
  slate_proposal p{user_, rounds_ + 1, why, request, n, {}};
  const std::size_t most = std::min(most_candidates, std::size_t{n} + config_->spare_candidates);
  errc fault = errc::ok;
  chances told;
  const ranking chosen = choose(p.round, n, most, fault, told);
  if (policy_fault)
    *policy_fault = fault;
  p.candidates.resize(chosen.size());
  std::ranges::transform(chosen, p.candidates.begin(), [&](const scored& s) {
    const auto likely = std::ranges::find(told, s.creation, &chance::creation);
    return candidate{s.creation, s.score, likely == told.end() ? propensity{} : likely->of};
  });
  slates_.remember(p.round, span_of(p.candidates), n, config_->remembered_slates);
  if (ftrl_)
    ftrl_->forget(slates_);
  release_snapshots();
  ++rounds_;
  return p;
}

errc user_mind::check(const reward& r) const noexcept {
  if (r.user != user_)
    return errc::unknown_user;
  if (r.round == 0 || r.round > rounds_)
    return errc::feedback_not_shown;
  if (!slates_.knows(r.round))
    return errc::feedback_late;
  for (auto e = r.entries.begin(); e != r.entries.end(); ++e) {
    const auto standing = slates_.of(r.round, e->creation);
    if (standing == slate_memory::standing::not_in_slate || !locate(e->creation).version)
      return errc::unknown_creation;
    if (standing == slate_memory::standing::learned ||
        std::any_of(r.entries.begin(), e, [&](const earned& other) { return other.creation == e->creation; }))
      return errc::feedback_twice;
    if (!std::isfinite(e->reward))
      return errc::not_finite;
    if (std::abs(e->reward) > largest_reward)
      return errc::reward_out_of_range;
  }
  return errc::ok;
}

errc user_mind::learn(const reward& r) {
  if (const errc refused = check(r); refused != errc::ok)
    return refused;
  if (!(history_ ? learn_in_order(seen_in(r)) : learn_at_once(r)))
    return errc::posterior_not_definite;
  for (const earned& entry : r.entries)
    slates_.mark_learned(r.round, entry.creation);
  if (ftrl_)
    ftrl_->learn(r.round, span_of(r.entries));
  observations_ += r.entries.size();
  release_snapshots();
  return errc::ok;
}

bool user_mind::learn_at_once(const reward& r) {
  const layout& space = config_->space;
  scratch<float, 512> e;
  scratch<float, 16> values;
  scratch<std::size_t, 4> count(config_->space.factors().size(), 0);
  for (std::size_t f = 0; f < config_->space.factors().size(); ++f)
    for (const earned& entry : r.entries)
      if (space.factor_of(subspace_of(entry.creation)) == f) {
        e.resize(e.size() + posterior(f).dim(), boost::container::default_init);
        embed(locate(entry.creation), span_of(e).last(posterior(f).dim()));
        values.push_back(entry.reward);
        ++count[f];
      }
  // Whatever observe could refuse is refused before any factor has learned.
  if (!ridge_posterior<float>::acceptable(span_of(e)))
    return false;
  std::span<const float> rest_e = span_of(e), rest_values = span_of(values);
  for (std::size_t f = 0; f < config_->space.factors().size(); ++f) {
    const std::size_t size = count[f] * posterior(f).dim();
    [[maybe_unused]] const bool learned = beliefs_.posteriors[f].observe(rest_e.first(size), rest_values.first(count[f]));
    assert(learned);
    rest_e = rest_e.subspan(size);
    rest_values = rest_values.subspan(count[f]);
  }
  return true;
}

observed_round user_mind::seen_in(const reward& r) const {
  observed_round seen{r.round, {}};
  for (const earned& entry : r.entries) {
    const auto factor = static_cast<std::uint32_t>(config_->space.factor_of(subspace_of(entry.creation)));
    auto& o = seen.all.emplace_back(observed{factor, entry.creation, no_creation, entry.reward, {}});
    o.e.resize(posterior(factor).dim());
    embed(locate(entry.creation), o.e);
  }
  return seen;
}

bool user_mind::learn_in_order(observed_round r) {
  const auto fine = [](const observed& o) { return ridge_posterior<float>::acceptable(o.e); };
  if (!std::ranges::all_of(r.all, fine))
    return false;
  history_->settle(*config_, slates_.oldest_awaited(rounds_ + 1));
  return history_->take(*config_, std::move(r), beliefs_);
}

errc user_mind::check(const comparison& c) const noexcept {
  if (c.better == c.worse || beliefs_.restarts())
    return errc::bad_value;
  for (const auto& [round, creation] : {std::pair(c.better_round, c.better), std::pair(c.worse_round, c.worse)}) {
    const reward alone{.user = c.user, .round = round, .entries = {{creation, 0}}};
    if (const errc refused = check(alone); refused != errc::ok)
      return refused;
  }
  return errc::ok;
}

errc user_mind::learn(const comparison& c) {
  if (const errc refused = check(c); refused != errc::ok)
    return refused;
  const auto placed = [&](creation_id id) {
    const auto factor = static_cast<std::uint32_t>(config_->space.factor_of(subspace_of(id)));
    observed o{factor, id, no_creation, 0, std::vector<float>(posterior(factor).dim())};
    embed(locate(id), o.e);
    return o;
  };
  observed better = placed(c.better), worse = placed(c.worse);
  better.than = c.worse;
  better.value = 1;
  worse.than = c.better;
  observed_round r{std::max(c.better_round, c.worse_round), {}};
  if (better.factor == worse.factor) {
    std::ranges::transform(better.e, worse.e, better.e.begin(), std::minus{});
    r.all = {std::move(better)};
  } else {
    r.all = {std::move(better), std::move(worse)};
  }
  if (history_ ? !learn_in_order(std::move(r)) : !learn_round(*config_, r, beliefs_))
    return errc::posterior_not_definite;
  slates_.mark_learned(c.better_round, c.better);
  slates_.mark_learned(c.worse_round, c.worse);
  ++observations_;
  release_snapshots();
  return errc::ok;
}

errc user_mind::take_interest(subspace_id subspace, std::span<const float> v, double confidence) {
  if (raw(subspace) >= config_->space.size())
    return errc::unknown_subspace;
  const block b = config_->space.within_factor(subspace);
  if (v.size() != b.width)
    return errc::wrong_dimension;
  if (!(confidence > 0 && confidence <= 0.99))
    return errc::bad_value;
  const double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  if (!(norm > 0 && std::isfinite(norm)))
    return errc::not_finite;
  const std::size_t factor = config_->space.factor_of(subspace), d = posterior(factor).dim();
  const double weight = config_->noise * std::sqrt(b.width / (1 - confidence * confidence));
  std::vector<float> e(b.width * d), values(b.width);
  for (std::size_t k = 0; k < b.width; ++k) {
    e[k * d + b.offset + k] = static_cast<float>(weight);
    values[k] = static_cast<float>(weight * confidence * v[k] / norm);
  }
  const auto told = [&](factor_beliefs& beliefs) {
    return beliefs.restarts() ? beliefs.drift->runs[factor].take(e, values) : beliefs.posteriors[factor].observe(e, values);
  };
  if (!history_)
    return told(beliefs_) ? errc::ok : errc::posterior_not_definite;
  return told(history_->base()) && history_->replay(*config_, beliefs_) ? errc::ok : errc::posterior_not_definite;
}

std::vector<double> user_mind::moments(std::span<const gaussian_prior> priors) const {
  const auto& factors = config_->space.factors();
  if (priors.size() != factors.size())
    return {};
  std::vector<double> out;
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const std::size_t d = factors[f].width, before = out.size();
    if (priors[f].mean.size() != d || priors[f].covariance.size() != triangle(d))
      return {};
    out.resize(before + moments_size(d));
    if (!moments_of(posterior(f), start(f), config_->noise, priors[f], std::span(out).subspan(before)))
      return {};
  }
  return out;
}

bool user_mind::hear(subspace_id subspace, const shared_consensus& group) {
  const layout& space = config_->space;
  if (!(config_->group_weight > 0) || config_->prior || history_ || !group.now || raw(subspace) >= space.size())
    return false;
  const std::size_t factor = space.factor_of(subspace);
  const block& b = space.factors()[factor];
  const auto shared = [&](const subspace_id& s) { return space.factor_of(s) == factor; };
  const auto all = std::views::iota(std::size_t{0}, space.size()) |
                   std::views::transform([](std::size_t s) { return subspace_id{static_cast<std::uint16_t>(s)}; });
  if (group.now->mean.values.size() != b.width || std::ranges::count_if(all, shared) != 1)
    return false;
  heard_.resize(space.factors().size());
  coordinates change(b.width, 0.0f);
  const double weight = config_->group_weight * config_->noise * config_->noise / config_->flat_variance(b);
  const auto add = [&](const consensus& c, double sign) {
    for (std::size_t k = 0; k < b.width; ++k)
      change[k] += static_cast<float>(sign * weight * c.agreement * c.mean.values[k]);
  };
  add(*group.now, 1);
  if (heard_[factor])
    add(*heard_[factor], -1);
  if (!beliefs_.posteriors[factor].shift_prior(span_of(change)))
    return false;
  heard_[factor] = group.now;
  return true;
}

bool user_mind::would_enter(std::span<const creation_id> fresh, std::uint32_t n) const {
  const coordinates q = mean();
  if (std::ranges::all_of(q, [](float x) { return x == 0; }))
    return false;
  const auto m = span_of(q);
  const auto worth_it = [&](creation_id id) {
    const catalogue_version* s = current(id);
    return s && (config_->exactly || s->dot(row_of(id), part_of(m, *s)) >= 0);
  };
  scratch<creation_id, 16> worthy;
  std::ranges::copy_if(fresh, std::back_inserter(worthy), worth_it);
  if (worthy.empty() || n == 0)
    return false;
  const ranking slate = best(m, std::min<std::size_t>(n, max_slots));
  return std::ranges::any_of(slate, [&](const scored& s) {
    return std::ranges::find(worthy, s.creation) != worthy.end();
  });
}

belief user_mind::believe() const {
  const coordinates m = mean();
  belief b{.user = user_, .rounds = rounds_, .observations = observations_, .mean = {{m.begin(), m.end()}}};
  believe_regret(b, span_of(m));
  return b;
}

float user_mind::half_width(const located& at) const {
  const auto& believed = posterior(config_->space.factor_of(at.version->subspace()));
  coordinates e(believed.dim(), boost::container::default_init);
  embed(at, span_of(e));
  return z95 * static_cast<float>(config_->noise) * believed.width(span_of(e));
}

ranking user_mind::best_possible(std::span<const float> m, std::span<const creation_id> shown,
                                            std::size_t n) const {
  ranking possible;
  for (const auto& s : snapshots_)
    for (std::uint32_t row = 0; row < s->rows(); ++row) {
      const creation_id id = s->info(row).id;
      if (id == no_creation)
        continue;
      const float width = half_width({s.get(), row});
      const bool is_shown = std::ranges::find(shown, id) != shown.end();
      possible.push_back({id, s->dot(row, part_of(m, *s)) + (is_shown ? -width : width)});
    }
  std::ranges::sort(possible, better);
  possible.resize(std::min(n, possible.size()));
  return possible;
}

void user_mind::believe_regret(belief& b, std::span<const float> m) const {
  const auto slate = slates_.last();
  scratch<float, 16> likely, least;
  for (creation_id id : slate)
    if (const located at = locate(id); at.version) {
      likely.push_back(at.version->dot(at.row, part_of(m, *at.version)));
      least.push_back(likely.back() - half_width(at));
    }
  const std::size_t n = slates_.last_slots() - (slate.size() - likely.size());
  const auto regret = [&](const ranking& comparator, const scratch<float, 16>& got) {
    return regret_of(span_of(scores_of(comparator)), span_of(got), config_->exactly).slate;
  };
  b.believed_regret = regret(best(m, n), likely);
  b.regret_bound = regret(best_possible(m, span_of(slate), n), least);
}

} // namespace ammo
