// A Goal Buddy's mind and its policies as values, and back.
#include "actors/protocol/state/goal_state.hpp"

#include "actors/base/saved.hpp"
#include "actors/goal_buddy/adaptive.hpp"
#include "actors/goal_buddy/climbing.hpp"
#include "actors/goal_buddy/explorer.hpp"
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/space/ball.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

/// Finite, and of that many coordinates.
bool is_place(const std::vector<float>& v, std::size_t dim) { return v.size() == dim && ball::finite(v); }
bool is_place_or_none(const embedding& v, std::size_t dim) { return v.values.empty() || is_place(v.values, dim); }

} // namespace

goal_strategy_state climbing::save() const {
  return climbing_state{stage_ == stage::trying, {best_}, {line_}, best_utility_, step_, failed_};
}

errc climbing::restore(const goal_strategy_state& state, std::size_t dim) {
  const auto* s = std::get_if<climbing_state>(&state);
  if (!s || !is_place_or_none(s->best, dim) || !is_place_or_none(s->line, dim) || !(s->step > 0))
    return errc::bad_state;
  stage_ = s->trying ? stage::trying : stage::measuring;
  best_ = s->best.values;
  line_ = s->line.values;
  best_utility_ = s->best_utility;
  step_ = s->step;
  failed_ = s->failed;
  return errc::ok;
}

goal_strategy_state explorer::save() const { return explorer_state{step_, away_, {best_}, best_worth_}; }

errc explorer::restore(const goal_strategy_state& state, std::size_t dim) {
  const auto* s = std::get_if<explorer_state>(&state);
  if (!s || !is_place_or_none(s->best, dim) || !(s->step > 0))
    return errc::bad_state;
  step_ = s->step;
  away_ = s->away;
  best_ = s->best.values;
  best_worth_ = s->best_worth;
  return errc::ok;
}

goal_strategy_state adaptive::save() const {
  adaptive_state s{.home = {home_},
                   .home_utility = home_utility_,
                   .facts_utility = facts_utility_,
                   .tried = {},
                   .promised = promised_,
                   .belief = {belief_.begin(), belief_.end()},
                   .generations = generations_,
                   .moves = moves_,
                   .foreseen = foreseen_};
  if (tried_)
    s.tried = static_cast<std::uint8_t>(*tried_);
  return s;
}

errc adaptive::restore(const goal_strategy_state& state, std::size_t dim) {
  const auto* s = std::get_if<adaptive_state>(&state);
  const auto sound = [](double x) { return x >= 0 && std::isfinite(x); };
  if (!s || !is_place_or_none(s->home, dim) || (s->tried && *s->tried >= anchors) || s->belief.size() != anchors ||
      !std::ranges::all_of(s->belief, sound) || !sound(s->promised) || !sound(s->generations) || !sound(s->moves) || !sound(s->foreseen))
    return errc::bad_state;
  home_ = s->home.values;
  home_utility_ = s->home_utility;
  facts_utility_ = s->facts_utility;
  tried_.reset();
  if (s->tried)
    tried_ = static_cast<anchor>(*s->tried);
  promised_ = s->promised;
  std::ranges::copy(s->belief, belief_.begin());
  generations_ = s->generations;
  moves_ = s->moves;
  foreseen_ = s->foreseen;
  return errc::ok;
}

goal_mind_state goal_mind::save() const {
  const auto& style = config_.style;
  return {
    .goal = goal_,
    .owner = owner_,
    .content = content_,
    .grounded = {grounded_},
    .facts = facts_,
    .step = config_.step,
    .patience = config_.patience,
    .curiosity = config_.curiosity,
    .style = style,
    .strategy = strategy_ ? strategy_->save() : goal_strategy_state{},
    .e = {e_},
    .creation = creation_,
    .creations = creations_,
    .next_key = next_key_,
    .lost = lost_,
    .balance_micros = balance_micros_,
    .earned_fraction = earned_.fraction(),
    .refused = refused_,
    .under_way = under_way_,
    .offered = {offered_},
    .writing = {writing_.request, writing_.period, writing_.by_host, {writing_.wanted.to}, {writing_.wanted.home}},
    .requests = requests_,
    .text = text_,
    .offered_text = offered_text_,
    .home_text = home_text_,
    .home = {home_},
    .visibility = visibility_,
    .measured = measured_,
    .asked = asked_,
    .interests = {interests_},
    .fixed_micros = fixed_micros_,
    .distance_micros = distance_micros_,
    .shown = shown_};
}

result<goal_mind> goal_mind::restore(const goal_config& config, const goal_mind_state& s) {
  goal_mind out(config, s.goal, s.owner, s.content, s.grounded.values, s.facts, s.shown);
  if (auto adopted = out.adopt(s); !adopted)
    return adopted.error();
  return out;
}

result<void> goal_mind::adopt(const goal_mind_state& s) {
  const auto wrong = [&] { return bad_state("goal " + std::to_string(raw(s.goal))); };
  const std::size_t dim = s.grounded.values.size();
  if (dim == 0 || !is_place(s.grounded.values, dim) || !is_place(s.e.values, dim))
    return wrong();
  for (const embedding* v : {&s.offered, &s.writing.to, &s.writing.home, &s.home, &s.interests})
    if (!is_place_or_none(*v, dim))
      return wrong();
  if (s.next_key == 0 || s.next_key <= s.under_way || (s.under_way > 0 && s.offered.values.empty()) || !(s.step > 0) ||
      !(s.visibility >= 0) || (s.writing.request > 0 && s.writing.to.values.empty() != s.writing.by_host) ||
      s.writing.to.values.empty() != s.writing.home.values.empty())
    return wrong();
  if (std::holds_alternative<std::monostate>(s.strategy)) {
    strategy_.reset();
  } else {
    if (!strategy_)
      return wrong();
    if (const errc refused = strategy_->restore(s.strategy, dim); refused != errc::ok)
      return {refused, "the policy of goal " + std::to_string(raw(s.goal))};
  }
  adopt(goal_habits{s.step, s.patience, s.curiosity, s.style});
  e_ = s.e.values;
  creation_ = s.creation;
  creations_ = s.creations;
  next_key_ = s.next_key;
  lost_ = s.lost;
  balance_micros_ = s.balance_micros;
  earned_.restore(s.earned_fraction);
  refused_ = s.refused;
  under_way_ = s.under_way;
  offered_ = s.offered.values;
  writing_ = {s.writing.request, s.writing.period, s.writing.by_host, {s.writing.to.values, s.writing.home.values}};
  requests_ = s.requests;
  text_ = s.text;
  offered_text_ = s.offered_text;
  home_text_ = s.home_text;
  home_ = s.home.values;
  visibility_ = s.visibility;
  measured_ = s.measured;
  asked_ = s.asked;
  interests_ = s.interests.values;
  fixed_micros_ = s.fixed_micros;
  distance_micros_ = s.distance_micros;
  return {};
}

} // namespace ammo
