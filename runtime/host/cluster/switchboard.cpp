#include "runtime/host/cluster/switchboard.hpp"

#include "actors/base/random.hpp"
#include "runtime/host/cluster/call_codec.hpp"
#include "runtime/state/noted_frame.hpp"

#include <algorithm>
#include <chrono>
#include <future>

namespace ammo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// All units of a deployment are on one node; the first of them says on which.
constexpr store::unit_id the_units = unit_numbers::host;

constexpr cluster::router_times pace{.repeat = 500ms, .refused = 10ms, .longest = 250ms, .seek = 30ms, .most = std::size_t{1} << 20};

/// What peers have sent and this thread hasn't looked at yet. Beyond it letters are dropped; whoever sent them repeats them.
constexpr std::size_t most_letters = 65'536;

/// Where a letter of a host's calls goes: it is for no actor.
constexpr address for_calls = the_host;

milliseconds in_ms(time_source::instant t) { return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()); }

/// Says such an answer nothing, where an earlier copy of the call may have happened?
bool says_nothing(errc code) noexcept {
  switch (code) {
  case errc::feedback_twice:
  case errc::duplicate_user:
  case errc::duplicate_goal:
  case errc::unknown_user:
  case errc::unknown_goal:
  case errc::unknown_creation: return true;
  default: return false;
  }
}

failure unknown_outcome(std::uint64_t key) {
  return {errc::outcome_unknown, "the node that had the call is gone; its repeat under key " + std::to_string(key) + " is told what became of it", key};
}

} // namespace

switchboard::switchboard(switchboard_setup with) : with_(std::move(with)), router_(pace) {
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

void switchboard::call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) {
  post([this, q = std::move(q), asker = std::move(asker), key, given]() mutable { open(std::move(q), std::move(asker), key, given); });
}

void switchboard::open(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) {
  if (!travels(q))
    return answer_health(asker);
  if (ended_.code != errc::ok)
    return asker->answer(ended_);
  const auto number = next_++;
  if (auto opened = router_.open({.key = number, .unit = the_units, .deadline = in_ms(asker->due()), .changes = changes(q)}, now()); !opened)
    return asker->answer(opened.error());
  calls_.emplace(number, under_way{.question = std::move(q), .asker = std::move(asker), .key = key, .given = given, .to = {}, .bytes = {}});
}

void switchboard::answer_health(const std::shared_ptr<ticket>& asker) {
  if (seat_)
    return seat_->call(health_request{}, asker, 0, false);
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
  if (!c.sent && !c.asker->hand_on()) { // its deadline has come
    (void)router_.on_answer(s.key);
    calls_.erase(found);
    return;
  }
  c.sent = true;
  if (c.here) // it is under way, and its answer will come
    return;
  c.attempt = s.attempt;
  if (s.to == me_ && seat_)
    send_here(s.key, c);
  else if (s.to != me_ && links_)
    send_over(s, c);
  else
    router_.on_away(s.key, s.attempt, {the_units, {}, 0}, now());
}

/// Under a ticket of its own: the units may go while it is under way, and then it is asked elsewhere.
void switchboard::send_here(std::uint64_t number, under_way& c) {
  const trace_scope part_of(c.asker->trace());
  if (c.to)
    lost(c);
  c.here = true;
  at_work_.fetch_add(1, std::memory_order_acq_rel);
  auto inner = std::make_shared<ticket>(
    [this, number, attempt = c.attempt](host_answer a, place) {
      at_work_.fetch_sub(1, std::memory_order_acq_rel);
      post([this, number, attempt, a = std::move(a)]() mutable { answered_here(number, attempt, std::move(a)); });
    },
    place{}, with_.ctx, c.asker->due(), c.key, c.asker->holder());
  with_.keep(inner);
  seat_->call(c.question, std::move(inner), c.key, c.given);
}

/// Every change goes under a key that no other call of any node has: a second copy to the same run of a node is told what became of the first.
void switchboard::send_over(const cluster::router::sending& s, under_way& c) {
  if (c.key != 0 && !c.given) {
    c.key = std::uint64_t{1} << 63 | splitmix64(splitmix64(me_.high ^ me_.low)() ^ s.key)() >> 1;
    c.given = true;
  }
  if (c.to && c.to != s.to)
    lost(c);
  c.to = s.to;
  if (c.bytes.empty())
    c.bytes = frame_of(c.question);
  const auto left = std::max(s.deadline - now(), milliseconds{1});
  tell(s.to, cluster::call_letter{s.key, s.attempt, c.key, static_cast<std::uint32_t>(left.count()), c.bytes, c.asker->trace() ? std::optional(*c.asker->trace()) : std::nullopt, c.asker->holder()});
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
  router_.on_away(number, attempt, {the_units, {}, 0}, now());
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
  if (c.mapped().begun && says_nothing(code_of(a)))
    a = unknown_outcome(c.mapped().key);
  c.mapped().asker->answer(std::move(a));
}

// -- the cluster --------------------------------------------------------------------------------------------------

void switchboard::on_run(store::incarnation me, std::shared_ptr<node::links> links) {
  const auto done = std::make_shared<std::promise<void>>();
  post([this, me, l = std::move(links), done]() mutable {
    me_ = me;
    std::swap(links_, l);
    peers_.clear();
    listeners_.clear();
    l.reset();
    done->set_value();
  });
  done->get_future().wait();
}

void switchboard::on_link_up(store::incarnation to) {
  post([this, to] {
    if (listens_)
      tell(to, cluster::listens_letter{true});
  });
}

void switchboard::on_link_lost(store::incarnation to) {
  post([this, to] {
    listeners_.erase(to);
    std::vector<std::uint64_t> asked;
    for (const auto& [number, p] : pushes_)
      if (p.asked == to)
        asked.push_back(number);
    for (const auto number : asked)
      ask_next(number);
    router_.on_lost(to, now());
    with_.seek();
  });
}

void switchboard::on_claim(const store::claim& c) {
  post([this, c] {
    if (c.term < known_.term)
      return;
    known_ = c;
    if (c.owner != me_ || seat_) // its own units are read first
      router_.on_claim(c, now());
  });
}

void switchboard::on_seat(std::shared_ptr<seat> here, const store::claim& c) {
  const auto done = std::make_shared<std::promise<void>>();
  post([this, s = std::move(here), c, done]() mutable {
    seat_ = std::move(s);
    done->set_value();
    if (seat_) {
      known_ = c;
      router_.on_claim(c, now());
    } else {
      router_.on_lost(me_, now());
    }
  });
  done->get_future().wait();
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

void switchboard::tell(store::incarnation to, const cluster::host_letter& l) {
  if (links_)
    links_->send(to, for_calls, the_units, known_.term, static_cast<std::uint16_t>(l.index() + 1), cluster::bytes_of(l), false);
}

void switchboard::on_letter(store::incarnation from, std::span<const std::byte> bytes) {
  post([this, from, copy = store::bytes(bytes.begin(), bytes.end())] { hear(from, copy); }, true);
}

void switchboard::hear(store::incarnation from, const store::bytes& bytes) {
  const auto l = cluster::read_host_letter(bytes);
  if (!l)
    return with_.ctx->refused(this, l.code());
  std::visit([&](const auto& letter) { hear(from, letter); }, *l);
}

/// A call of another node's host. One that is under way already isn't begun again.
void switchboard::hear(store::incarnation from, const cluster::call_letter& l) {
  const trace_scope part_of(l.trace ? std::make_shared<const trace_context>(*l.trace) : nullptr);
  if (!seat_)
    return tell(from, cluster::away_letter{l.number, l.attempt, known_.owner == me_ ? store::incarnation{} : known_.owner, known_.term, false});
  if (const auto running = peers_.find({from, l.number}); running != peers_.end()) {
    running->second = std::max(running->second, l.attempt);
    return;
  }
  const auto refuse = [&](const failure& why) {
    with_.ctx->refused(this, why.code);
    auto t = told(why);
    t.letter.number = l.number;
    t.letter.attempt = l.attempt;
    tell(from, t.letter);
  };
  if (peers_.size() >= with_.most)
    return refuse({errc::overloaded, "more than " + std::to_string(with_.most) + " calls of other nodes are under way"});
  auto q = question_in(l.frame);
  if (!q)
    return refuse(q.error());
  peers_.emplace(std::pair(from, l.number), l.attempt);
  at_work_.fetch_add(1, std::memory_order_acq_rel);
  auto inner = std::make_shared<ticket>(
    [this, from, number = l.number](host_answer a, place) {
      at_work_.fetch_sub(1, std::memory_order_acq_rel);
      post([this, from, number, a = std::move(a)] {
        const auto done = peers_.extract({from, number});
        if (!done)
          return;
        const auto* failed = std::get_if<failure>(&a);
        if (failed && (failed->code == errc::stopped || failed->code == errc::state_in_use))
          return tell(from, cluster::away_letter{number, done.mapped(), {}, known_.term, failed->code == errc::stopped});
        auto t = told(a);
        t.letter.number = number;
        t.letter.attempt = done.mapped();
        t.letter.frame = t.bytes;
        tell(from, t.letter);
      });
    },
    place{}, with_.ctx, with_.ctx->time->now() + milliseconds{l.left_ms}, l.key, l.holder);
  with_.keep(inner);
  seat_->call(std::move(*q), std::move(inner), l.key, l.key != 0);
}

void switchboard::hear(store::incarnation, const cluster::answer_letter& l) {
  if (!calls_.contains(l.number))
    return;
  auto a = answer_in(l);
  if (!a) {
    with_.ctx->refused(this, a.code());
    return finish(l.number, a.error());
  }
  finish(l.number, std::move(*a));
}

void switchboard::hear(store::incarnation, const cluster::away_letter& l) {
  const auto found = calls_.find(l.number);
  if (found == calls_.end())
    return;
  if (l.begun)
    lost(found->second);
  else if (l.attempt == found->second.attempt)
    found->second.to = {};
  router_.on_away(l.number, l.attempt, {the_units, l.owner, l.term}, now());
}

void switchboard::hear(store::incarnation from, const cluster::question_letter& l) { tell(from, cluster::told_letter{l.number, with_.status()}); }

} // namespace ammo
