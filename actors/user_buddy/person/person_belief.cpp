#include "actors/user_buddy/person/person_belief.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

namespace ammo {

namespace {

/// Rounds in random order after which somebody knows by themselves what slots are worth.
constexpr std::uint64_t alone_rounds = 128;

} // namespace

person_belief::person_belief(const person_options& options) : options_(options) {
  looks_.fill(1);
  begin_again();
}

const strand_prior& person_belief::prior() const noexcept {
  return common_->priors[static_cast<std::size_t>(scale_.kind)];
}

person_belief::beliefs person_belief::beginning() const {
  beliefs b;
  // Where most rewards are 0 and none is below, a usual creation is worth more than that.
  const bool seldom = counts_.negative == 0 && 2 * counts_.positive < counts_.rewards;
  b.shared = strand(dim(), scale_, prior(), !seldom);
  b.shared.hear(group_, sign());
  interest(b.shared, 0);
  return b;
}

template <class F> void person_belief::to_each(F change) {
  const auto changed = [&](const shared_copy<beliefs>& moment) {
    beliefs to = *moment;
    change(to);
    return shared_copy<beliefs>(std::move(to));
  };
  auto base = changed(base_);
  auto middle = middle_.shares_with(base_) ? base : changed(middle_);
  auto now = now_.shares_with(middle_) ? middle : changed(now_);
  base_ = std::move(base);
  middle_ = std::move(middle);
  now_ = std::move(now);
}

void person_belief::begin_again() {
  base_ = beginning();
  middle_ = now_ = base_;
  behind_ = from::now;
}

strand person_belief::afresh(const strand& s, std::uint32_t situation) const {
  strand fresh = s.afresh();
  fresh.hear(group_, sign());
  interest(fresh, situation);
  return fresh;
}

void person_belief::interest(strand& s, std::uint32_t situation) const {
  for (const heard_interest& i : interests_)
    if (i.situation == 0 || i.situation == situation)
      absorb(s, i);
}

/// A coordinate of q along the direction v is believed to be s|q|v_k, and to spread by (1 − s²) as much as before.
void person_belief::absorb(strand& s, const heard_interest& i) const {
  const std::size_t d = dim();
  const double spread = 1 - i.confidence * i.confidence, weight = std::sqrt(s.lambda / spread);
  const double length = s.kind == reward_kind::two_valued ? std::sqrt(static_cast<double>(d - 1) / s.lambda) : 0.5;
  std::vector<float> x((d - 1) * d), y(d - 1);
  for (std::size_t k = 0; k + 1 < d; ++k) {
    x[k * d + k + 1] = static_cast<float>(weight);
    y[k] = static_cast<float>(weight * i.confidence * length * i.direction[k]);
  }
  (void)s.belief.absorb(x, y);
}

person_belief::earlier person_belief::before(std::optional<std::uint64_t> round) const {
  earlier m;
  m.common = common_;
  m.counts = counts_;
  m.scale = scale_;
  m.scaled = scaled_;
  m.looks = looks_;
  m.by_slot = by_slot_;
  m.base = base_;
  m.middle = middle_;
  m.now = now_;
  m.behind = behind_;
  m.round = round;
  if (round)
    if (const auto known = std::ranges::lower_bound(rounds_, *round, {}, &learned_round::round); known != rounds_.end() && known->round == *round)
      m.outcomes = known->outcomes;
  return m;
}

void person_belief::take_back(earlier m) noexcept {
  leaning_.clear();
  common_ = std::move(m.common);
  counts_ = m.counts;
  scale_ = m.scale;
  scaled_ = m.scaled;
  looks_ = m.looks;
  by_slot_ = std::move(m.by_slot);
  base_ = std::move(m.base);
  middle_ = std::move(m.middle);
  now_ = std::move(m.now);
  behind_ = m.behind;
  if (!m.round)
    return;
  const auto learned = std::ranges::lower_bound(rounds_, *m.round, {}, &learned_round::round);
  if (learned == rounds_.end() || learned->round != *m.round)
    return;
  if (m.outcomes.empty())
    rounds_.erase(learned);
  else
    learned->outcomes = std::move(m.outcomes);
}

person_belief::earlier person_belief::hear(const common_belief& common) {
  earlier m = before({});
  try {
    leaning_.clear();
    common_ = common;
    if (options_.positions && common.known)
      looks_ = common.looks;
    if (scaled_ && base_->learned == 0 && rounds_.size() <= options_.window / 2)
      begin_again(); // as somebody who knew it from the start
  } catch (...) {
    take_back(std::move(m));
    throw;
  }
  return m;
}

void person_belief::hear_group(std::span<const float> liked) {
  leaning_.clear();
  std::vector<float> group(liked.begin(), liked.end());
  to_each([&](beliefs& b) {
    b.shared.hear(group, sign());
    for (auto& [situation, own] : b.separate)
      own.hear(group, sign());
  });
  group_ = std::move(group);
}

/// Somebody of whose people nothing is known learns alone what slots are worth: after 128 rounds in random order, 256, …
void person_belief::look_for_slots() {
  const auto shown = static_cast<std::uint64_t>(by_slot_->shown[0]);
  if (!options_.positions || common_->known || shown < alone_rounds || !std::has_single_bit(shown))
    return;
  looks_ = looks_of(statistics());
}

bool person_belief::tells_slots_apart() const noexcept {
  return looks_matter() || (common_->known ? common_->slots_known : by_slot_->shown[0] >= static_cast<double>(alone_rounds));
}

int person_belief::sign() const noexcept {
  return scale_.kind != reward_kind::two_valued || counts_.different >= 2 ? 1 : common_->second_sign;
}

bool person_belief::splits() const noexcept {
  return options_.situations && now_->split + common_->log_split_odds > options_.split_threshold;
}

const strand& person_belief::believed(std::uint32_t situation) const {
  if (splits())
    if (const auto s = now_->separate.find(situation); s != now_->separate.end())
      return s->second;
  const auto here = [&](const heard_interest& i) { return situation != 0 && i.situation == situation; };
  if (std::ranges::none_of(interests_, here))
    return now_->shared;
  if (const auto known = leaning_.find(situation); known != leaning_.end())
    return known->second;
  strand own = now_->shared;
  for (const heard_interest& i : interests_)
    if (here(i))
      absorb(own, i);
  return leaning_.emplace(situation, std::move(own)).first->second;
}

/// Of what kind the rewards are now; where that changes all is learned again, as far back as rounds are kept.
void person_belief::choose_scale() {
  reward_scale s = scale_;
  s.kind = counts_.sure() || !common_->known ? counts_.kind() : common_->kind;
  if (counts_.different <= 2 && common_->known && common_->kind != reward_kind::two_valued)
    s.kind = common_->kind;
  if (counts_.different > 2 && s.kind == reward_kind::two_valued)
    s.kind = counts_.kind();
  if (s.kind == reward_kind::heavy && (!options_.heavy || counts_.negative > 0))
    s.kind = reward_kind::linear;
  if (s.kind == reward_kind::two_valued && !options_.two_valued)
    s.kind = reward_kind::linear;
  if (s.kind == scale_.kind && scaled_) {
    if (s.kind == reward_kind::two_valued && counts_.different == 2 && scale_.low > std::min(counts_.first, counts_.second)) {
      scale_.low = counts_.second; // the success was the failure
      by_slot_ = slot_sums{};
      if (base_->learned == 0) {
        scaled_ = false;
        return;
      }
      to_each([](beliefs& b) {
        b.shared.mirror();
        for (auto& [situation, own] : b.separate)
          own.mirror();
      });
    }
    return;
  }
  if (s.kind == reward_kind::heavy)
    s.exponent = counts_.typical_exponent();
  s.low = counts_.different == 2 ? std::min(counts_.first, counts_.second) : counts_.first;
  scale_ = s;
  scaled_ = false;
  by_slot_ = slot_sums{};
}

/// The unit and the zero of a line: of the first rounds that are kept.
void person_belief::measure() {
  if (scale_.kind != reward_kind::linear)
    return;
  const auto& first = rounds_.front().outcomes;
  double sum = 0, largest = 0;
  for (const outcome& o : first)
    sum += o.reward / static_cast<double>(first.size());
  for (auto r = rounds_.begin(); r != rounds_.end() && largest == 0; ++r)
    for (const outcome& o : r->outcomes)
      largest = std::max(largest, std::abs(o.reward));
  scale_.exponent = largest > 0 ? std::ilogb(largest) : 0;
  scale_.zero = std::ldexp(sum, -scale_.exponent);
}

observations person_belief::observe(std::span<const outcome> outcomes, const creation_lookup& where) const {
  observations o;
  const std::size_t d = dim();
  const auto rewards = static_cast<std::size_t>(std::ranges::count(outcomes, no_creation, &outcome::than));
  o.x.resize(rewards * d);
  o.values.resize(rewards);
  o.looks.resize(rewards);
  o.preferred.resize((outcomes.size() - rewards) * d);
  std::size_t i = 0, preferred = 0;
  for (const outcome& seen : outcomes) {
    if (seen.than != no_creation) {
      const std::span<float> x(o.preferred.data() + preferred++ * d, d);
      std::vector<float> other(d - 1);
      where.embed(seen.creation, x.subspan(1));
      where.embed(seen.than, other);
      for (std::size_t k = 1; k < d; ++k)
        x[k] -= other[k - 1];
      continue;
    }
    o.x[i * d] = 1;
    where.embed(seen.creation, {o.x.data() + i * d + 1, d - 1});
    o.looks[i] = looks_[std::min<std::size_t>(seen.slot, most_positions - 1)];
    o.values[i] = scale_.kind == reward_kind::linear
                    ? static_cast<float>(std::ldexp(seen.reward, -scale_.exponent) - o.looks[i] * scale_.zero)
                    : scale_.value(seen.reward);
    ++i;
  }
  o.temperature = options_.temperature;
  o.sign = sign();
  return o;
}

void person_belief::go_back(from where) noexcept { behind_ = std::max(behind_, where); }

person_belief::earlier person_belief::learn(std::uint64_t round, std::uint32_t situation, bool shuffled, std::span<const outcome> outcomes,
                                           const creation_lookup& where) {
  if (outcomes.empty())
    return before({});
  earlier m = before(round);
  try {
    take(round, situation, shuffled, outcomes, where);
  } catch (...) {
    take_back(std::move(m));
    throw;
  }
  return m;
}

void person_belief::take(std::uint64_t round, std::uint32_t situation, bool shuffled, std::span<const outcome> outcomes, const creation_lookup& where) {
  leaning_.clear();
  for (const outcome& o : outcomes)
    if (o.than == no_creation)
      counts_.add(o.reward);
  choose_scale();
  if (shuffled) {
    auto& sums = by_slot_.own();
    for (const outcome& o : outcomes) {
      if (o.than != no_creation)
        continue;
      const std::size_t k = std::min<std::size_t>(o.slot, most_positions - 1);
      const double v = scale_.kind == reward_kind::linear ? o.reward : scale_.value(o.reward); // whatever the unit
      sums.shown[k] += 1;
      sums.seen[k] += v * v;
      sums.seen2[k] += v * v * v * v;
    }
    look_for_slots();
  }
  const auto place = std::ranges::lower_bound(rounds_, round, {}, &learned_round::round);
  const auto at = static_cast<std::size_t>(place - rounds_.begin());
  const bool again = place != rounds_.end() && place->round == round;
  if (scaled_ && (at < base_->learned || (at == 0 && base_->learned > 0)))
    return learn_late(situation, outcomes, where);
  const auto by_slot = [](const outcome& o) { return std::tuple{o.slot, o.creation, o.than}; };
  auto& all = again ? place->outcomes : rounds_.insert(place, learned_round{round, situation, {}})->outcomes;
  all.insert(all.end(), outcomes.begin(), outcomes.end());
  std::ranges::sort(all, {}, by_slot);
  if (at == 0 && base_->learned == 0 && scale_.kind == reward_kind::linear)
    scaled_ = false; // the first round says what is zero
  if (!scaled_) { // from nothing, with all that is kept
    scaled_ = true;
    measure();
    begin_again();
  } else if (at < middle_->learned) {
    go_back(from::base);
  } else if (at < now_->learned) {
    go_back(from::middle);
  }
}

/// What is older than the window is learned as it comes.
void person_belief::learn_late(std::uint32_t situation, std::span<const outcome> outcomes, const creation_lookup& where) {
  catch_up(where);
  const observations o = observe(outcomes, where);
  to_each([&](beliefs& b) {
    b.shared.learn(o, scale_, prior());
    if (const auto s = b.separate.find(situation); s != b.separate.end())
      s->second.learn(o, scale_, prior());
  });
}

void person_belief::move_window(const creation_lookup& where) noexcept {
  if (rounds_.size() < (behind_ == from::base ? base_->learned + options_.window : middle_->learned) + options_.window)
    return;
  try {
    catch_up(where);
    if (rounds_.size() < middle_->learned + options_.window)
      return;
    const auto gone = middle_->learned - std::min(middle_->learned, strand::remembered);
    auto oldest = middle_, newest = now_;
    if (gone > 0) {
      oldest.own().learned -= gone;
      newest.own().learned -= gone;
    }
    base_ = std::move(oldest);
    middle_ = now_ = std::move(newest);
    rounds_.erase(rounds_.begin(), rounds_.begin() + static_cast<std::ptrdiff_t>(gone));
  } catch (...) { // with the next round, then
  }
}

void person_belief::catch_up(const creation_lookup& where) {
  leaning_.clear();
  if (behind_ == from::base)
    middle_ = base_;
  if (behind_ != from::now)
    now_ = middle_;
  behind_ = from::now;
  while (now_->learned < rounds_.size()) {
    try {
      advance(now_.own(), where);
    } catch (...) { // half a round is learned
      now_ = middle_;
      throw;
    }
    if (middle_->learned == base_->learned && now_->learned == base_->learned + options_.window && now_->learned < rounds_.size())
      middle_ = now_;
  }
}

void person_belief::advance(beliefs& b, const creation_lookup& where) const {
  const std::size_t at = b.learned++;
  const learned_round& r = rounds_[at];
  const observations o = observe(r.outcomes, where);
  const double shared = b.shared.learn(o, scale_, prior());
  if (options_.situations && r.situation != 0) {
    auto [own, fresh] = b.separate.try_emplace(r.situation);
    if (fresh)
      own->second = afresh(b.shared, r.situation);
    const double separate = own->second.learn(o, scale_, prior());
    if (b.shared.rounds > 4) // before that nothing is known of the noise
      b.split = std::clamp(b.split * (1 - 1.0 / 1024) + separate - shared, -30.0, 30.0);
    if (options_.drift)
      look_for_change(own->second, at, true, where);
  }
  if (options_.drift)
    look_for_change(b.shared, at, false, where);
}

void person_belief::take_interest(std::span<const float> direction, double confidence, const creation_lookup& where,
                                  std::uint32_t situation) {
  catch_up(where);
  interests_.push_back({{direction.begin(), direction.end()}, confidence, situation});
  try {
    to_each([&](beliefs& b) {
      if (situation == 0)
        absorb(b.shared, interests_.back());
      for (auto& [of, own] : b.separate)
        if (situation == 0 || situation == of)
          absorb(own, interests_.back());
    });
  } catch (...) {
    interests_.pop_back();
    throw;
  }
}

void person_belief::refer(std::vector<creation_id>& to) const {
  for (const learned_round& r : rounds_)
    for (const outcome& o : r.outcomes) {
      to.push_back(o.creation);
      if (o.than != no_creation)
        to.push_back(o.than);
    }
}

} // namespace ammo
