// The thread, and calls of this node's host: where they go, and what becomes of them.
#include "runtime/host/cluster/switchboard.hpp"

#include "actors/base/random.hpp"
#include "runtime/host/calls/question.hpp"
#include "runtime/host/cluster/call_codec.hpp"
#include "runtime/state/noted_frame.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace ammo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr cluster::router_times pace{.repeat = 500ms, .refused = 10ms, .longest = 250ms, .seek = 30ms, .most = std::size_t{1} << 20};

/// Goal Buddies whose subspace is remembered.
constexpr std::size_t most_goals = 65'536;

/// What peers have sent and this thread hasn't looked at yet. Beyond it letters are dropped; whoever sent them repeats them.
constexpr std::size_t most_letters = 65'536;

/// The unit that a question is for; nothing: that of a Goal Buddy's subspace.
std::optional<store::unit_id> unit_of(const host_question& q, unit_numbers units) {
  const auto at = ammo::unit_of(q, units.shards);
  if (!at)
    return std::nullopt;
  const auto u = units.of(*at);
  return store::raw(u) < units.size() ? u : unit_numbers::host;
}

milliseconds in_ms(time_source::instant t) { return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()); }

failure unknown_outcome(std::uint64_t key) {
  return {errc::outcome_unknown, "the node that had the call is gone; its repeat under key " + std::to_string(key) + " is told what became of it", key};
}

} // namespace

switchboard::switchboard(switchboard_setup with) : with_(std::move(with)), of_unit_(with_.units.size()), router_(pace) {
  thread_ = std::thread([this] { run(); });
}

switchboard::~switchboard() {
  {
    const std::scoped_lock turn(guard_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

cluster::router::instant switchboard::now() const { return in_ms(with_.ctx->time->now()); }

void switchboard::post(task t, bool bounded) {
  {
    const std::scoped_lock turn(guard_);
    if (bounded && letters_ == most_letters)
      return with_.ctx->refused(this, errc::overloaded);
    letters_ += bounded;
    tasks_.push_back(std::move(t));
  }
  changed_.notify_one();
}

/// What finds no memory is lost, as a letter may be: its call is repeated, or ends at its deadline.
void switchboard::attempt(const task& t) noexcept {
  try {
    t();
  } catch (const std::exception&) {
    with_.ctx->refused(this, errc::actor_failed);
  }
}

void switchboard::run() {
  std::unique_lock turn(guard_);
  while (!stop_) {
    if (tasks_.empty()) {
      auto due = router_.next();
      if (!pushes_.empty())
        due = std::min(due.value_or(pushes_.begin()->second.until), pushes_.begin()->second.until);
      if (!due)
        changed_.wait(turn);
      else if (const auto t = now(); *due > t)
        changed_.wait_for(turn, *due - t);
    }
    const auto all = std::exchange(tasks_, {});
    letters_ = 0;
    turn.unlock();
    for (const auto& t : all)
      attempt(t);
    attempt([this] { pump(); });
    attempt([this] { expire_pushes(); });
    turn.lock();
  }
  turn.unlock();
  for (auto& [number, p] : std::exchange(pushes_, {}))
    p.outcome(false);
  for (auto& [number, c] : std::exchange(calls_, {}))
    c.asker->answer(failure{errc::stopped, {}});
}

/// Does what the router wants. A call's ticket ends at its deadline by itself.
void switchboard::pump() {
  const auto next = router_.due(now());
  for (const auto& s : next.send)
    send(s);
  for (const auto& e : next.end)
    calls_.erase(e.key);
  waiting_.store(calls_.size(), std::memory_order_release);
  if (next.seek)
    with_.seek();
}

// -- calls of this node's host ------------------------------------------------------------------------------------

/// The way of most calls where the unit is here: straight to it, and straight back. Where it goes meanwhile the call follows it.
bool switchboard::called_here(const host_question& q, const std::shared_ptr<ticket>& asker, std::uint64_t key, bool given) {
  const auto unit = travels(q) && !std::holds_alternative<statistics_request>(q) ? unit_of(q, with_.units) : std::nullopt;
  if (!unit)
    return false;
  const std::shared_lock near(nearby_);
  if (!seat_ || !here_.contains(*unit))
    return false;
  if (!asker->hand_on()) // its deadline has come
    return true;
  const trace_scope part_of(asker->trace());
  auto mine = inner(*unit, asker->due(), key, asker->holder(), [this, q, asker, key, given, unit = *unit](host_answer a, place) mutable {
    const auto* failed = std::get_if<failure>(&a);
    if (!failed || (failed->code != errc::stopped && failed->code != errc::state_in_use))
      return asker->answer(std::move(a));
    post([this, q = std::move(q), asker = std::move(asker), key, given, unit, begun = failed->code == errc::stopped]() mutable {
      under_way c{.question = std::move(q), .asker = std::move(asker), .key = key, .given = given, .unit = unit, .sent = true, .to = {}, .bytes = {}};
      if (begun)
        lost(c);
      if (c.unkeyed)
        return c.asker->answer(unknown_outcome(key));
      if (ended_.code != errc::ok)
        return c.asker->answer(c.begun ? unknown_outcome(key) : ended_);
      open_at(std::move(c));
    });
  });
  seat_->call(q, std::move(mine), key, given, *unit);
  return true;
}

void switchboard::call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) {
  if (called_here(q, asker, key, given))
    return;
  post([this, q = std::move(q), asker = std::move(asker), key, given]() mutable { open(std::move(q), std::move(asker), key, given); });
}

void switchboard::open(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) {
  if (!travels(q))
    return answer_health(asker);
  if (ended_.code != errc::ok)
    return asker->answer(ended_);
  if (const auto* sum = std::get_if<statistics_request>(&q))
    return open_sum(*sum, std::move(asker));
  const auto whom = unit_of(q, with_.units);
  under_way c{.question = std::move(q), .asker = std::move(asker), .key = key, .given = given, .to = {}, .bytes = {}};
  if (whom) {
    c.unit = *whom;
    return open_at(std::move(c));
  }
  // Of a Goal Buddy only its subspace knows, which is asked first where it was found before.
  const auto found = goals_.find(raw(*goal_of(c.question)));
  c.unit = found != goals_.end() ? found->second : with_.units.of_subspace(0);
  for (std::uint32_t at = 0; at < with_.units.subspaces; ++at)
    if (const auto u = with_.units.of_subspace(at); u != c.unit)
      c.elsewhere.push_back(u);
  open_at(std::move(c));
}

void switchboard::open_at(under_way c) {
  const auto number = next_++;
  if (auto opened = router_.open({.key = number, .unit = c.unit, .deadline = in_ms(c.asker->due()), .changes = changes(c.question)}, now()); !opened)
    return c.asker->answer(c.begun ? unknown_outcome(c.key) : opened.error());
  calls_.emplace(number, std::move(c));
}

/// Nobody of that name here: is there one in another subspace?
bool switchboard::goes_on_elsewhere(under_way& c, const host_answer& a) {
  const auto goal = goal_of(c.question);
  if (!goal)
    return false;
  if (code_of(a) != errc::unknown_goal) {
    if (goals_.size() >= most_goals)
      goals_.clear();
    goals_.insert_or_assign(raw(*goal), c.unit);
    return false;
  }
  goals_.erase(raw(*goal));
  if (c.elsewhere.empty())
    return false;
  c.unit = c.elsewhere.back();
  c.elsewhere.pop_back();
  c.to = {};
  c.here = false;
  c.attempt = 0;
  return true;
}

store::claim switchboard::known(store::unit_id unit) const {
  const auto c = claims_.find(unit);
  return c == claims_.end() ? store::claim{unit, {}, 0} : c->second;
}

void switchboard::answer_health(const std::shared_ptr<ticket>& asker) {
  if (seat_)
    return seat_->call(health_request{}, asker, 0, false, unit_numbers::host);
  health_answer told;
  told.parts.push_back({.of = the_host, .answers = true});
  told.store = ended_;
  asker->answer(std::move(told));
}

void switchboard::send(const cluster::router::sending& s) {
  const auto found = calls_.find(s.key);
  if (found == calls_.end())
    return;
  auto& c = found->second;
  if (!std::exchange(c.sent, true) && !c.asker->hand_on()) { // its deadline has come
    (void)router_.on_answer(s.key);
    calls_.erase(found);
    return;
  }
  if (c.here) // it is under way, and its answer will come
    return;
  c.attempt = s.attempt;
  if (s.to == me_ && seat_ && here_.contains(c.unit))
    send_here(s.key, c);
  else if (s.to != me_ && links_)
    send_over(s, c);
  else
    router_.on_away(s.key, s.attempt, {c.unit, {}, 0}, now());
}

/// Under a ticket of its own: the units may go while it is under way, and then it is asked elsewhere.
void switchboard::send_here(std::uint64_t number, under_way& c) {
  const trace_scope part_of(c.asker->trace());
  if (c.to)
    lost(c);
  c.here = true;
  auto mine = inner(c.unit, c.asker->due(), c.key, c.asker->holder(), [this, number, attempt = c.attempt](host_answer a, place) {
    post([this, number, attempt, a = std::move(a)]() mutable { answered_here(number, attempt, std::move(a)); });
  });
  seat_->call(c.question, std::move(mine), c.key, c.given, c.unit);
}

/// Of a call at one of this node's units.
std::shared_ptr<ticket> switchboard::inner(store::unit_id unit, time_source::instant due, std::uint64_t key, std::uint64_t holder, ticket::taker done) {
  at_work_.fetch_add(1, std::memory_order_acq_rel);
  of_unit_[store::raw(unit)].fetch_add(1, std::memory_order_acq_rel);
  auto made = std::make_shared<ticket>(
    [this, at = weak_from_this(), unit, done = std::move(done)](host_answer a, place p) {
      const auto alive = at.lock(); // the deadlines may be the last who know of it
      if (!alive)
        return;
      of_unit_[store::raw(unit)].fetch_sub(1, std::memory_order_acq_rel);
      at_work_.fetch_sub(1, std::memory_order_acq_rel);
      done(std::move(a), std::move(p));
    },
    place{}, with_.ctx, due, key, holder);
  with_.keep(made);
  return made;
}

/// Every change goes under a key that no other call of any node has: a second copy to the same run of a node is told what became of the first.
void switchboard::send_over(const cluster::router::sending& s, under_way& c) {
  if (c.key != 0 && !c.given) {
    c.key = std::uint64_t{1} << 63 | splitmix64(splitmix64(me_.high ^ me_.low)() ^ s.key)() >> 1;
    c.given = true;
  }
  if (c.to != s.to) {
    if (c.to)
      lost(c);
    c.to = s.to;
    c.oldest = s.attempt;
    c.cut = false;
  }
  if (c.bytes.empty())
    c.bytes = frame_of(c.question);
  const auto left = std::max(s.deadline - now(), milliseconds{1});
  tell(s.to, cluster::call_letter{s.key, s.attempt, c.key, static_cast<std::uint32_t>(left.count()), c.bytes, c.asker->trace() ? std::optional(*c.asker->trace()) : std::nullopt, c.asker->holder()}, c.unit);
}

void switchboard::answered_here(std::uint64_t number, std::uint32_t attempt, host_answer a) {
  const auto found = calls_.find(number);
  if (found == calls_.end() || found->second.attempt != attempt)
    return;
  auto& c = found->second;
  c.here = false;
  const auto* failed = std::get_if<failure>(&a);
  if (!failed || (failed->code != errc::stopped && failed->code != errc::state_in_use))
    return finish(number, std::move(a));
  if (failed->code == errc::stopped)
    lost(c);
  router_.on_away(number, attempt, {c.unit, {}, 0}, now());
  if (c.unkeyed)
    finish(number, unknown_outcome(c.key));
}

/// Whoever had it is gone.
void switchboard::lost(under_way& c) {
  if (!changes(c.question))
    return;
  c.begun = true;
  c.unkeyed = c.unkeyed || !c.given;
}

void switchboard::finish(std::uint64_t number, host_answer a) {
  (void)router_.on_answer(number);
  auto c = calls_.extract(number);
  if (!c)
    return;
  if (goes_on_elsewhere(c.mapped(), a))
    return open_at(std::move(c.mapped()));
  if (c.mapped().begun && code_of(a) != errc::ok) // of this copy: an earlier one may have happened
    a = unknown_outcome(c.mapped().key);
  c.mapped().asker->answer(std::move(a));
}

void switchboard::on_end(failure why) {
  post([this, why = std::move(why)] {
    ended_ = why;
    for (auto& [number, c] : std::exchange(calls_, {})) {
      (void)router_.on_answer(number);
      c.asker->answer(c.begun || (c.sent && changes(c.question)) ? unknown_outcome(c.key) : why);
    }
  });
}

} // namespace ammo
