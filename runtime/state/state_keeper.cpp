#include "runtime/state/state_keeper.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ammo {
namespace {

/// Frames that wait for the store, in bytes: slates, which nobody has to wait for, begin while it is less than this, and changes while it is less than that. What
/// finds no room in the log is lost.
constexpr std::size_t room_for_slates = std::size_t{8} << 20, room_for_changes = std::size_t{12} << 20;

failure lags(std::size_t bytes) { return {errc::overloaded, std::to_string(bytes >> 20) + " MB wait for the state's store"}; }

/// Names, places and widths of subspaces: what a state's vectors mean.
std::string text_of(const layout& space) {
  std::string out;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const subspace_id id{static_cast<std::uint16_t>(i)};
    const block b = space.coordinates(id);
    out += space.name(id) + '@' + std::to_string(b.offset) + '+' + std::to_string(b.width) + ';';
  }
  return out;
}

} // namespace

state_keeper::state_keeper(std::string place, std::optional<state_folder> folder, std::unique_ptr<store::state_store> store,
                           unit_numbers units, const durability_options& how, context_ptr ctx)
  : place_(std::move(place)), folder_(std::move(folder)), units_(units), how_(how), ctx_(std::move(ctx)), store_(std::move(store)) {
  for (std::uint32_t i = 0; i < units_.size(); ++i)
    unit_.push_back(std::make_unique<unit>());
  for (auto* parts : {&away_, &returning_, &later_})
    parts->reserve(failure_book::room);
}

state_keeper::~state_keeper() { close(); }

store::state_layout state_keeper::layout_of(const layout& space, unit_numbers units) { return {text_of(space), units.shards, units.size()}; }

result<std::shared_ptr<state_keeper>> state_keeper::open(const options& deployment, const layout& space, context_ptr ctx, std::optional<node_seat> seat) {
  std::optional<state_folder> folder;
  if (!is_postgres(deployment.state)) {
    auto held = state_folder::hold(deployment.state);
    if (!held)
      return held.error();
    folder = std::move(*held);
  }
  auto opened = open_store(deployment.state);
  if (!opened)
    return opened.error();
  const unit_numbers units{std::max(1u, deployment.shards), static_cast<std::uint32_t>(space.size())};
  const auto wanted = layout_of(space, units);
  const auto has = (*opened)->layout();
  if (!has)
    return has.error();
  if (!*has) {
    const auto nodes = (*opened)->nodes();
    if (!nodes)
      return nodes.error();
    if (!nodes->empty())
      return {errc::state_damaged, "the state in \"" + shown(deployment.state) + "\" is part of a copy that didn't end: copy it again, into an empty place"};
  }
  if (*has && !store::grows_into(**has, wanted))
    return {errc::state_other_layout, "the state in \"" + shown(deployment.state) + "\" is of \"" + (*has)->layout + "\" with " +
                                        std::to_string((*has)->shards) + " shards, the deployment has \"" + wanted.layout + "\" with " +
                                        std::to_string(wanted.shards) + "; a subspace may come at the end, and one that isn't wanted any more is retired, not left out"};
  if (auto laid = (*opened)->lay_out(wanted); !laid)
    return laid.error();
  const auto& how = deployment.durability;
  auto decisions = decision_log::open(deployment.state, deployment.state_decisions, {std::uint64_t{how.decisions_mb} << 20, how.decisions_days}, units);
  if (!decisions)
    return decisions.error();
  std::shared_ptr<state_keeper> made(new state_keeper(deployment.state, std::move(folder), std::move(*opened), units, how, std::move(ctx)));
  made->decisions_ = std::move(*decisions);
  made->seat_ = std::move(seat);
  return made;
}

void state_keeper::start(std::function<void(std::uint64_t)> on_durable) {
  auto own = open_store(place_); // opened a moment ago
  if (!own)
    return fail(own.error());
  log_ = std::make_unique<store::log_writer>(
    std::move(*own), me_, store::commit_limits{.wait = std::chrono::milliseconds{how_.commit_ms}},
    store::log_events{.on_durable =
                        [this, told = std::move(on_durable)](std::uint64_t place) {
                          now_is(errc::ok);
                          const std::scoped_lock turn(telling_);
                          if (tells_)
                            told(place);
                        },
                      .on_fenced = [this] { on_fenced(); },
                      .on_unavailable = [this](const failure& why) { fail(why); }});
  for (const auto& u : unit_)
    u->serves = u->term != 0;
  thread_ = std::thread([this] { run(); });
  waker_ = std::thread([this] { wake_all(); });
}

/// Once another process has the state that stays so, whatever the store says of what was on its way.
void state_keeper::now_is(errc fault) {
  for (auto last = fault_.load(std::memory_order_acquire); last != errc::state_in_use && last != fault;)
    if (fault_.compare_exchange_weak(last, fault, std::memory_order_acq_rel))
      return;
}

void state_keeper::fail(const failure& why) {
  now_is(why.code);
  ctx_->refused(this, why.code);
  ctx_->note(log_level::error, "store_unavailable", {{"code", name_of(why.code)}, {"detail", std::string_view(why.detail)}});
}

/// Another process has taken the state over. From the log's thread, and from the lease's: said once.
void state_keeper::on_fenced() {
  lost_.store(true, std::memory_order_release);
  if (fault_.exchange(errc::state_in_use, std::memory_order_acq_rel) != errc::state_in_use)
    fail({errc::state_in_use, "another process has taken the state over"});
}

/// What the keeper itself has to know of a frame. The unit's turn is held.
void state_keeper::follow(unit& u, const noted_frame& f) {
  if (f.entity.of == role::user_buddy && f.what == join::type)
    users_ += u.users.insert_or_assign(f.entity.id, present{now(), 0}).second;
  else if (f.entity.of == role::user_buddy && f.what == leave::type)
    users_ -= u.users.erase(f.entity.id);
  else if (f.entity.of == role::goal_buddy && f.what == admit_goal::type)
    u.goals.insert_or_assign(f.entity.id, std::vector<std::byte>(f.body.begin(), f.body.end()));
  else if (f.entity.of == role::goal_buddy && f.what == leave_goal::type)
    u.goals.erase(f.entity.id);
}

void state_keeper::follow_key(store::unit_id of, key_frame key, bool brought_back) {
  const std::scoped_lock turn(keys_);
  const auto number = key.key;
  if (request_under_way(key) != 0) {
    if (!brought_back && open_.size() >= keys_kept) // their answers never came
      open_.erase(open_.begin());
    open_.insert_or_assign(number, key_of{of, std::move(key)});
    return;
  }
  open_.erase(number);
  const auto holder = key.holder;
  if (brought_back)
    loaded_.push_back({of, std::move(key)});
  else
    answers_.push(holder, {of, std::move(key)});
}

/// Units that were brought back came one after the other: of all the oldest answers go first.
void state_keeper::order_keys() {
  const std::scoped_lock turn(keys_);
  auto all = std::exchange(loaded_, {});
  answers_.each([&](const key_of& a) { all.push_back(a); });
  std::ranges::stable_sort(all, {}, [](const key_of& a) { return a.what.time_ms; });
  answers_ = cluster::fair_queue<key_of>(keys_kept);
  for (auto& a : all) {
    const auto holder = a.what.holder;
    answers_.push(holder, std::move(a));
  }
}

std::vector<key_frame> state_keeper::answers() const {
  const std::scoped_lock turn(keys_);
  std::vector<key_frame> out;
  answers_.each([&](const key_of& a) { out.push_back(a.what); });
  return out;
}

/// For its snapshot: calls under way, too.
std::vector<key_frame> state_keeper::answers_of(store::unit_id of) const {
  const std::scoped_lock turn(keys_);
  std::vector<key_frame> out;
  answers_.each([&](const key_of& a) {
    if (a.unit == of)
      out.push_back(a.what);
  });
  for (const auto& [key, call] : open_)
    if (call.unit == of)
      out.push_back(call.what);
  return out;
}

/// `pushed`: nobody asked for it. The unit's turn is held, so that its frames are in the log in the order in which they are noted.
std::uint64_t state_keeper::add(unit& u, const noted_frame& f, bool pushed) {
  follow(u, f);
  const auto place = log_ ? log_->add(packed_frame(f)) : result<std::uint64_t>(errc::store_unavailable);
  if (!place) {
    if (!lost_.exchange(true))
      fail(place.error());
    return noted();
  }
  if (f.entity.of == role::user_buddy && f.what != join::type)
    if (const auto here = u.users.find(f.entity.id); here != u.users.end()) {
      here->second.place = *place;
      here->second.used = pushed ? here->second.used : now();
    }
  if (f.what == leave::type && f.entity.of == role::user_buddy) // also where nobody sleeps: a row may be left from a fall that didn't count
    u.outdated.insert_or_assign(f.entity.id, *place);
  for (auto last = noted(); last < *place && !noted_.compare_exchange_weak(last, *place, std::memory_order_acq_rel);) {}
  if (since_.fetch_add(1, std::memory_order_relaxed) + 1 == how_.snapshot_frames)
    wanted_.notify_one();
  return *place;
}

std::uint64_t state_keeper::note(address unit_of, address entity, std::uint16_t what, std::span<const std::byte> bytes) {
  const noted_frame f{units_.of(unit_of), entity, what, bytes};
  auto& u = *unit_[store::raw(f.unit)];
  const std::scoped_lock turn(u.turn);
  if (u.term == 0) // it was given away
    return noted();
  if (what == (state_frame | key_frame::kind))
    if (auto key = decode_state<key_frame>(bytes))
      follow_key(f.unit, *std::move(key));
  if (what == (state_frame | evolution_mind_state::kind))
    if (auto strains = decode_state<evolution_mind_state>(bytes))
      strains_ = *std::move(strains);
  return add(u, f);
}

std::uint64_t state_keeper::note_slate(address unit_of, address entity, slate_frame slate, const embedder& embed) {
  const auto number = units_.of(unit_of);
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  if (u.term == 0)
    return noted();
  for (const candidate& c : slate.proposed.candidates)
    if (u.named.insert(c.creation).second)
      if (auto held = embed(c.creation))
        slate.named.push_back(std::move(held));
  const auto bytes = encode_state(slate);
  return add(u, {number, entity, state_frame | slate_frame::kind, bytes}, slate.proposed.why == occasion::push);
}

result<void> state_keeper::takes_changes() const {
  const errc fault = fault_.load(std::memory_order_acquire);
  if (fault == errc::state_in_use)
    return {fault, "another process has taken the state over; start again"};
  if (lost_.load(std::memory_order_acquire))
    return {errc::store_unavailable, "frames were lost while the store didn't answer; start again"};
  if (fault == errc::ok && fills(9))
    return {errc::state_full, "the state takes nine tenths of durability.state_mb (" + std::to_string(how_.state_mb) + ')'};
  if (fault != errc::ok)
    return {fault, "the state's store doesn't answer"};
  const auto waiting = log_ ? log_->waiting_bytes() : 0;
  return waiting < room_for_changes ? result<void>{} : lags(waiting);
}

result<void> state_keeper::takes_slates() const {
  if ((lease_ && !lease_->holds()) || (seat_ && !seat_->holds()))
    return {fault_ == errc::state_in_use ? errc::state_in_use : errc::store_unavailable, "the lease on the state is over"};
  if (fills(10))
    return {errc::state_full, "the state takes all of durability.state_mb (" + std::to_string(how_.state_mb) + ')'};
  const auto waiting = log_ ? log_->waiting_bytes() : 0;
  if (waiting < room_for_slates)
    return {};
  if (fault_.load(std::memory_order_acquire) == errc::ok)
    return lags(waiting);
  return {errc::store_unavailable, "so much waits for the state's store that slates can't be noted"};
}

void state_keeper::bring_back(address part) noexcept {
  const std::scoped_lock turn(snapshots_);
  if (std::ranges::find(away_, part) == away_.end() && away_.size() < away_.capacity()) // no memory may be left
    away_.push_back(part);
  wanted_.notify_all();
}

bool state_keeper::snapshot(std::chrono::milliseconds within) {
  if (!log_)
    return false;
  std::unique_lock turn(snapshots_);
  const auto mine = ++asked_;
  wanted_.notify_all();
  return wanted_.wait_for(turn, within, [&] { return taken_ >= mine || last_done_; }) && taken_ >= mine;
}

bool state_keeper::snapshot(std::vector<store::unit_id> units, std::chrono::milliseconds within) {
  std::unique_lock turn(snapshots_);
  some_.insert(some_.end(), units.begin(), units.end());
  const auto mine = ++some_asked_;
  wanted_.notify_all();
  return wanted_.wait_for(turn, within, [&] { return some_taken_ >= mine || last_done_; }) && some_taken_ >= mine;
}

bool state_keeper::serves(store::unit_id number) {
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  return u.serves;
}

store::term_number state_keeper::term_of(store::unit_id number) {
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  return u.term;
}

std::size_t state_keeper::entities(store::unit_id number) {
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  return u.users.size() + u.goals.size();
}

void state_keeper::serves(std::span<const store::claim> mine) {
  for (const auto& c : mine) {
    auto& u = *unit_[store::raw(c.unit)];
    const std::scoped_lock turn(u.turn);
    u.serves = true;
  }
}

void state_keeper::let_go(store::unit_id number) {
  auto& u = *unit_[store::raw(number)];
  const std::scoped_lock turn(u.turn);
  u.term = 0;
  u.serves = false;
  users_ -= u.users.size();
  asleep_ -= u.asleep;
  u.asleep = 0;
  u.users.clear();
  u.outdated.clear();
  u.goals.clear();
  u.named.clear();
  if (number == unit_numbers::host)
    strains_.reset();
  forget_keys(number);
  const std::scoped_lock own(waking_);
  std::erase_if(told_awake_, [&](const auto& told) { return units_.of_shard(shard_of(user_id{told.first}, units_.shards)) == number; });
}

void state_keeper::forget_keys(store::unit_id of) {
  const std::scoped_lock keys(keys_);
  std::erase_if(loaded_, [&](const key_of& a) { return a.unit == of; });
  cluster::fair_queue<key_of> rest(keys_kept);
  answers_.each([&](const key_of& a) {
    if (a.unit != of)
      rest.push(a.what.holder, a);
  });
  answers_ = std::move(rest);
  std::erase_if(open_, [&](const auto& a) { return a.second.unit == of; });
}

result<store::verdict> state_keeper::release(const store::claim& mine, std::chrono::milliseconds within) {
  return log_->release(packed_frame(last_frame_of(mine.unit)), mine.unit, mine.term, within);
}

std::shared_ptr<user_config> state_keeper::users_of(std::uint32_t shard) const {
  const std::scoped_lock turn(made_by_);
  return configs_.users[shard];
}

void state_keeper::stop(std::chrono::milliseconds within, bool last) {
  if (!log_)
    return;
  std::unique_lock turn(snapshots_);
  stopping_ = true;
  last_wanted_ = last;
  wanted_.notify_all();
  const bool done = wanted_.wait_for(turn, within, [this] { return last_done_; });
  turn.unlock();
  const bool written = log_->flush(within);
  if (!(done && written))
    ctx_->note(log_level::warning, "state_not_whole", {{"snapshot", done}, {"log", written}});
}

void state_keeper::part_from_bodies() {
  {
    const std::scoped_lock turn(snapshots_);
    stopping_ = true;
    wanted_.notify_all();
  }
  {
    const std::scoped_lock turn(waking_);
    waking_ends_ = true;
    called_.notify_all();
  }
  for (auto* t : {&thread_, &waker_})
    if (t->joinable())
      t->join();
  const std::scoped_lock turn(telling_);
  tells_ = false;
}

void state_keeper::close() {
  part_from_bodies();
  if (log_)
    (void)log_->flush(std::chrono::seconds{1});
  log_.reset();
  drain_decisions();
  decisions_.reset();
  if (std::exchange(lease_, nullptr)) // whoever comes next needn't wait for it
    (void)store_->fence(me_, true);
  store_.reset();
  folder_.reset();
  ctx_.reset();
}

} // namespace ammo
