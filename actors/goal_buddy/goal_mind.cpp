#include "actors/goal_buddy/goal_mind.hpp"

#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"

#include <utility>

namespace ammo {
namespace {

/// A title and, where it is an address, a link.
item item_from(const std::vector<fact>& facts) {
  item out{plain(fact_named(facts, "title"), longest_title), {}, std::string(fact_named(facts, "link"))};
  if (!check(out))
    out.link.clear();
  return out;
}

} // namespace

goal_mind::goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content,
                     std::vector<float> grounded, std::vector<fact> facts, shared_item shown)
  : config_(config), goal_(goal), owner_(owner), content_(content), grounded_(std::move(grounded)), e_(grounded_),
    facts_(std::move(facts)), shown_(std::move(shown)) {
  config_.policy = resolved(config_.policy, writes());
  strategy_ = make_goal_strategy(config_, goal);
  if (const auto title = fact_named(facts_, "title"); !shown_ && !title.empty())
    shown_ = std::make_shared<const item>(item_from(facts_));
}

shared_item goal_mind::item_of(const written_creation& text) const {
  return text.title.empty() ? shown_ : std::make_shared<const item>(item{text.title, text.body, text.link});
}

creation_offer goal_mind::first() { return offer(grounded_, 0); }

void goal_mind::see(std::shared_ptr<const catalogue_version> snapshot) {
  if (snapshot && (!creations_ || creations_->version() < snapshot->version()))
    creations_ = std::move(snapshot);
  look_up_own();
}

creation_offer goal_mind::offer(std::vector<float> e, std::uint64_t period) {
  under_way_ = next_key_++;
  offered_ = std::move(e);
  return {.goal = goal_,
          .key = under_way_,
          .replaces = creation_,
          .content = content_,
          .e = {offered_},
          .grounded = {grounded_},
          .period = period,
          .shown = item_of(offered_text_)};
}

double goal_mind::error_of(std::span<const float> e) const noexcept { return ball::half_squared_distance(e, grounded_); }

bool goal_mind::come_back(const creation_verdict& v) {
  if (v.code != errc::ok || v.creation == no_creation)
    return false;
  creation_ = v.creation;
  next_key_ = v.key + 1;
  balance_micros_ = v.balance_micros;
  lost_ = true;
  look_up_own();
  return true;
}

void goal_mind::look_up_own() {
  if (!lost_ || !creations_ || creations_->coordinates().width != grounded_.size() || !creations_->find(creation_))
    return;
  e_.resize(creations_->coordinates().width);
  creations_->embedding(row_of(creation_), e_);
  lost_ = false;
}

bool goal_mind::goes_on(const creation_verdict& standing) noexcept {
  if (standing.goal != goal_ || standing.code != errc::ok || standing.creation != creation_ || standing.key + 1 != next_key_ ||
      under_way_ != 0 || lost_)
    return false;
  balance_micros_ = standing.balance_micros;
  return true;
}

bool goal_mind::told(const creation_verdict& v) {
  if (v.goal == goal_ && next_key_ == 1)
    return come_back(v);
  if (v.goal != goal_ || under_way_ == 0 || v.key != under_way_)
    return false;
  under_way_ = 0;
  if (v.code != errc::actor_failed) // nobody has looked at the account
    balance_micros_ = v.balance_micros;
  visibility_ = 0;
  measured_ = 0;
  if (v.code != errc::ok) {
    offered_text_ = {};
    if (v.code == errc::unknown_creation)
      strategy_.reset(); // the host has withdrawn or moved it: there is nothing left to move
    if (strategy_)
      strategy_->not_moved();
    return false;
  }
  if (creation_ == no_creation)
    fixed_micros_ = static_cast<double>(v.cost_micros);
  creation_ = v.creation;
  e_ = std::move(offered_);
  text_ = std::exchange(offered_text_, {});
  if (double error = error_of(e_); error > 0)
    distance_micros_ = std::max(distance_micros_, (static_cast<double>(v.cost_micros) - fixed_micros_) / error);
  return false;
}

goal_answer goal_mind::hear(const regret_feedback& f) {
  const creation_pass pass{goal_, f.period};
  if (!strategy_ || creation_ == no_creation || under_way_ != 0 || writing_.request != 0 || lost_ || f.rounds == 0)
    return pass;
  measure(f);
  if (measured_ < std::max(config_.patience, 1u))
    return pass;
  const auto why = !interests_.empty()                       ? trigger::request
                   : config_.policy == goal_policy::explorer ? trigger::curiosity
                                                             : trigger::schedule;
  auto wanted = ask(f);
  if (!wanted)
    return pass;
  if (wanted->home == e_) {
    home_ = e_;
    home_text_ = text_;
  }
  if (!writes() || wanted->to == wanted->home || !affords(*wanted))
    return settle(std::move(*wanted), f.period);
  auto asked = request(why, writing_order::publish, wanted->to);
  writing_ = {asked.request, f.period, false, std::move(*wanted)};
  return asked;
}

bool goal_mind::affords(const goal_move& m) const noexcept {
  return price_of(m.to) + (m.to == m.home ? 0 : price_of(m.home)) <= static_cast<double>(balance_micros_);
}

goal_answer goal_mind::settle(goal_move wanted, std::uint64_t period) {
  const bool fine = affords(wanted), goes_home = wanted.to == wanted.home;
  if (fine && !goes_home)
    return offer(std::move(wanted.to), period);
  if (fine || (wanted.home != e_ && price_of(wanted.home) <= static_cast<double>(balance_micros_))) {
    if (wanted.home == home_)
      offered_text_ = home_text_;
    return offer(std::move(wanted.home), period);
  }
  strategy_->not_moved();
  return creation_pass{goal_, period};
}

writing_request goal_mind::request(trigger why, writing_order order, std::vector<float> direction) {
  writing_request r;
  r.goal = goal_;
  r.request = ++requests_;
  r.why = why;
  r.order = order;
  r.direction.values = std::move(direction);
  r.facts = facts_;
  r.grounded.values = grounded_;
  r.style = config_.style;
  r.seed = generator(config_.seed, stream::goal, raw(goal_), requests_)();
  return r;
}

result<writing_request> goal_mind::order(const writing_request& wanted) {
  if (!writes())
    return {errc::generator_failed, "Goal Buddy " + std::to_string(raw(goal_)) +
                                      (config_.generator ? " has no facts to write of" : " has no generator (goal.generator)")};
  const bool publish = wanted.order == writing_order::publish;
  if (publish && (under_way_ != 0 || writing_.request != 0 || creation_ == no_creation))
    return {errc::overloaded, "Goal Buddy " + std::to_string(raw(goal_)) + " is at work on another creation"};
  auto asked = request(wanted.why, wanted.order, wanted.direction.values);
  asked.text = wanted.text;
  asked.said = wanted.said;
  asked.style = wanted.style;
  asked.seed = wanted.seed;
  if (publish)
    writing_ = {asked.request, 0, true, {}};
  return asked;
}

std::optional<goal_answer> goal_mind::written(const written_news& n) {
  if (writing_.request == 0 || n.request != writing_.request)
    return std::nullopt;
  auto w = std::exchange(writing_, {});
  refused_ = n.code;
  if (refused_ == errc::ok) {
    w.wanted.to = n.e.values;
    refused_ = check({n.e.values, w.by_host ? grounded_ : w.wanted.home});
  }
  if (refused_ != errc::ok) {
    if (strategy_ && !w.by_host)
      strategy_->not_moved();
    return creation_pass{goal_, w.period};
  }
  auto answer = w.by_host ? offer(n.e.values, 0) : settle(std::move(w.wanted), w.period);
  if (auto* made = std::get_if<creation_offer>(&answer); made && made->e.values == n.e.values) {
    offered_text_ = n.text;
    made->shown = item_of(n.text);
  }
  return answer;
}

void goal_mind::measure(const regret_feedback& f) {
  if (const auto* mine = exposure_of(f.exposures, creation_)) {
    visibility_ += attention_in(*mine, config_.by_merit) / static_cast<double>(f.rounds);
    if (const auto income = earned_.of(sum_of(mine->engagement), config_.income_micros))
      balance_micros_ = capped_sum(balance_micros_, *income);
  }
  ++measured_;
}

std::optional<goal_move> goal_mind::ask(const regret_feedback& f) {
  const double visibility = std::exchange(visibility_, 0) / std::exchange(measured_, 0);
  const auto interests = std::exchange(interests_, {});
  const goal_view view{config_, goal_, grounded_, e_, creation_, visibility - config_.lambda * error_of(e_), asked_++, f,
                       interests, creations_.get(), creations_};
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
  const auto to = ball::check(m.to, grounded_.size(), config_.norm_cap);
  return to == errc::ok ? ball::check(m.home, grounded_.size(), config_.norm_cap) : to;
}

void goal_mind::hear(const interest_notice& m) { take_interest(m.v.values, 1); }

void goal_mind::hear(const session_feedback& m) {
  if (m.goal == goal_ && std::isfinite(m.engagement))
    take_interest(m.e.values, std::clamp(m.engagement, -1.0, 1.0));
}

void goal_mind::take_interest(const std::vector<float>& v, double weight) {
  const double size = ball::norm(v);
  if (!strategy_ || weight == 0 || v.size() != grounded_.size() || !(size > 0 && std::isfinite(size)))
    return;
  interests_.resize(v.size());
  std::ranges::transform(interests_, v, interests_.begin(),
                         [by = weight / size](float sum, float x) { return sum + static_cast<float>(x * by); });
}

void goal_mind::adopt(const goal_habits& h) noexcept {
  config_.step = h.step;
  config_.patience = h.patience;
  config_.curiosity = h.curiosity;
  config_.style = h.style;
}

double goal_mind::price_of(const std::vector<float>& e) const noexcept {
  return fixed_micros_ + distance_micros_ * error_of(e);
}

} // namespace ammo
