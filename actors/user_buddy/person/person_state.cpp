// What is believed of a person as a value, and back.
#include "actors/user_buddy/person/person_belief.hpp"

#include "actors/base/saved.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {

namespace {

constexpr double largest = 1e16;

bool finite(double x) noexcept { return std::isfinite(x); }
bool modest(double x) noexcept { return std::abs(x) <= largest; }

common_belief_state saved(const common_belief& c) {
  common_belief_state s{.priors = {}, .known = c.known, .kind = static_cast<std::uint8_t>(c.kind), .second_sign = c.second_sign, .log_split_odds = c.log_split_odds, .slots_known = c.slots_known, .looks = {c.looks.begin(), c.looks.end()}};
  for (const strand_prior& p : c.priors)
    s.priors.insert(s.priors.end(), {p.log_lambda, p.log_lambda_variance, p.base, p.base_variance, p.log_noise, p.noise_worth, p.level, p.level_variance});
  return s;
}

std::optional<common_belief> restored(const common_belief_state& s) {
  if (s.priors.size() != 8 * reward_kinds || s.looks.size() != most_positions || s.kind >= reward_kinds ||
      (s.second_sign != 1 && s.second_sign != -1) || !modest(s.log_split_odds) || !std::ranges::all_of(s.priors, modest) ||
      !std::ranges::all_of(s.looks, [](float w) { return w > 0 && w <= 1; }))
    return {};
  common_belief c;
  for (std::size_t k = 0; k < reward_kinds; ++k) {
    const auto p = std::span(s.priors).subspan(8 * k, 8);
    c.priors[k] = {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]};
    if (c.priors[k].noise_worth < 0 || c.priors[k].level_variance < 0 || std::abs(c.priors[k].log_noise) > 1100)
      return {};
    if (!(c.priors[k].log_lambda_variance > 0 && c.priors[k].base_variance > 0 && std::abs(c.priors[k].log_lambda) <= 30))
      return {};
  }
  c.known = s.known;
  c.kind = static_cast<reward_kind>(s.kind);
  c.second_sign = s.second_sign;
  c.log_split_odds = s.log_split_odds;
  c.slots_known = s.slots_known;
  std::ranges::copy(s.looks, c.looks.begin());
  return c;
}

std::optional<reward_counts> restored(const reward_counts_state& s) {
  if (s.different > 3 || !modest(s.first) || !modest(s.second) || s.positive > s.rewards || s.negative > s.rewards)
    return {};
  return reward_counts{s.rewards, s.positive, s.negative, s.exponents, s.squared_exponents, s.first, s.second, s.different};
}

} // namespace

person_belief_state person_belief::save() const {
  person_belief_state s;
  s.counts = {counts_.rewards, counts_.positive, counts_.negative, counts_.exponents, counts_.squared_exponents,
              counts_.first, counts_.second, counts_.different};
  s.kind = static_cast<std::uint8_t>(scale_.kind);
  s.exponent = scale_.exponent;
  s.zero = scale_.zero;
  s.low = scale_.low;
  s.scaled = scaled_;
  s.shown.assign(by_slot_->shown.begin(), by_slot_->shown.end());
  s.seen.assign(by_slot_->seen.begin(), by_slot_->seen.end());
  s.seen2.assign(by_slot_->seen2.begin(), by_slot_->seen2.end());
  s.common = saved(*common_);
  s.looks.assign(looks_.begin(), looks_.end());
  for (const auto* moment : {&base_, &middle_, &now_}) {
    const beliefs& b = **moment;
    moment_state& m = s.moments.emplace_back(moment_state{{b.shared.save()}, b.split, b.learned});
    for (const auto& [situation, own] : b.separate)
      m.strands.emplace_back(own.save()).situation = situation;
  }
  s.behind = static_cast<std::uint8_t>(behind_);
  for (const learned_round& r : rounds_) {
    auto& to = s.rounds.emplace_back(person_round_state{r.round, r.situation, {}});
    for (const outcome& o : r.outcomes)
      to.outcomes.push_back({o.creation, o.than, o.reward, o.slot});
  }
  s.interests = interests_;
  s.group = group_;
  return s;
}

std::optional<person_belief> person_belief::restored(const person_options& options, const person_belief_state& s) {
  person_belief out(options);
  const auto counts = ammo::restored(s.counts);
  const auto common = ammo::restored(s.common);
  if (!counts || !common || s.kind >= reward_kinds || std::abs(s.exponent) > 1100 || !modest(s.zero) || !modest(s.low) ||
      s.behind > static_cast<std::uint8_t>(from::base) || s.moments.size() != 3)
    return {};
  for (const auto* sums : {&s.shown, &s.seen, &s.seen2})
    if (sums->size() != most_positions || !std::ranges::all_of(*sums, [](double x) { return x >= 0 && finite(x); }))
      return {};
  out.counts_ = *counts;
  out.common_ = *common;
  if (s.looks.size() != most_positions || !std::ranges::all_of(s.looks, [](float w) { return w > 0 && w <= 1; }))
    return {};
  std::ranges::copy(s.looks, out.looks_.begin());
  out.scale_ = {static_cast<reward_kind>(s.kind), s.exponent, s.zero, s.low};
  out.scaled_ = s.scaled;
  auto& slots = out.by_slot_.own();
  std::ranges::copy(s.shown, slots.shown.begin());
  std::ranges::copy(s.seen, slots.seen.begin());
  std::ranges::copy(s.seen2, slots.seen2.begin());
  out.rounds_.reserve(s.rounds.size());
  for (const person_round_state& r : s.rounds) {
    if (r.outcomes.empty() || (!out.rounds_.empty() && out.rounds_.back().round >= r.round))
      return {};
    auto& to = out.rounds_.emplace_back(learned_round{r.round, r.situation, {}});
    to.outcomes.reserve(r.outcomes.size());
    for (const outcome_state& o : r.outcomes) {
      if (!modest(o.reward))
        return {};
      to.outcomes.push_back({o.creation, o.than, o.reward, o.slot});
    }
  }
  std::size_t least = 0;
  const std::array<shared_copy<beliefs>*, 3> moments{&out.base_, &out.middle_, &out.now_};
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const moment_state& m = s.moments[i];
    if (m.strands.empty() || m.strands.size() > most_situations + 1 || m.strands.front().situation != 0 ||
        !ascends(m.strands, &strand_state::situation) || !(std::abs(m.split) <= 30) || m.learned > out.rounds_.size() ||
        (m.learned < least && s.behind == 0))
      return {};
    least = m.learned;
    if (i > 0 && m == s.moments[i - 1]) {
      *moments[i] = *moments[i - 1];
      continue;
    }
    beliefs to;
    for (const strand_state& one : m.strands) {
      auto own = strand::restored(out.dim(), one);
      if (!own || own->kind != out.scale_.kind)
        return {};
      (one.situation == 0 ? to.shared : to.separate[one.situation]) = std::move(*own);
    }
    to.split = m.split;
    to.learned = m.learned;
    *moments[i] = std::move(to);
  }
  out.behind_ = static_cast<from>(s.behind);
  if (out.base_->learned > out.middle_->learned && out.behind_ != from::base)
    return {};
  for (const heard_interest& i : s.interests)
    if (i.situation > most_situations || i.direction.size() + 1 != out.dim() || !(i.confidence > 0 && i.confidence <= 0.99) ||
        !std::ranges::all_of(i.direction, [](float x) { return std::abs(x) <= 1.001f; }))
      return {};
  out.interests_ = s.interests;
  if ((!s.group.empty() && s.group.size() + 1 != out.dim()) || !std::ranges::all_of(s.group, [](float x) { return std::abs(x) <= 1.001f; }))
    return {};
  out.group_ = s.group;
  return out;
}

} // namespace ammo
