#include "actors/goal_buddy/goal_mind.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ammo {
namespace {

double norm(const std::vector<double>& v) noexcept {
  double square = 0;
  for (double x : v)
    square += x * x;
  return std::sqrt(square);
}

bool finite(const std::vector<float>& v) noexcept {
  return std::all_of(v.begin(), v.end(), [](float x) { return std::isfinite(x); });
}

} // namespace

std::string_view name_of(goal_policy p) noexcept {
  switch (p) {
  case goal_policy::fixed: return "static";
  case goal_policy::ascent: return "ascent";
  }
  return "unknown";
}

result<goal_policy> goal_policy_named(std::string_view name) {
  for (auto p : {goal_policy::fixed, goal_policy::ascent})
    if (name == name_of(p))
      return p;
  return {errc::bad_value, "\"" + std::string{name} + "\" is no goal policy; there are static, ascent"};
}

goal_mind::goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content,
                     std::vector<float> grounded)
  : config_(config), goal_(goal), owner_(owner), content_(content), grounded_(std::move(grounded)), e_(grounded_),
    best_(grounded_), step_(config.step) {}

creation_offer goal_mind::first() { return offer(grounded_, 0); }

creation_offer goal_mind::offer(std::vector<float> e, std::uint64_t epoch) {
  under_way_ = next_key_++;
  offered_ = std::move(e);
  return {goal_, under_way_, creation_, content_, {offered_}, {grounded_}, epoch};
}

double goal_mind::error_of(const std::vector<float>& e) const noexcept {
  double square = 0;
  for (std::size_t k = 0; k < e.size(); ++k)
    square += (double{e[k]} - grounded_[k]) * (double{e[k]} - grounded_[k]);
  return square / 2;
}

void goal_mind::told(const creation_verdict& v) {
  if (v.goal != goal_ || under_way_ == 0 || v.key != under_way_)
    return;
  under_way_ = 0;
  balance_micros_ = v.balance_micros;
  visibility_ = 0;
  measured_ = 0;
  if (v.code != errc::ok) { // it stays with what it has, which from now on is the best it has
    stage_ = stage::measuring;
    best_ = e_;
    return;
  }
  if (creation_ == no_creation)
    fixed_micros_ = static_cast<double>(v.cost_micros);
  creation_ = v.creation;
  e_ = std::move(offered_);
  if (double error = error_of(e_); error > 0)
    distance_micros_ = std::max(distance_micros_, (static_cast<double>(v.cost_micros) - fixed_micros_) / error);
}

std::variant<creation_offer, creation_pass> goal_mind::hear(const regret_feedback& f) {
  if (config_.policy == goal_policy::fixed || creation_ == no_creation || under_way_ != 0 || f.rounds == 0)
    return creation_pass{goal_, f.epoch};
  measure(f);
  if (measured_ < std::max(config_.patience, 1u))
    return creation_pass{goal_, f.epoch};
  return decide(f);
}

void goal_mind::measure(const regret_feedback& f) noexcept {
  auto mine = std::lower_bound(f.exposures.begin(), f.exposures.end(), creation_,
                               [](const exposure& x, creation_id id) { return x.creation < id; });
  if (mine != f.exposures.end() && mine->creation == creation_)
    visibility_ += static_cast<double>(mine->impressions) / static_cast<double>(f.rounds);
  ++measured_;
}

std::variant<creation_offer, creation_pass> goal_mind::decide(const regret_feedback& f) {
  const double utility = std::exchange(visibility_, 0) / std::exchange(measured_, 0) - config_.lambda * error_of(e_);
  if (std::exchange(stage_, stage::measuring) == stage::trying) {
    const bool worse = utility < best_utility_;
    step_ = std::clamp(worse ? step_ / 2 : step_ * 2, config_.step / 16, config_.step);
    if (worse)
      return offer(best_, f.epoch); // its worth is measured anew: the others have moved too
  }
  best_ = e_;
  best_utility_ = utility;
  auto to = step_from(e_, f.demand.values);
  wanted_.clear();
  if (to == e_ || !finite(to) || !affords(to))
    return creation_pass{goal_, f.epoch};
  stage_ = stage::trying;
  return offer(std::move(to), f.epoch);
}

std::vector<float> goal_mind::step_from(const std::vector<float>& e, const std::vector<float>& demand) const {
  std::vector<double> g(e.size());
  if (demand.size() == e.size() && finite(demand)) {
    g.assign(demand.begin(), demand.end());
    if (double size = norm(g); size > 0)
      for (double& x : g)
        x /= size;
  }
  if (double size = norm({wanted_.begin(), wanted_.end()}); size > 0)
    for (std::size_t k = 0; k < g.size(); ++k)
      g[k] += wanted_[k] / size;
  for (std::size_t k = 0; k < g.size(); ++k)
    g[k] -= config_.lambda * (double{e[k]} - grounded_[k]);
  const double size = norm(g);
  if (!(size > 0))
    return e;
  for (std::size_t k = 0; k < g.size(); ++k)
    g[k] = e[k] + step_ * g[k] / size;
  const double clip = std::min(1.0, config_.norm_cap / norm(g));
  std::vector<float> to(g.size());
  std::transform(g.begin(), g.end(), to.begin(), [&](double x) { return static_cast<float>(clip * x); });
  return to;
}

void goal_mind::hear(const interest_notice& m) {
  const double size = norm({m.v.values.begin(), m.v.values.end()});
  if (config_.policy == goal_policy::fixed || m.v.values.size() != grounded_.size() || !(size > 0 && std::isfinite(size)))
    return;
  wanted_.resize(grounded_.size());
  std::ranges::transform(wanted_, m.v.values, wanted_.begin(),
                         [size](float w, float x) { return w + static_cast<float>(x / size); });
}

double goal_mind::price_of(const std::vector<float>& e) const noexcept {
  return fixed_micros_ + distance_micros_ * error_of(e);
}

bool goal_mind::affords(const std::vector<float>& e) const noexcept {
  return price_of(e) + price_of(best_) <= static_cast<double>(balance_micros_);
}

} // namespace ammo
