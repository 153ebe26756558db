#include "actors/goal_buddy/goal_mind.hpp"

#include "actors/goal_buddy/geometry.hpp"

#include <utility>

namespace ammo {

goal_mind::goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content,
                     std::vector<float> grounded)
  : config_(config), goal_(goal), owner_(owner), content_(content), grounded_(std::move(grounded)), e_(grounded_),
    strategy_(make_goal_strategy(config_, goal)) {}

creation_offer goal_mind::first() { return offer(grounded_, 0); }

void goal_mind::see(std::shared_ptr<const catalogue_epoch> snapshot) {
  if (snapshot && (!creations_ || creations_->epoch() < snapshot->epoch()))
    creations_ = std::move(snapshot);
}

creation_offer goal_mind::offer(std::vector<float> e, std::uint64_t epoch) {
  under_way_ = next_key_++;
  offered_ = std::move(e);
  return {goal_, under_way_, creation_, content_, {offered_}, {grounded_}, epoch};
}

double goal_mind::error_of(std::span<const float> e) const noexcept { return ball::squared_distance(e, grounded_) / 2; }

void goal_mind::told(const creation_verdict& v) {
  if (v.goal != goal_ || under_way_ == 0 || v.key != under_way_)
    return;
  under_way_ = 0;
  balance_micros_ = v.balance_micros;
  visibility_ = 0;
  measured_ = 0;
  if (v.code != errc::ok) {
    if (strategy_)
      strategy_->not_moved();
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
  const creation_pass pass{goal_, f.epoch};
  if (!strategy_ || creation_ == no_creation || under_way_ != 0 || f.rounds == 0)
    return pass;
  measure(f);
  if (measured_ < std::max(config_.patience, 1u))
    return pass;
  auto wanted = ask(f);
  if (!wanted)
    return pass;
  const auto balance = static_cast<double>(balance_micros_);
  const bool goes_home = wanted->to == wanted->home;
  if (price_of(wanted->to) + (goes_home ? 0 : price_of(wanted->home)) <= balance)
    return offer(std::move(wanted->to), f.epoch);
  if (!goes_home && wanted->home != e_ && price_of(wanted->home) <= balance)
    return offer(std::move(wanted->home), f.epoch);
  strategy_->not_moved();
  return pass;
}

void goal_mind::measure(const regret_feedback& f) noexcept {
  auto mine = std::ranges::lower_bound(f.exposures, creation_, {}, &exposure::creation);
  if (mine != f.exposures.end() && mine->creation == creation_)
    visibility_ += static_cast<double>(mine->impressions) / static_cast<double>(f.rounds);
  ++measured_;
}

std::optional<goal_move> goal_mind::ask(const regret_feedback& f) {
  const double visibility = std::exchange(visibility_, 0) / std::exchange(measured_, 0);
  const auto interests = std::exchange(interests_, {});
  const goal_view view{config_, goal_, grounded_, e_, creation_, visibility - config_.lambda * error_of(e_), asked_++, f,
                       interests, creations_.get()};
  refused_ = errc::ok;
  std::optional<goal_move> wanted;
  try {
    wanted = strategy_->move(view);
    if (wanted)
      refused_ = check(*wanted);
  } catch (...) { // a host's policy
    refused_ = errc::policy_failed;
  }
  if (refused_ == errc::ok)
    return wanted;
  return std::nullopt;
}

errc goal_mind::check(const goal_move& m) const noexcept {
  for (const auto* x : {&m.to, &m.home}) {
    if (x->size() != grounded_.size())
      return errc::wrong_dimension;
    if (!ball::finite(*x))
      return errc::not_finite;
    if (ball::norm(*x) > config_.norm_cap + 1e-4)
      return errc::norm_over_cap;
  }
  return errc::ok;
}

void goal_mind::hear(const interest_notice& m) {
  const auto& v = m.v.values;
  const double size = ball::norm(v);
  if (!strategy_ || v.size() != grounded_.size() || !(size > 0 && std::isfinite(size)))
    return;
  interests_.resize(v.size());
  std::ranges::transform(interests_, v, interests_.begin(),
                         [size](float sum, float x) { return sum + static_cast<float>(x / size); });
}

void goal_mind::adopt(const goal_habits& h) noexcept {
  config_.step = h.step;
  config_.patience = h.patience;
  config_.curiosity = h.curiosity;
}

double goal_mind::price_of(const std::vector<float>& e) const noexcept {
  return fixed_micros_ + distance_micros_ * error_of(e);
}

} // namespace ammo
