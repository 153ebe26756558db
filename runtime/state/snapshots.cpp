// How units become snapshots while they go on: each entity by itself, with the place of its last frame.
#include "actors/protocol/state_codec.hpp"
#include "runtime/state/gathered.hpp"
#include "runtime/state/state_keeper.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;

template <class State, class Address>
void ask(body_context& ctx, Address whom, gathered<State>& of) {
  (void)hand_over(ctx, whom, save_call<State>{of.question()});
}

result<void> silent(const char* who) { return {errc::timed_out, std::string(who) + " gave no state for a snapshot"}; }

} // namespace

/// Are snapshots due? By frames; by age, as long as something has changed since the older of the two that are kept; or as there is no room left.
bool state_keeper::due(time_source::instant taken) const {
  const std::uint64_t since = since_.load(std::memory_order_relaxed);
  if (since >= std::max<std::uint64_t>(how_.snapshot_frames, 2 * users_.load()))
    return true;
  const auto age = ctx_->time->now() - taken;
  return ((since > 0 || older_differs_) && age >= std::chrono::minutes{how_.snapshot_minutes}) || (since > 0 && fills(9) && age >= 10s);
}

/// What the state takes beside what it may take.
void state_keeper::look_at_size() {
  if (how_.state_mb == 0)
    return;
  const auto size = store_->size();
  if (!size)
    return;
  const bool before = fills(9);
  size_.store(*size, std::memory_order_relaxed);
  if (const bool full = fills(9); full != before)
    ctx_->note(full ? log_level::error : log_level::info, full ? "state_full" : "state_has_room",
               {{"bytes", *size}, {"quota", std::uint64_t{how_.state_mb} << 20}});
}

/// Whatever becomes of it, the state goes on.
void state_keeper::drain_decisions() {
  if (!decisions_ || !store_)
    return;
  const auto today = std::chrono::floor<std::chrono::days>(ctx_->time->wall()).time_since_epoch().count();
  const auto done = decisions_->drain(*store_, static_cast<std::uint32_t>(today));
  if (!done) {
    if (!std::exchange(decisions_failed_, true)) {
      ctx_->refused(this, done.code());
      ctx_->note(log_level::error, "decisions_not_kept", {{"code", name_of(done.code())}, {"detail", std::string_view(done.error().detail)}});
    }
    return;
  }
  decisions_failed_ = false;
  ctx_->count.add(counter::decisions, this, done->slates);
  ctx_->count.add(counter::decisions_dropped, this, done->dropped + done->lost);
  if (done->dropped_days > 0)
    ctx_->note(log_level::info, "decisions_dropped", {{"days", done->dropped_days}, {"rows", done->dropped}});
  if (done->lost > 0)
    ctx_->note(log_level::warning, "decisions_lost", {{"frames", done->lost}});
}

void state_keeper::run() {
  std::unique_lock turn(snapshots_);
  auto taken = ctx_->time->now();
  for (auto pause = 0ms; !stopping_;) {
    wanted_.wait_for(turn, std::max(pause, 500ms), [this] { return stopping_ || !away_.empty() || asked_ > taken_ || some_asked_ > some_taken_; });
    if (stopping_)
      break;
    const auto asked = asked_ > taken_ ? asked_ : 0;
    turn.unlock();
    snapshot_some();
    bring_all_back();
    look_at_size();
    drain_decisions();
    let_sleep();
    bool done = asked > 0 && since_.load() <= units_.subspaces; // nothing has changed
    if (!done && (asked > 0 || due(taken))) {
      done = snapshot_all();
      taken = done ? ctx_->time->now() : taken;
      pause = done ? 0ms : std::min(pause * 2 + 1000ms, 60'000ms);
    }
    turn.lock();
    if (asked > 0) { // also where it failed: whoever asked goes on without
      taken_ = asked;
      wanted_.notify_all();
    }
  }
  const bool last = last_wanted_;
  turn.unlock();
  if (last && since_.load() > units_.subspaces) // a start alone says which versions are published
    (void)snapshot_all();
  turn.lock();
  last_done_ = true;
  wanted_.notify_all();
}

/// Those that somebody waits for.
void state_keeper::snapshot_some() {
  std::unique_lock turn(snapshots_);
  if (some_asked_ == some_taken_)
    return;
  const auto some = std::exchange(some_, {});
  const auto asked = some_asked_;
  turn.unlock();
  for (const auto u : some)
    note_snapshot(snapshot_of(u));
  turn.lock();
  some_taken_ = asked;
  wanted_.notify_all();
}

/// A part that gives no state (it is away, or silent) keeps its own unit from a snapshot, and no other.
bool state_keeper::snapshot_all() {
  const auto before = since_.exchange(0);
  result<void> done;
  for (std::uint32_t n = 0; n < units_.size() && done; ++n) {
    snapshot_some();
    if (done = snapshot_of(store::unit_id{n}); !done && done.code() == errc::timed_out) {
      note_snapshot(done);
      done = {};
    }
  }
  drain_decisions(); // what goes now was read
  if (done)
    done = prune();
  if (done)
    older_differs_ = before > 0;
  if (!done) {
    since_ += before;
    ctx_->refused(this, done.code());
    ctx_->note(log_level::warning, "snapshot_failed", {{"code", name_of(done.code())}, {"detail", std::string_view(done.error().detail)}});
  }
  return static_cast<bool>(done);
}

void state_keeper::note_snapshot(const result<void>& done) {
  if (done)
    return;
  ctx_->refused(this, done.code());
  ctx_->note(log_level::warning, "snapshot_without_unit", {{"detail", std::string_view(done.error().detail)}});
}

/// Of a unit that is this node's, and at work.
result<void> state_keeper::snapshot_of(store::unit_id u) {
  if (!serves(u))
    return {};
  const auto n = store::raw(u);
  return n == 0 ? snapshot_host() : n <= units_.shards ? snapshot_shard(n - 1) : snapshot_subspace(n - 1 - units_.shards);
}

result<void> state_keeper::snapshot_host() {
  auto& u = *unit_[0];
  host_unit_state s;
  store::position from;
  {
    const std::scoped_lock turn(u.turn);
    from = {u.term, noted()};
    s.answers = answers_of(unit_numbers::host);
    s.evolution = strains_;
  }
  return publish(unit_numbers::host, from, encode_state(s));
}

/// The minds of these users, ascending; of those who leave meanwhile it doesn't matter. A User Buddy that is only just being started
/// is asked again.
result<std::vector<std::pair<std::uint64_t, user_mind_state>>> state_keeper::minds_of(unit& u, std::vector<std::uint64_t> users) {
  std::vector<std::pair<std::uint64_t, user_mind_state>> all;
  for (int tries = 0; tries < 100; ++tries) {
    gathered<user_mind_state> minds;
    for (std::size_t i = 0; i < users.size(); i += at_once) {
      for (std::size_t k = i; k < std::min(users.size(), i + at_once); ++k)
        ask(*ctx_, address_of<role::user_buddy>(user_id{users[k]}), minds);
      if (!minds.wait(10s))
        return silent("a User Buddy").error();
    }
    std::unordered_set<std::uint64_t> told;
    for (auto& [place, mind] : minds.take()) {
      told.insert(raw(mind.user));
      all.emplace_back(place, std::move(mind));
    }
    {
      const std::scoped_lock turn(u.turn);
      std::erase_if(users, [&](std::uint64_t user) { return told.contains(user) || !u.users.contains(user); });
    }
    if (users.empty()) {
      std::ranges::sort(all, {}, [](const auto& m) { return raw(m.second.user); });
      return all;
    }
    std::this_thread::sleep_for(20ms);
  }
  return silent("a User Buddy").error();
}

/// From `from` on frames name embeddings anew, and each user's part says what of these frames it has. AiPP is asked first: a reward that it
/// has counted by then is in its User Buddy's mailbox before the question is.
result<void> state_keeper::snapshot_shard(std::uint32_t shard) {
  auto& u = *unit_[store::raw(units_.of_shard(shard))];
  std::vector<std::uint64_t> users;
  std::map<std::uint64_t, std::int64_t> used;
  store::position from;
  user_shard_state s;
  {
    const std::scoped_lock turn(u.turn);
    from = {u.term, noted()};
    u.named.clear();
    for (const auto& [user, is] : u.users) {
      users.push_back(user);
      used.emplace_hint(used.end(), user, on_wall(is.used));
    }
    s.asleep = u.asleep;
    s.answers = answers_of(units_.of_shard(shard));
  }
  if (!log_->flush(10s))
    return {errc::store_unavailable, "the log isn't written"};
  if (auto dropped = drop_outdated(units_.of_shard(shard), from.place); !dropped) // who reads on from here doesn't know of them
    return dropped;
  gathered<aipp_mind_state> shard_of_aipp;
  ask(*ctx_, address_of<role::aipp>(shard), shard_of_aipp);
  if (!shard_of_aipp.wait(10s))
    return silent("an AiPP shard");
  auto of_aipp = shard_of_aipp.take();
  if (of_aipp.empty())
    return silent("an AiPP shard");
  auto all = minds_of(u, users);
  if (!all)
    return all.error();
  s.aipp = std::move(of_aipp.front().second);
  s.aipp_place = of_aipp.front().first;
  s.aipp->catalogues.clear();
  s.aipp->previous.clear();
  for (auto& [place, mind] : *all) {
    s.used.push_back(used.at(raw(mind.user)));
    s.users.push_back({std::move(mind), {}});
    s.places.push_back(place);
  }
  return publish(units_.of_shard(shard), from, encode_state(s));
}

result<void> state_keeper::snapshot_subspace(std::uint32_t at) {
  auto& u = *unit_[store::raw(units_.of_subspace(at))];
  subspace_unit_state s;
  std::vector<std::vector<std::byte>> goals;
  std::vector<goal_id> whose;
  store::position from;
  {
    const std::scoped_lock turn(u.turn);
    from = {u.term, noted()};
    for (const auto& [goal, admitted] : u.goals) {
      goals.push_back(admitted);
      whose.push_back(goal_id{goal});
    }
    s.answers = answers_of(units_.of_subspace(at));
  }
  gathered<goal_mind_state> minds;
  for (std::size_t i = 0; i < whose.size(); i += at_once) {
    for (std::size_t k = i; k < std::min(whose.size(), i + at_once); ++k)
      ask(*ctx_, address_of<role::goal_buddy>(whose[k]), minds);
    if (!minds.wait(10s))
      return silent("a Goal Buddy");
  }
  for (auto& [none, m] : minds.take())
    s.minds.push_back(std::move(m));
  gathered<subspace_mind_state> mind;
  ask(*ctx_, address_of<role::subspace>(at), mind);
  if (!mind.wait(10s))
    return silent("a Subspace");
  auto told = mind.take();
  if (told.empty())
    return silent("a Subspace");
  s.place = told.front().first;
  s.mind = std::move(told.front().second);
  for (const auto& admitted : goals)
    if (auto g = decode<admit_goal>(admitted))
      s.goals.push_back(*std::move(g));
  return publish(units_.of_subspace(at), from, encode_state(s));
}

/// What is in a snapshot is in the log before it counts.
result<void> state_keeper::publish(store::unit_id u, store::position at, std::span<const std::byte> state) {
  if (!log_->flush(10s))
    return {errc::store_unavailable, "the log isn't written"};
  std::uint32_t pieces = 0;
  for (std::size_t begin = 0; begin < state.size(); begin += store::most_in_a_piece) {
    const auto part = state.subspan(begin, std::min(store::most_in_a_piece, state.size() - begin));
    if (auto written = store_->write_piece(u, at, pieces++, part); !written)
      return written;
  }
  const auto counts = store_->publish(me_, {u, at, pieces, state.size()});
  if (!counts)
    return counts.error();
  if (*counts != store::verdict::done && term_of(u) == at.term) // else it was given away
    return {errc::store_unavailable, "this process is fenced"};
  return {};
}

/// The two newest snapshots of each unit stay, with the log since the older one.
result<void> state_keeper::prune() {
  const auto nodes = store_->nodes(); // first: units that go to another node meanwhile have nothing before the head that it has here
  if (!nodes)
    return nodes.error();
  std::vector<store::unit_history> histories;
  for (std::uint32_t n = 0; n < units_.size(); ++n) {
    const store::unit_id u{n};
    const auto snapshots = store_->snapshots(u);
    if (!snapshots)
      return snapshots.error();
    std::optional<store::position> kept;
    if (snapshots->size() > 1) {
      kept = (*snapshots)[1].at;
      if (auto dropped = store_->drop_snapshots(u, *kept); !dropped)
        return dropped;
      if (auto dropped = store_->drop_segments(u, kept->term); !dropped)
        return dropped;
    }
    auto segments = store_->segments(u);
    if (!segments)
      return segments.error();
    histories.push_back({*std::move(segments), kept});
  }
  for (const auto& n : *nodes) {
    if (auto dropped = store_->drop_blocks(n.id, store::first_needed(n.id, n.head, histories)); !dropped)
      return dropped;
    if (n.fenced)
      if (auto forgotten = store_->forget(n.id); !forgotten)
        return forgotten.error();
  }
  return {};
}

} // namespace ammo
