#include "bench/people/learner/person_belief.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ammo {

namespace {

/// Fewest rounds that may speak for a change.
constexpr std::uint32_t shortest = 4;

} // namespace

person_belief::person_belief(const person_options& options) : options_(options) {
  looks_.fill(1);
  begin(base_);
  now_ = base_;
}

const strand_prior& person_belief::prior() const noexcept {
  return common_.priors[static_cast<std::size_t>(scale_.kind)];
}

void person_belief::begin(beliefs& b) const {
  b = {};
  b.shared = strand(dim(), scale_.kind, prior());
}

void person_belief::hear(const common_belief& common) {
  common_ = common;
  if (options_.positions)
    looks_ = common.looks;
}

int person_belief::sign() const noexcept {
  return scale_.kind != reward_kind::two_valued || counts_.different >= 2 ? 1 : common_.second_sign;
}

bool person_belief::splits() const noexcept {
  return options_.situations && now_.split + common_.log_split_odds > options_.split_threshold;
}

const strand& person_belief::believed(std::uint32_t situation) const {
  if (splits())
    if (const auto s = now_.separate.find(situation); s != now_.separate.end())
      return s->second;
  return now_.shared;
}

/// Of what kind the rewards are now; where that changes all is learned again, as far back as rounds are kept.
void person_belief::choose_scale() {
  reward_scale s = scale_;
  s.kind = counts_.sure() || !common_.known ? counts_.kind() : common_.kind;
  if (counts_.different <= 2 && common_.known && common_.kind != reward_kind::two_valued)
    s.kind = common_.kind;
  if (counts_.different > 2 && s.kind == reward_kind::two_valued)
    s.kind = counts_.kind();
  if (s.kind == reward_kind::heavy && (!options_.heavy || counts_.negative > 0))
    s.kind = reward_kind::linear;
  if (s.kind == reward_kind::two_valued && !options_.two_valued)
    s.kind = reward_kind::linear;
  if (s.kind == scale_.kind && scaled_) {
    if (s.kind == reward_kind::two_valued && counts_.different == 2 && scale_.low > std::min(counts_.first, counts_.second)) {
      scale_.low = counts_.second; // the success was the failure
      shown_ = seen_ = seen2_ = {};
      if (in_base_ == 0) {
        scaled_ = false;
        return;
      }
      for (beliefs* b : {&base_, &now_}) {
        b->shared.mirror();
        for (auto& [situation, own] : b->separate)
          own.mirror();
      }
    }
    return;
  }
  if (s.kind == reward_kind::heavy)
    s.exponent = counts_.typical_exponent();
  s.low = counts_.different == 2 ? std::min(counts_.first, counts_.second) : counts_.first;
  scale_ = s;
  scaled_ = false;
  shown_ = seen_ = seen2_ = {};
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

observations person_belief::observe(const learned_round& r, const embeddings& where) const {
  observations o;
  const std::size_t m = r.outcomes.size(), d = dim();
  o.x.resize(m * d);
  o.values.resize(m);
  o.looks.resize(m);
  for (std::size_t i = 0; i < m; ++i) {
    const outcome& seen = r.outcomes[i];
    o.x[i * d] = 1;
    where.copy(seen.creation, {o.x.data() + i * d + 1, d - 1});
    o.looks[i] = looks_[std::min<std::size_t>(seen.slot, most_positions - 1)];
    o.values[i] = scale_.kind == reward_kind::linear
                    ? static_cast<float>(std::ldexp(seen.reward, -scale_.exponent) - o.looks[i] * scale_.zero)
                    : scale_.value(seen.reward);
  }
  return o;
}

void person_belief::learn(std::uint64_t round, std::uint32_t situation, bool shuffled,
                          std::span<const outcome> outcomes, const embeddings& where) {
  if (outcomes.empty())
    return;
  for (const outcome& o : outcomes)
    counts_.add(o.reward);
  choose_scale();
  const auto place = std::ranges::lower_bound(rounds_, round, {}, &learned_round::round);
  const bool newest = place == rounds_.end();
  const bool again = !newest && place->round == round;
  auto at = static_cast<std::size_t>(place - rounds_.begin());
  if (shuffled)
    for (const outcome& o : outcomes) {
      const std::size_t k = std::min<std::size_t>(o.slot, most_positions - 1);
      const double v = scale_.kind == reward_kind::linear ? o.reward : scale_.value(o.reward); // whatever the unit
      shown_[k] += 1;
      seen_[k] += v * v;
      seen2_[k] += v * v * v * v;
    }
  const auto by_slot = [](const outcome& o) { return std::pair{o.slot, o.creation}; };
  const bool too_late = at < in_base_ || (at == 0 && in_base_ > 0);
  if (again) {
    auto& all = place->outcomes;
    all.insert(all.end(), outcomes.begin(), outcomes.end());
    std::ranges::sort(all, {}, by_slot);
  } else {
    learned_round r{round, situation, {outcomes.begin(), outcomes.end()}};
    std::ranges::sort(r.outcomes, {}, by_slot);
    if (too_late && scaled_) { // older than the window: learned as it comes
      const observations o = observe(r, where);
      for (beliefs* b : {&base_, &now_}) {
        b->shared.learn(o, prior());
        if (const auto s = b->separate.find(situation); s != b->separate.end())
          s->second.learn(o, prior());
      }
      return;
    }
    rounds_.insert(place, std::move(r));
  }
  if (!newest && in_base_ == 0 && scale_.kind == reward_kind::linear)
    scaled_ = false; // another round may be the first one
  if (!scaled_) { // from nothing, with all that is kept
    scaled_ = true;
    measure();
    begin(base_);
    in_base_ = 0;
    behind_ = true;
  } else if (newest) {
    if (!behind_)
      advance(now_, rounds_.size() - 1, where);
  } else {
    if (at < in_base_) { // a part of a round that the base has: as above
      learned_round r{round, situation, {outcomes.begin(), outcomes.end()}};
      const observations o = observe(r, where);
      base_.shared.learn(o, prior());
    }
    behind_ = true;
  }
  while (rounds_.size() - in_base_ > options_.window) {
    advance(base_, in_base_, where);
    ++in_base_;
  }
  while (in_base_ > strand::remembered) {
    rounds_.pop_front();
    --in_base_;
  }
}

void person_belief::catch_up(const embeddings& where) {
  if (!behind_)
    return;
  behind_ = false;
  now_ = base_;
  for (std::size_t i = in_base_; i < rounds_.size(); ++i)
    advance(now_, i, where);
}

void person_belief::advance(beliefs& b, std::size_t at, const embeddings& where) const {
  const learned_round& r = rounds_[at];
  const observations o = observe(r, where);
  const double shared = b.shared.learn(o, prior());
  if (options_.situations && r.situation != 0) {
    auto [own, fresh] = b.separate.try_emplace(r.situation);
    if (fresh)
      own->second = b.shared.afresh();
    const double separate = own->second.learn(o, prior());
    if (b.shared.rounds > 4) // before that nothing is known of the noise
      b.split = std::clamp(b.split * (1 - 1.0 / 1024) + separate - shared, -30.0, 30.0);
    if (options_.drift)
      look_for_change(own->second, at, true, where);
  }
  if (options_.drift)
    look_for_change(b.shared, at, false, where);
}

void person_belief::look_for_change(strand& s, std::size_t at, bool alone, const embeddings& where) const {
  std::array<std::size_t, strand::remembered> back{};
  std::size_t known = 0; // rounds of this strand, the newest first
  for (std::size_t i = at + 1; i-- > 0 && known < std::min<std::size_t>(s.rounds, strand::remembered);)
    if (!alone || rounds_[i].situation == rounds_[at].situation)
      back[known++] = i;
  if (known < shortest)
    return;
  const double sigma = s.noise(), weight = s.kind == reward_kind::two_valued ? 1 : 1 / (sigma * sigma);
  const double wild = std::max(s.wild, 1.0);
  // How much better somebody who had begun so many rounds ago foresaw them, and the same without the round that speaks most
  // for it: a single reward is no change, however far out.
  const auto gain = [&](const strand& fresh, std::uint32_t rounds) {
    const auto score = [weight](const strand::foresight& f) { return f.volume - f.misfit * weight / 2; };
    double sum = 0, most = 0;
    for (std::uint32_t k = 0; k < rounds; ++k) {
      const double g = score(fresh.recent(k)) - score(s.recent(k));
      sum += g;
      most = std::max(most, g);
    }
    return std::pair{sum, sum - most};
  };
  const auto begun = [&](std::uint32_t rounds) {
    strand fresh = s.afresh();
    for (std::uint32_t r = rounds; r-- > 0;)
      fresh.learn(observe(rounds_[back[r]], where), prior());
    return fresh;
  };
  double expected = 0, surprise = 0;
  for (std::uint32_t k = 0; k < known; ++k) {
    const auto& f = s.recent(k);
    if (s.kind == reward_kind::two_valued) {
      expected += 2 * f.count; // so that 2 · expected is the variance of 2 ln p
      surprise -= 2 * f.volume;
    } else {
      expected += f.count;
      surprise += f.misfit * weight - f.count;
    }
    // The last 4, 8, 16, 32 rounds, each the less often the longer they are, and where they were worse foreseen than they
    // should be: so that looking costs a fraction of learning.
    const std::uint32_t length = k + 1;
    if (length < shortest || length >= s.rounds || !std::has_single_bit(length) || s.rounds % (length / shortest) != 0 ||
        surprise <= 2 * std::sqrt(2 * expected * wild))
      continue;
    strand best = begun(length);
    auto [most, surely] = gain(best, length);
    if (surely <= options_.change_threshold * std::sqrt(wild))
      continue;
    const std::uint32_t step = std::max(length / 8, 1u);
    for (std::uint32_t later = length - step; later > 0 && later < length; later -= step) { // it may have been since
      strand fresh = begun(later);
      if (const double g = gain(fresh, later).first; g > most) {
        most = g;
        best = std::move(fresh);
      }
    }
    ++best.restarts;
    s = std::move(best);
    return;
  }
}

pooled_sums person_belief::statistics() const {
  const auto fixed = [](double v) { return static_cast<std::int64_t>(std::llround(v / pooled_unit)); };
  pooled_sums p;
  p.people = 1;
  const auto kind = static_cast<std::size_t>(counts_.kind());
  if (counts_.different >= 2 || counts_.rewards >= 64)
    p.votes[kind] = 1;
  if (counts_.different == 2)
    p.second_is_higher = counts_.second > counts_.first ? 1 : -1;
  const strand* most = &now_.shared; // that which speaks for this person
  if (splits())
    for (const auto& [situation, own] : now_.separate)
      if (most == &now_.shared || own.observed > most->observed)
        most = &own;
  const strand& s = *most;
  const auto used = static_cast<std::size_t>(scale_.kind);
  if (s.observed >= 20) {
    const double l = std::clamp(std::log(s.lambda), -12.0, 12.0);
    p.tuned[used] = 1;
    p.log_lambda[used] = fixed(l);
    p.log_lambda2[used] = fixed(l * l);
    if (scale_.kind == reward_kind::two_valued) {
      std::vector<float> m(dim());
      s.belief.mean(m);
      const double base = std::clamp(static_cast<double>(m[0]), -10.0, 10.0);
      p.bases = 1;
      p.base = fixed(base);
      p.base2 = fixed(base * base);
    }
  }
  if (now_.split > 4)
    p.splits = 1;
  else if (now_.split < -4)
    p.joins = 1;
  double n = 0, all = 0;
  for (std::size_t k = 0; k < most_positions; ++k) {
    n += shown_[k];
    all += seen_[k];
  }
  if (all > 0)
    for (std::size_t k = 0; k < most_positions; ++k) {
      const double unit = n / all, part = std::min(1.0, 4096 / n);
      p.shown[k] = std::llround(shown_[k] * part);
      p.seen[k] = fixed(seen_[k] * unit * part);
      p.seen2[k] = fixed(seen2_[k] * unit * unit * part);
    }
  return p;
}

} // namespace ammo
