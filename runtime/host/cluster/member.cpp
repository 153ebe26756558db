#include "runtime/host/cluster/member.hpp"

#include "runtime/state/holders.hpp"
#include "runtime/state/lease_keeper.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;

/// Between two looks that are asked for.
constexpr auto between_looks = 25ms;

} // namespace

cluster::instant member::now() noexcept { return lease_keeper::now(); }

member::member(std::unique_ptr<store::state_store> store, cluster::candidate me, std::vector<cluster::unit_needs> units, cluster::membership_times times,
               cluster::instant entered, member_events events)
  : store_(std::move(store)), me_(me.id), times_(times), events_(std::move(events)), mind_(std::move(me), std::move(units), times, entered) {
  thread_ = std::thread([this] { run(); });
}

member::~member() {
  {
    const std::scoped_lock turn(turn_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool member::holds() const {
  const std::scoped_lock turn(turn_);
  return mind_.counts(now());
}

void member::look_soon() {
  const std::scoped_lock turn(turn_);
  wanted_ = true;
  changed_.notify_all();
}

void member::on_taken(store::unit_id unit, store::term_number term) {
  const std::scoped_lock turn(turn_);
  mind_.on_taken(unit, term);
}

void member::on_not_taken(store::unit_id unit) {
  const std::scoped_lock turn(turn_);
  mind_.on_not_taken(unit);
}

void member::on_released(store::unit_id unit) {
  const std::scoped_lock turn(turn_);
  mind_.on_released(unit);
}

void member::on_kept(store::unit_id unit, std::chrono::milliseconds for_now) {
  const std::scoped_lock turn(turn_);
  mind_.on_kept(unit, now() + for_now);
}

void member::on_leaving(store::incarnation who) {
  const std::scoped_lock turn(turn_);
  mind_.on_leaving(who);
}

void member::leave() {
  const std::scoped_lock turn(turn_);
  mind_.leave();
}

void member::run() {
  for (;;) {
    std::unique_lock turn(turn_);
    if (stop_)
      return;
    const auto t = now();
    const bool beats = mind_.next_beat(t) <= t && next_try_ <= t;
    const bool looks = next_look_ <= t || (wanted_ && looked_ + between_looks <= t);
    if (!beats && !looks) {
      auto until = std::min(std::max(mind_.next_beat(t), next_try_), next_look_);
      if (wanted_)
        until = std::min(until, looked_ + between_looks);
      changed_.wait_for(turn, std::max(until - t, 1ms));
      continue;
    }
    turn.unlock();
    if ((beats && !beat()) || (looks && !look()))
      return;
  }
}

/// False: this run is over. A store that gives no answer is asked again soon, for the lease goes on meanwhile.
bool member::beat() {
  const auto sent = now();
  const auto known = store_->beat(me_, times_.lease);
  std::unique_lock turn(turn_);
  if (!known) {
    next_try_ = now() + times_.lease / 10;
    if (!std::exchange(silent_, true)) {
      turn.unlock();
      events_.on_trouble(known.error());
    }
    return true;
  }
  silent_ = false;
  if (*known == store::verdict::done) {
    mind_.on_beat(sent);
    return true;
  }
  mind_.on_fenced();
  turn.unlock();
  events_.on_fenced();
  return false;
}

/// Claims first, then nodes: who has lost a unit finds itself fenced.
bool member::look() {
  std::uint64_t number = 0;
  {
    const std::scoped_lock turn(turn_);
    looked_ = now();
    number = mind_.begin_look(looked_);
    wanted_ = false;
  }
  const auto claims = store_->claims();
  const auto nodes = claims ? store_->nodes() : result<std::vector<store::node>>(claims.error());
  if (!nodes) {
    const std::scoped_lock turn(turn_);
    next_look_ = now() + times_.lease / 10;
    return true;
  }
  std::unique_lock turn(turn_);
  const auto next = mind_.on_rows(number, *nodes, *claims, now());
  next_look_ = std::max(mind_.next_look(now()), now() + between_looks);
  const bool ended = mind_.ended();
  turn.unlock();
  if (ended)
    return events_.on_fenced(), false;
  if (next.name_taken)
    return events_.on_end({errc::state_in_use, "another process plays under this node's name"}), false;
  if (next.rows_lost)
    return events_.on_end({errc::state_damaged, "the store has lost rows that it had confirmed: it was set back, or another server took its place"}), false;
  events_.on_look(*nodes, *claims);
  if (!next.found.empty()) // nobody knows what has been read of it: it comes back as another run, and takes it then
    (void)store_->fence(me_, true);
  if (!next.take.empty())
    events_.on_take(next.take);
  if (!next.give.empty())
    events_.on_give(next.give);
  if (fence(*nodes, next.fence)) // what they had is free now
    look_soon();
  return true;
}

/// Those whose lease is over, and those that ran on this machine and are gone.
bool member::fence(std::span<const store::node> nodes, std::span<const store::incarnation> over) {
  bool any = false;
  for (const auto& n : nodes) {
    if (n.fenced || n.id == me_)
      continue;
    const bool gone = gone_for_sure(n.mark);
    if (!gone && std::ranges::find(over, n.id) == over.end())
      continue;
    const auto done = store_->fence(n.id, gone);
    any = any || (done && *done == store::verdict::done);
  }
  return any;
}

} // namespace ammo
