// Users whom nobody uses leave memory as rows of the store, and wake at their next call.
#include "actors/protocol/state_codec.hpp"
#include "runtime/state/gathered.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;

/// Users of a shard who fall asleep together, and bytes of rows in one statement: other writers wait for it.
constexpr std::size_t most_at_once = 1'024;
constexpr std::size_t bytes_at_once = 256 * 1024;
/// Bodies answer within this, or the user stays awake.
constexpr auto patience = 5s;
/// While so much waits for the store, nobody wakes: a row that wakes is written to the log whole, and calls find room behind it.
constexpr std::size_t room_for_wakes = std::size_t{4} << 20;
constexpr auto room_looked_for = 5ms;
/// A wake that nobody has heard of by then is told again: a part that failed at it has lost it. Then twice as long, and so on.
constexpr auto first_told_again = 1'000ms, last_told_again = 60'000ms;

} // namespace

std::chrono::seconds state_keeper::now() const { return std::chrono::floor<std::chrono::seconds>(ctx_->time->now().time_since_epoch()); }

std::int64_t state_keeper::on_wall(std::chrono::seconds at) const {
  return std::chrono::floor<std::chrono::seconds>(ctx_->time->wall()).time_since_epoch().count() - (now() - at).count();
}

/// A wall that was ahead counts as now.
std::chrono::seconds state_keeper::of_wall(std::int64_t at) const {
  const auto wall = std::chrono::floor<std::chrono::seconds>(ctx_->time->wall()).time_since_epoch().count();
  return now() - std::chrono::seconds{std::max<std::int64_t>(0, wall - at)};
}

// -- falling asleep ----------------------------------------------------------------------------------------

/// Looked for sixteen times within their time, at most twice a second.
void state_keeper::let_sleep() {
  if (how_.sleep_after_s == 0 || takes_changes().code() != errc::ok)
    return;
  const auto time = ctx_->time->now();
  const auto due = time - looked_ >= std::chrono::milliseconds{std::min<std::uint64_t>(60'000, std::uint64_t{how_.sleep_after_s} * 1000 / 16)};
  for (std::uint32_t i = 0; i < units_.shards; ++i) {
    (void)drop_outdated(units_.of_shard(i), log_->durable()); // else with the next look
    for (auto users = due ? unused(i) : std::vector<std::uint64_t>{}; !users.empty();) {
      const auto some = std::min(users.size(), most_at_once);
      let_sleep(i, std::span(users).last(some));
      users.resize(users.size() - some);
      const std::scoped_lock turn(snapshots_);
      if (stopping_ || !away_.empty())
        return;
    }
  }
  if (due)
    looked_ = time;
}

std::vector<std::uint64_t> state_keeper::unused(std::uint32_t shard) {
  auto& u = *unit_[store::raw(units_.of_shard(shard))];
  const auto since = now() - std::chrono::seconds{how_.sleep_after_s};
  std::vector<std::uint64_t> out;
  const std::scoped_lock turn(u.turn);
  for (const auto& [user, is] : u.users)
    if (is.used <= since)
      out.push_back(user);
  return out;
}

/// Each gives a copy of all that it is, and goes on as it was until its row is in the store.
void state_keeper::let_sleep(std::uint32_t shard, std::span<const std::uint64_t> users) {
  attempts open;
  gathered<sleeper_state> told;
  const auto term = term_of(units_.of_shard(shard)); // of what they are asked for
  for (const auto user : users) {
    const auto& attempt = open.emplace(user, std::make_shared<sleep_attempt>()).first->second;
    (void)hand_over(*ctx_, the_host, sleep_call{.user = user_id{user}, .attempt = attempt, .to = told.question()});
  }
  (void)told.wait(patience); // who hasn't answered stays awake
  const auto all = told.take();
  auto done = log_->flush(10s) ? result<void>{} : result<void>{errc::store_unavailable, "the log isn't written"};
  for (std::size_t i = 0; i < all.size() && done;) {
    std::size_t n = 0, bytes = 0;
    const store::unit_id u = units_.of_shard(shard);
    std::vector<store::sleeper> rows;
    for (; i + n < all.size() && bytes < bytes_at_once; ++n) {
      const auto& [place, whole] = all[i + n];
      rows.push_back({raw(whole.mind.user), {term, place}, encode_state(whole)});
      bytes += rows.back().state.size();
    }
    if (done = put_rows(u, term, rows); done)
      tell_asleep(shard, rows, open);
    i += n;
  }
  for (const auto& [user, attempt] : open)
    if (attempt->call_off())
      (void)hand_over(*ctx_, the_host, stayed_awake{user_id{user}});
  if (done)
    return;
  ctx_->refused(this, done.code());
  ctx_->note(log_level::warning, "sleepers_not_written", {{"code", name_of(done.code())}, {"detail", std::string_view(done.error().detail)}});
}

/// The rows count once the log says so. A row that may be there and doesn't count is taken away before long.
result<void> state_keeper::put_rows(store::unit_id number, store::term_number term, std::span<const store::sleeper> rows) {
  auto& u = *unit_[store::raw(number)];
  {
    const std::scoped_lock turn(u.turn);
    for (const auto& r : rows)
      u.outdated.erase(r.user); // of one that is overwritten
  }
  const auto put = store_->put_sleepers(me_, number, term, rows);
  if (put && *put == store::verdict::done)
    return {};
  const std::scoped_lock turn(u.turn);
  if (u.term != term)
    return {errc::state_in_use, "the unit was given away"};
  for (const auto& r : rows)
    u.outdated.insert_or_assign(r.user, 0);
  return put ? result<void>{errc::store_unavailable, "this process is fenced"} : put.error();
}

void state_keeper::tell_asleep(std::uint32_t shard, std::span<const store::sleeper> rows, attempts& open) {
  const auto number = units_.of_shard(shard);
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  if (u.term != rows.front().at.term)
    return;
  for (const auto& r : rows) {
    const auto here = u.users.find(r.user);
    const auto attempt = open.find(r.user);
    if (here == u.users.end() || here->second.place != r.at.place || attempt == open.end() || !attempt->second->fall_asleep()) { // something came meanwhile
      u.outdated.insert_or_assign(r.user, 0);
      continue;
    }
    u.users.erase(here);
    --users_;
    ++u.asleep;
    ++asleep_;
    const auto body = encode_state(slept_frame{user_id{r.user}});
    (void)add(u, {number, address_of<role::user_buddy>(r.user), state_frame | slept_frame::kind, body});
    (void)hand_over(*ctx_, address_of<role::aipp>(shard), fell_asleep{user_id{r.user}});
    (void)hand_over(*ctx_, the_supervisor, fell_asleep{user_id{r.user}});
    ctx_->count.add(counter::fell_asleep, this);
    open.erase(attempt);
  }
}

/// What a frame that is durable says of users is no longer what their rows say.
result<void> state_keeper::drop_outdated(store::unit_id number, std::uint64_t up_to) {
  auto& u = *unit_[store::raw(number)];
  std::vector<std::uint64_t> users;
  store::term_number term = 0;
  {
    const std::scoped_lock turn(u.turn);
    term = u.term;
    for (const auto& [user, place] : u.outdated)
      if (place <= up_to)
        users.push_back(user);
  }
  for (std::size_t i = 0; i < users.size(); i += most_at_once) {
    const auto some = std::span(users).subspan(i, std::min(most_at_once, users.size() - i));
    const auto dropped = store_->drop_sleepers(me_, number, term, some);
    if (!dropped)
      return dropped.error();
    const std::scoped_lock turn(u.turn);
    if (u.term != term) // it was given away
      return {};
    if (*dropped != store::verdict::done)
      return {errc::store_unavailable, "this process is fenced"};
    for (const auto user : some)
      if (const auto known = u.outdated.find(user); known != u.outdated.end() && known->second <= up_to)
        u.outdated.erase(known);
  }
  return {};
}

// -- waking up ---------------------------------------------------------------------------------------------

void state_keeper::wake(user_id user) {
  const std::scoped_lock turn(waking_);
  wanted_awake_.push_back(user);
  called_.notify_one();
}

void state_keeper::is_awake(user_id user) noexcept {
  const std::scoped_lock turn(waking_);
  told_awake_.erase(raw(user));
}

std::size_t state_keeper::wakes_not_heard() const {
  const std::scoped_lock turn(waking_);
  return told_awake_.size();
}

void state_keeper::tell_again() {
  const std::scoped_lock turn(waking_);
  const auto time = ctx_->time->now();
  for (auto& [user, told] : told_awake_) {
    if (time - told.when < told.patience)
      continue;
    told.when = time;
    told.patience = std::min(told.patience * 2, last_told_again);
    try {
      (void)hand_over(*ctx_, address_of<role::aipp>(shard_of(user_id{user}, units_.shards)), back_from_sleep(told.what));
    } catch (const std::exception&) { // no memory: the next time
    }
  }
}

/// On a thread and a connection of its own: no snapshot holds it up.
void state_keeper::wake_all() {
  std::unique_ptr<store::state_store> from;
  for (auto looked = ctx_->time->now();;) {
    if (const auto time = ctx_->time->now(); time - looked >= first_told_again / 2) {
      looked = time;
      tell_again();
    }
    std::unique_lock turn(waking_);
    called_.wait_for(turn, told_awake_.empty() ? last_told_again : first_told_again / 2, [this] { return waking_ends_ || !wanted_awake_.empty(); });
    if (waking_ends_)
      return;
    if (wanted_awake_.empty())
      continue;
    const bool room = log_->waiting_bytes() < room_for_wakes;
    if (!room && fault_.load(std::memory_order_acquire) == errc::ok) { // the store only lags: calls wait, and have their deadlines
      called_.wait_for(turn, room_looked_for, [this] { return waking_ends_; });
      continue;
    }
    const auto user = wanted_awake_.front();
    wanted_awake_.pop_front();
    turn.unlock();
    result<void> awake = room ? result<void>{} : result<void>{errc::store_unavailable, "so much waits for the state's store that nobody can wake"};
    try {
      if (awake && !from) {
        if (auto opened = open_store(place_))
          from = std::move(*opened);
        else
          awake = opened.error();
      }
      if (awake)
        awake = wake_up(*from, user);
    } catch (const std::exception&) { // no memory
      awake = errc::actor_failed;
    }
    if (!awake) {
      if (room && awake.code() == errc::store_unavailable)
        from.reset(); // a connection that is broken
      if (awake.code() != errc::unknown_user)
        ctx_->note(log_level::error, "sleeper_not_awake",
                   {{"user", raw(user)}, {"code", name_of(awake.code())}, {"detail", std::string_view(awake.error().detail)}});
      (void)hand_over(*ctx_, the_host, woken{.user = user, .why = awake.error()});
    }
  }
}

/// A row doesn't count that a frame has outdated. The frame that says so is noted, and AiPP hears of it, in one turn of the unit: a snapshot has
/// both or neither.
result<void> state_keeper::wake_up(store::state_store& from, user_id user) {
  const auto shard = shard_of(user, units_.shards);
  const auto number = units_.of_shard(shard);
  auto& u = *unit_[store::raw(number)];
  store::term_number term = 0;
  {
    const std::scoped_lock turn(u.turn);
    term = u.term;
    if (term == 0)
      return {errc::state_in_use, "the user's unit has moved"};
    if (u.asleep == 0 || u.users.contains(raw(user)) || u.outdated.contains(raw(user)))
      return errc::unknown_user;
  }
  const auto row = from.read_sleeper(number, raw(user));
  if (!row)
    return row.error();
  if (!*row)
    return errc::unknown_user;
  auto whole = decode_state<sleeper_state>((*row)->state);
  if (!whole)
    return {errc::state_damaged, "the row of user " + std::to_string(raw(user)) + ": " + whole.error().text()};
  auto mind = user_mind::restore(users_of(shard), whole->mind);
  if (!mind)
    return mind.error();
  if (mind->user() != user)
    return {errc::state_damaged, "the row of user " + std::to_string(raw(user)) + " is another's"};
  auto back = std::make_shared<user_mind>(std::move(*mind));
  back_from_sleep told{user, std::move(back), std::move(whole->open)};
  const std::scoped_lock turn(u.turn, waking_);
  if (u.term != term)
    return {errc::state_in_use, "the user's unit has moved"};
  const auto [here, fresh] = u.users.try_emplace(raw(user));
  try { // whatever needs memory comes before it counts
    u.outdated.try_emplace(raw(user), std::numeric_limits<std::uint64_t>::max());
    told_awake_.insert_or_assign(raw(user), wake_told{told, ctx_->time->now(), first_told_again});
    told.place = add(u, {number, address_of<role::user_buddy>(user), state_frame | sleeper_state::kind, (*row)->state});
  } catch (...) {
    if (fresh)
      u.users.erase(here);
    u.outdated.erase(raw(user));
    told_awake_.erase(raw(user));
    throw;
  }
  here->second = {now(), told.place};
  users_ += fresh;
  --u.asleep;
  --asleep_;
  u.outdated.at(raw(user)) = told.place;
  told_awake_.at(raw(user)).what.place = told.place;
  ctx_->count.add(counter::woken, this);
  try {
    (void)hand_over(*ctx_, address_of<role::aipp>(shard), std::move(told));
  } catch (const std::exception&) { // no memory: it is told again
  }
  return {};
}

} // namespace ammo
