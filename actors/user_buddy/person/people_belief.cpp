#include "actors/user_buddy/person/people_belief.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ammo {

namespace {

using floats = boost::container::small_vector<float, 128>;

std::span<float> span_of(floats& v) noexcept { return {v.data(), v.size()}; }

person_options options_of(const belief_options& options, std::size_t factor) {
  return {options.people, options.space.factors()[factor].width, options.response.temperature / options.noise};
}

/// Rounds that were learned up to which somebody is new.
constexpr std::uint32_t newcomer_until = 32;
/// Share of slates in random order once it is known what slots are worth; before, all are.
constexpr double shuffled_later = 1.0 / 16;

} // namespace

people_belief::people_belief(const belief_options& options) : noise_(options.noise) {
  for (std::size_t f = 0; f < options.space.factors().size(); ++f)
    of_.emplace_back(options_of(options, f));
  exchange();
}

std::unique_ptr<people_belief> people_belief::restored(const belief_options& options, const belief_state& saved) {
  auto out = std::make_unique<people_belief>(options);
  if (saved.people.size() != out->of_.size() || saved.now != factors_state{} || !saved.base.empty() || !saved.rounds.empty() ||
      !saved.heard.empty())
    return nullptr;
  const auto at_home = [&](creation_id id, std::size_t factor) {
    return raw(subspace_of(id)) < options.space.size() && options.space.factor_of(subspace_of(id)) == factor;
  };
  for (std::size_t f = 0; f < out->of_.size(); ++f) {
    for (const person_round_state& r : saved.people[f].rounds)
      for (const outcome_state& o : r.outcomes)
        if (!at_home(o.creation, f) || (o.than != no_creation && !at_home(o.than, f)))
          return nullptr;
    auto one = person_belief::restored(options_of(options, f), saved.people[f]);
    if (!one)
      return nullptr;
    out->of_[f] = std::move(*one);
  }
  out->situation_ = saved.situation;
  out->exchange();
  return out;
}

float people_belief::spread(std::size_t factor) const {
  return static_cast<float>(believed(factor).noise() / noise_ * worth_[factor].unit);
}

void people_belief::mean(std::size_t factor, std::span<float> out) const { sample(factor, {}, 0, out); }

void people_belief::sample(std::size_t factor, std::span<const float> z, float scale, std::span<float> out) const {
  const strand& s = believed(factor);
  floats all(s.dim(), 0.0f);
  if (!z.empty())
    std::ranges::copy(z, all.begin() + 1); // the intercept's number doesn't move the others
  const auto sigma = static_cast<float>(s.noise() / noise_);
  s.belief.sample(z.empty() ? std::span<const float>{} : span_of(all), scale * sigma, span_of(all));
  const auto unit = static_cast<float>(of_[factor].sign() * worth_[factor].unit);
  std::transform(all.begin() + 1, all.end(), out.begin(), [unit](float v) { return unit * v; });
}

float people_belief::width(std::size_t factor, std::span<const float> e) const {
  floats x(e.size() + 1, 0.0f); // between creations the intercept makes no difference
  std::ranges::copy(e, x.begin() + 1);
  return spread(factor) * believed(factor).belief.width(span_of(x));
}

void people_belief::confidence(std::size_t factor, std::span<const float> e, std::uint32_t first,
                               std::span<float, side_by_side> means, std::span<float, side_by_side> widths) const {
  static_assert(side_by_side == root_posterior::side_by_side);
  // How high the intercept is matters to none, but how much of a creation's value is known does: only both together tell that.
  believed(factor).belief.confidence(e, 1 + first, means, widths, true);
  const auto unit = static_cast<float>(of_[factor].sign() * worth_[factor].unit), offset = static_cast<float>(worth_[factor].offset);
  const float wide = spread(factor);
  for (std::size_t i = 0; i < side_by_side; ++i) {
    means[i] = unit * means[i] + offset;
    widths[i] *= wide;
  }
}

template <class F> void people_belief::to_all(F each) {
  boost::container::small_vector<std::optional<person_belief::earlier>, 1> before;
  before.reserve(of_.size());
  try {
    for (std::size_t f = 0; f < of_.size(); ++f)
      before.push_back(each(f));
  } catch (...) {
    for (std::size_t f = 0; f < before.size(); ++f)
      if (before[f])
        of_[f].take_back(std::move(*before[f]));
    throw;
  }
}

bool people_belief::learn(const belief_options& options, const observed_round& r, const creation_lookup& where) {
  boost::container::small_vector<outcome, 8> mine;
  const auto factor_of = [&](creation_id id) { return options.space.factor_of(subspace_of(id)); };
  to_all([&](std::size_t f) -> std::optional<person_belief::earlier> {
    mine.clear();
    for (const observation& o : r.all) {
      if (o.than != no_creation && factor_of(o.than) != factor_of(o.creation))
        continue; // two factors have no scale in common
      const bool turned = o.than != no_creation && o.value < 0.5;
      if (factor_of(o.creation) == f)
        mine.push_back({turned ? o.than : o.creation, turned ? o.creation : o.than, o.value, o.slot});
    }
    if (mine.empty())
      return {};
    return of_[f].learn(r.round, r.situation, r.shuffled, {mine.data(), mine.size()}, where);
  });
  for (person_belief& p : of_)
    p.move_window(where);
  return true;
}

void people_belief::catch_up(const creation_lookup& where) const {
  for (person_belief& p : of_)
    p.catch_up(where);
  exchange();
}

/// One factor needs no currency. A factor whose rewards aren't known counts like the one that is worth most.
void people_belief::exchange() const {
  boost::container::small_vector<currency, 8> worth(of_.size());
  if (of_.size() < 2)
    return worth_.assign(worth.begin(), worth.end());
  currency most{.unit = 0};
  const auto known = [](const person_belief& p) { return p.counts().different > 1; };
  for (std::size_t f = 0; f < of_.size(); ++f) {
    const person_belief& p = of_[f];
    if (!known(p))
      continue;
    const strand& s = believed(f);
    floats theta(s.dim());
    s.belief.mean(span_of(theta));
    const double base = theta[0], scale = std::ldexp(1.0, p.scale().exponent);
    switch (p.scale().kind) {
    case reward_kind::linear: worth[f] = {scale, scale * p.scale().zero}; break;
    case reward_kind::heavy: {
      const double slope = scale * std::exp(std::min(base, 60.0));
      worth[f] = {slope, slope - scale - slope * base};
      break;
    }
    case reward_kind::two_valued: {
      const double apart = std::abs(p.counts().second - p.counts().first), low = std::min(p.counts().first, p.counts().second);
      const double yes = 1 / (1 + std::exp(-p.sign() * base)), slope = apart * yes * (1 - yes);
      worth[f] = {slope, low + apart * yes - slope * p.sign() * base};
      break;
    }
    }
    if (worth[f].unit > most.unit)
      most = worth[f];
  }
  for (std::size_t f = 0; f < of_.size(); ++f)
    if (!known(of_[f]) && most.unit > 0)
      worth[f] = most;
  worth_.assign(worth.begin(), worth.end());
}

bool people_belief::take(const belief_options&, std::size_t factor, const belief_interest& interest, const creation_lookup& where) {
  of_[factor].take_interest(interest.direction, interest.confidence, where, interest.situation);
  return true;
}

bool people_belief::newcomer(std::uint64_t round) const {
  return std::ranges::any_of(of_, [&](const person_belief& p) {
    const std::uint32_t learned = p.believed(situation_).rounds;
    return learned < newcomer_until && (learned > 0 || round <= newcomer_until);
  });
}

bool people_belief::shuffles(splitmix64& g) const {
  return !std::ranges::any_of(of_, &person_belief::tells_slots_apart) || uniform01(g) < shuffled_later;
}

double people_belief::unit(std::size_t factor) const noexcept {
  if (of_.size() > 1)
    return 1; // values are rewards already
  const person_belief& p = of_[factor];
  return p.scale().kind == reward_kind::two_valued ? 1 : std::ldexp(1.0, p.scale().exponent);
}

double people_belief::base(std::size_t factor) const {
  const strand& s = believed(factor);
  floats theta(s.dim());
  s.belief.mean(span_of(theta));
  return of_[factor].sign() * double{theta[0]};
}

double people_belief::level(std::size_t factor, double reward) const {
  const double all = bound_level(factor, reward);
  return of_.size() > 1 ? all - worth_[factor].offset - worth_[factor].unit * base(factor) : all - base(factor);
}

/// Intercept and value together: several factors are compared in reward already, one alone in its own units.
double people_belief::bound_level(std::size_t factor, double reward) const noexcept {
  if (of_.size() > 1)
    return reward;
  const person_belief& p = of_[factor];
  const double unit = std::ldexp(1.0, p.scale().exponent);
  switch (p.scale().kind) {
  case reward_kind::linear: return reward / unit - p.scale().zero;
  case reward_kind::heavy: return reward > -unit ? std::log1p(reward / unit) : -std::numeric_limits<double>::infinity();
  case reward_kind::two_valued: break;
  }
  const auto& c = p.counts();
  const double low = std::min(c.first, c.second), high = std::max(c.first, c.second);
  if (c.different < 2) // nobody knows yet what else there is
    return -std::numeric_limits<double>::infinity();
  const double yes = std::clamp((reward - low) / (high - low), 1e-9, 1 - 1e-9);
  return std::log(yes / (1 - yes));
}

void people_belief::refer(std::vector<creation_id>& to) const {
  for (const person_belief& p : of_)
    p.refer(to);
}

std::size_t people_belief::rounds_kept() const noexcept {
  std::size_t most = 0;
  for (const person_belief& p : of_)
    most = std::max(most, p.rounds_kept());
  return most;
}

belief_state people_belief::save() const {
  belief_state s;
  s.situation = situation_;
  for (const person_belief& p : of_)
    s.people.push_back(p.save());
  return s;
}

belief_reasons people_belief::reasons(const belief_options&, std::size_t factor, std::span<const float> e,
                                      std::optional<std::uint32_t> situation, const creation_lookup& where) const {
  return of_[factor].reasons(situation.value_or(situation_), e, where);
}

reward_facts people_belief::facts(std::size_t factor) const {
  const person_belief& p = of_[factor];
  const strand& s = believed(factor);
  reward_facts f{.kind = name_of(p.scale().kind), .unit = this->unit(factor), .offset = 0, .noise = 0, .restarts = p.restarts(), .looks = {}, .apart = 0};
  if (p.looks_matter())
    f.looks.assign(p.looks().begin(), p.looks().end());
  f.apart = p.splits() ? 1 / (1 + std::exp(-std::min(p.split_evidence(), 60.0))) : 0;
  floats theta(s.dim());
  s.belief.mean(span_of(theta));
  f.offset = p.expected(theta[0]);
  if (p.scale().kind == reward_kind::linear)
    f.noise = std::ldexp(s.noise(), p.scale().exponent);
  return f;
}

std::vector<pooled_sums> people_belief::statistics() const {
  std::vector<pooled_sums> out;
  for (const person_belief& p : of_)
    out.push_back(p.statistics());
  return out;
}

bool people_belief::hear(const belief_options& options, std::size_t factor, const shared_consensus& group) {
  if (!(options.group_weight > 0) || !group.now || group.now->mean.values.size() + 1 != of_[factor].dim())
    return false;
  floats liked(group.now->mean.values.begin(), group.now->mean.values.end());
  const double length = std::sqrt(std::inner_product(liked.begin(), liked.end(), liked.begin(), 0.0));
  if (!std::isfinite(length) || !(std::abs(group.now->agreement) <= 1))
    return false;
  // Engagement has no unit in common with rewards: what is heard is a direction, and how far people agree.
  const double weight = length > 0 ? options.group_weight * group.now->agreement / length : 0.0;
  for (float& v : liked)
    v = static_cast<float>(weight * v);
  of_[factor].hear_group(span_of(liked));
  return true;
}

bool people_belief::hear_people(std::span<const pooled_sums> of_people) {
  if (of_people.size() != of_.size() || !std::ranges::all_of(of_people, are_over_people))
    return false;
  to_all([&](std::size_t f) { return of_[f].hear(common_of(of_people[f])); });
  return true;
}

} // namespace ammo
