// How units come to a node, and go from it.
#include "runtime/host/cluster/node_body.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// How long calls that are under way may take once a node leaves; then they end as `outcome_unknown`.
constexpr auto drain = 2'000ms;
/// Before a run that follows one that couldn't read its units; doubles each time.
constexpr auto first_pause = 500ms, longest_pause = 30'000ms;
/// Calls that are under way at a unit may take so long before it is given away; else it stays.
constexpr auto hold = 200ms;
/// Until it is tried again.
constexpr auto busy_time = 10'000ms;
/// Units that go together: so many, with so many users and Goal Buddies at most, unless it is one. Each costs a few answers of the store, whatever is in it; people
/// wait for all of the group.
constexpr std::size_t most_together = 8, most_entities = 1'000;
/// A node that leaves, and whose units nobody has taken for so long, ends with them.
constexpr auto no_taker = 3'000ms;
/// So does one that hasn't given them all away by then: whoever has told it to end won't wait for ever (examples/operations: 60 s).
constexpr auto longest_leave = 25'000ms;

std::uint64_t in_ms(time_source::instant::duration t) { return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(t).count()); }

} // namespace

/// Where the units can't be read the run ends: another node may be able to.
void node_body::take() {
  std::vector<store::claim> free;
  {
    const std::scoped_lock turn(guard_);
    free = std::exchange(free_, {});
  }
  if (free.empty() || !seat_ || !member_)
    return;
  if (leaves()) {
    for (const auto& c : free)
      member_->on_not_taken(c.unit);
    return;
  }
  const auto begun = with_.ctx->time->now();
  std::vector<store::claim> mine;
  auto had = seat_->take(*store_, free, [&](std::span<const store::claim> taken) {
    mine.assign(taken.begin(), taken.end());
    for (const auto& c : mine) // what their bodies tell other nodes bears their terms
      mail_->on_claim(c);
  });
  if (!had) {
    with_.ctx->refused(this, had.code());
    with_.ctx->note(log_level::error, "units_not_read", {{"code", name_of(had.code())}, {"detail", std::string_view(had.error().detail)}});
    pause_ = had.code() == errc::store_unavailable ? first_pause : std::clamp(2 * pause_, milliseconds{first_pause}, milliseconds{longest_pause});
    return again();
  }
  pause_ = 0ms;
  for (const auto& c : free)
    if (std::ranges::find(mine, c.unit, &store::claim::unit) == mine.end())
      member_->on_not_taken(c.unit);
  for (const auto& c : mine)
    member_->on_taken(c.unit, c.term);
  const auto count = std::uint64_t{had->size()};
  {
    const std::scoped_lock turn(guard_);
    for (const auto& c : *had)
      mine_.insert_or_assign(c.unit, c);
  }
  board_->on_here(*std::move(had));
  with_.ctx->note(log_level::info, "units_taken", {{"units", count}, {"ms", in_ms(with_.ctx->time->now() - begun)}});
}

/// One group after the other. What others have given up meanwhile waits for nobody.
void node_body::give(const std::vector<cluster::membership::step::move>& moves) {
  const auto run = me_;
  auto next = moves.begin();
  while (next != moves.end()) {
    take();
    if (!seat_ || !member_ || me_ != run)
      return;
    if (handed_over())
      return;
    std::vector<store::claim> together;
    for (std::size_t entities = 0; next != moves.end() && together.size() < most_together; ++next) {
      entities += seat_->entities(next->what.unit);
      if (!together.empty() && entities > most_entities)
        break;
      together.push_back({next->what.unit, run, next->what.term});
    }
    if (!give_together(together))
      return;
  }
}

/// A snapshot while they serve, then calls wait, those under way end, and what was noted becomes durable with the blocks that say that they are given up. Before
/// that a unit that takes too long stays. False: this run is over.
bool node_body::give_together(const std::vector<store::claim>& units) {
  const auto begun = with_.ctx->time->now();
  std::vector<store::unit_id> numbers;
  for (const auto& c : units)
    numbers.push_back(c.unit);
  seat_->prepare(numbers);
  const auto held = with_.ctx->time->now();
  board_->on_gone(numbers);
  std::vector<store::claim> idle, kept;
  for (const auto& c : units) {
    while (board_->at_work(c.unit) > 0 && with_.ctx->time->now() < held + hold)
      std::this_thread::sleep_for(1ms);
    (board_->at_work(c.unit) > 0 ? kept : idle).push_back(c);
  }
  for (const auto& c : kept)
    member_->on_kept(c.unit, busy_time);
  board_->on_here(std::move(kept));
  for (const auto& c : idle) {
    const auto done = seat_->give(c);
    if (!done) { // nobody can say whose it is: fenced, it is nobody's
      with_.ctx->refused(this, done.code());
      with_.ctx->note(log_level::error, "unit_not_given", {{"code", name_of(done.code())}, {"detail", std::string_view(done.error().detail)}});
      return again(), false;
    }
    if (*done != store::verdict::done) // this run is fenced, and hears of it
      return false;
    member_->on_released(c.unit);
    const store::claim free{c.unit, {}, c.term};
    mail_->on_claim(free);
    {
      const std::scoped_lock turn(guard_);
      mine_.erase(c.unit);
      last_gone_ = with_.ctx->time->now();
    }
    board_->on_claim(free);
  }
  board_->tell_to_look(leaves());
  member_->look_soon();
  const auto free = with_.ctx->time->now();
  seat_->part(idle);
  with_.ctx->note(log_level::info, "units_given", {{"units", std::uint64_t{idle.size()}}, {"snapshot_ms", in_ms(held - begun)}, {"held_ms", in_ms(free - held)}});
  return true;
}

bool node_body::leaves() const {
  const std::scoped_lock turn(guard_);
  return leaving_;
}

void node_body::on_leaving(store::incarnation who) {
  const std::scoped_lock turn(guard_);
  leavers_.insert(who);
  if (!member_)
    return;
  member_->on_leaving(who);
  member_->look_soon();
}

/// This node is to end, and gives no more units away: none is left, nobody else stays, or none has gone for a while.
bool node_body::handed_over() const {
  const std::scoped_lock turn(guard_);
  if (!leaving_)
    return false;
  const auto stays = [&](const store::node& n) { return !n.fenced && n.id != me_ && !leavers_.contains(n.id); };
  if (mine_.empty() || std::ranges::none_of(nodes_, stays))
    return true;
  const auto now = with_.ctx->time->now();
  return now - last_gone_ >= no_taker || now - leaving_since_ >= longest_leave;
}

/// Gracefully: a snapshot is written while the units still serve, then calls wait for the next owner. What is under way here ends and is written, then this run
/// fences itself, so that others needn't wait until all has ended here.
void node_body::rise(bool graceful) {
  if (!seat_)
    return;
  if (graceful)
    seat_->prepare({});
  board_->on_seat(nullptr);
  for (auto waited = 0ms; graceful && board_->at_work() > 0 && waited < drain; waited += 2ms)
    std::this_thread::sleep_for(2ms);
  if (graceful) {
    seat_->write();
    (void)store_->fence(me_, true);
    board_->tell_to_look(true);
  }
  seat_->end();
  const std::scoped_lock turn(guard_);
  seat_.reset();
  mine_.clear();
}

} // namespace ammo
