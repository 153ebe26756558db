#include "actors/goal_buddy/goal_mind.hpp"

#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"

#include <tuple>
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

creation_offer goal_mind::first() { return offer(grounded_, 0, offered_text_); }

void goal_mind::see(std::shared_ptr<const catalogue_version> snapshot) {
  if (snapshot && (!creations_ || creations_->version() < snapshot->version()))
    creations_ = std::move(snapshot);
  look_up_own();
}

creation_offer goal_mind::offer(std::vector<float> e, std::uint64_t period, written_creation text) {
  creation_offer made{.goal = goal_,
                      .key = next_key_,
                      .replaces = creation_,
                      .content = content_,
                      .e = {e},
                      .grounded = {grounded_},
                      .period = period,
                      .shown = item_of(text)};
  under_way_ = next_key_++;
  offered_ = std::move(e);
  offered_text_ = std::move(text);
  return made;
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
  const auto before = std::tuple(visibility_, measured_, balance_micros_, earned_);
  measure(f);
  if (measured_ < std::max(config_.patience, 1u))
    return pass;
  try {
    return decide(f);
  } catch (...) {
    std::tie(visibility_, measured_, balance_micros_, earned_) = before;
    throw;
  }
}

goal_answer goal_mind::decide(const regret_feedback& f) {
  const auto why = !interests_.empty()                       ? trigger::request
                   : config_.policy == goal_policy::explorer ? trigger::curiosity
                                                             : trigger::schedule;
  auto next = strategy_->clone(); // null: a host's, which is asked itself
  auto [wanted, refused] = ask(next ? *next : *strategy_, f);
  const bool at_home = wanted && wanted->home == e_;
  std::vector<float> home;
  written_creation home_text;
  std::optional<goal_answer> answer;
  try {
    home = at_home ? e_ : home_;
    home_text = at_home ? text_ : home_text_;
    if (wanted && writes() && wanted->to != wanted->home && affords(*wanted))
      answer = request(why, writing_order::publish, wanted->to);
    else if (wanted)
      answer = settle(*wanted, f.period, {}, wanted->home == home ? home_text : written_creation{});
  } catch (...) {
    if (!next && wanted)
      strategy_->not_moved();
    throw;
  }

  // Nothing can fail any more.
  if (next)
    strategy_ = std::move(next);
  visibility_ = 0;
  measured_ = 0;
  ++asked_;
  interests_.clear();
  refused_ = refused;
  home_ = std::move(home);
  home_text_ = std::move(home_text);
  if (answer) {
    if (const auto* asked = std::get_if<writing_request>(&*answer)) {
      requests_ = asked->request;
      writing_ = {asked->request, f.period, false, std::move(*wanted)};
    }
    return *std::move(answer);
  }
  if (wanted)
    strategy_->not_moved();
  return creation_pass{goal_, f.period};
}

bool goal_mind::affords(const goal_move& m) const noexcept {
  return price_of(m.to) + (m.to == m.home ? 0 : price_of(m.home)) <= static_cast<double>(balance_micros_);
}

std::optional<creation_offer> goal_mind::settle(const goal_move& wanted, std::uint64_t period, const written_creation& there,
                                                const written_creation& at_home) {
  const bool fine = affords(wanted), goes_home = wanted.to == wanted.home;
  if (fine && !goes_home)
    return offer(wanted.to, period, there);
  if (fine || (wanted.home != e_ && price_of(wanted.home) <= static_cast<double>(balance_micros_)))
    return offer(wanted.home, period, at_home);
  return std::nullopt;
}

writing_request goal_mind::request(trigger why, writing_order order, std::vector<float> direction) const {
  writing_request r;
  r.goal = goal_;
  r.request = requests_ + 1;
  r.why = why;
  r.order = order;
  r.direction.values = std::move(direction);
  r.facts = facts_;
  r.grounded.values = grounded_;
  r.style = config_.style;
  r.seed = generator(config_.seed, stream::goal, raw(goal_), r.request)();
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
  requests_ = asked.request;
  if (publish)
    writing_ = {asked.request, 0, true, {}};
  return asked;
}

std::optional<goal_answer> goal_mind::written(const written_news& n) {
  if (writing_.request == 0 || n.request != writing_.request)
    return std::nullopt;
  const auto period = writing_.period;
  const bool by_host = writing_.by_host;
  const auto& home = by_host ? grounded_ : writing_.wanted.home;
  const errc refused = n.code == errc::ok ? check(n.e.values, home) : n.code;
  std::optional<creation_offer> made;
  if (refused == errc::ok && by_host)
    made = offer(n.e.values, period, n.text);
  else if (refused == errc::ok)
    made = settle({n.e.values, home}, period, n.text, n.e.values == home ? n.text : home == home_ ? home_text_ : written_creation{});

  refused_ = refused;
  writing_ = {};
  if (made)
    return *std::move(made);
  if (strategy_ && !by_host)
    strategy_->not_moved();
  return creation_pass{goal_, period};
}

void goal_mind::measure(const regret_feedback& f) {
  if (const auto* mine = exposure_of(f.exposures, creation_)) {
    visibility_ += attention_in(*mine, config_.by_merit) / static_cast<double>(f.rounds);
    if (const auto income = earned_.of(sum_of(mine->engagement), config_.income_micros))
      balance_micros_ = capped_sum(balance_micros_, *income);
  }
  ++measured_;
}

std::pair<std::optional<goal_move>, errc> goal_mind::ask(goal_strategy& policy, const regret_feedback& f) const {
  const goal_view view{config_, goal_, grounded_, e_, creation_, visibility_ / measured_ - config_.lambda * error_of(e_), asked_, f,
                       interests_, creations_.get(), creations_};
  try {
    auto wanted = policy.move(view);
    const errc refused = wanted ? check(wanted->to, wanted->home) : errc::ok;
    if (refused != errc::ok)
      wanted.reset();
    return {std::move(wanted), refused};
  } catch (...) {
    if (config_.policy != goal_policy::host) // one of ours only finds no memory
      throw;
    return {std::nullopt, errc::policy_failed};
  }
}

errc goal_mind::check(std::span<const float> to, std::span<const float> home) const noexcept {
  const auto code = ball::check(to, grounded_.size(), config_.norm_cap);
  return code == errc::ok ? ball::check(home, grounded_.size(), config_.norm_cap) : code;
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
