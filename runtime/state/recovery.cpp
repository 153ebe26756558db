// What was there before a restart: the newest snapshot of every unit, and the frames since.
#include "actors/protocol/state_codec.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/replay.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <unistd.h>
#include <utility>

namespace ammo {

struct state_keeper::past {
  std::vector<store::claim> claims; ///< as they were before anything was read: who takes a unit on them has read all of it
  std::vector<store::node> nodes; ///< by the terms in which they owned
  std::vector<store::unit_history> histories;
  std::map<std::uint32_t, shard_replay> shards;       ///< by number of unit, as subspaces
  std::map<std::uint32_t, subspace_replay> subspaces;
  std::uint64_t frames = 0;                           ///< that were applied
  // Interests that were learned, and calls that were under way, each with the log that says so: requests are numbered by process.
  std::size_t log = 0, host_snapshot = 0; ///< from 1
  std::set<std::pair<std::size_t, std::uint64_t>> interests;
  std::map<std::uint64_t, std::size_t> opened; ///< by key
};

namespace {

failure named(failure why, std::uint32_t unit, const std::string& where) {
  why.detail = "unit " + std::to_string(unit) + ", " + where + (why.detail.empty() ? "" : ": " + why.detail);
  return why;
}

/// Bytes that were written whole and can't be read are damage, whatever the codec calls it.
failure damage(failure why) {
  const auto code = static_cast<int>(why.code);
  if ((code >= static_cast<int>(errc::frame_truncated) && code <= static_cast<int>(errc::frame_bad_extension)) ||
      why.code == errc::not_finite) {
    why.detail = std::string(name_of(why.code)) + (why.detail.empty() ? "" : ", " + why.detail);
    why.code = errc::state_damaged;
  }
  return why;
}

} // namespace

result<recovered_minds> state_keeper::recover(mind_configs configs) {
  configs_ = configs;
  past p;
  for (std::uint32_t i = 0; i < units_.shards; ++i)
    p.shards.try_emplace(store::raw(units_.of_shard(i)), configs.users[i], configs.aipp[i]);
  for (std::uint32_t i = 0; i < units_.subspaces; ++i)
    p.subspaces.try_emplace(store::raw(units_.of_subspace(i)), configs.subspaces[i]);
  if (seat_) { // whoever had the units is fenced: nothing is appended to their logs any more, and the claim comes first, so that others don't read in vain
    if (auto taken = take_seat(); !taken)
      return taken.error();
    if (auto read = read_every_unit(p); !read)
      return read.error();
  } else {
    if (auto read = read_all(p); !read)
      return read.error();
    if (auto taken = take_over(p); !taken)
      return taken.error();
  }
  since_ = p.frames;
  close_keys(p);
  return finished(p, std::move(configs));
}

result<void> state_keeper::read_all(past& p) {
  if (auto ended = end_holders(*store_, folder_.has_value(), std::chrono::milliseconds{how_.state_wait_ms}); !ended) {
    auto why = ended.error();
    if (why.code == errc::state_in_use)
      why.detail = '"' + shown(place_) + "\": " + why.detail;
    return why;
  }
  auto claims = store_->claims();
  if (!claims)
    return claims.error();
  p.claims = *std::move(claims);
  return read_every_unit(p);
}

result<void> state_keeper::read_every_unit(past& p) {
  std::vector<store::unit_id> all;
  for (std::uint32_t u = 0; u < units_.size(); ++u)
    all.push_back(store::unit_id{u});
  return read_units(p, all);
}

result<void> state_keeper::read_units(past& p, std::span<const store::unit_id> units) {
  auto nodes = store_->nodes();
  if (!nodes)
    return nodes.error();
  p.nodes = *std::move(nodes);
  p.histories.resize(units_.size());
  for (const auto u : units) {
    auto segments = store_->segments(u);
    if (!segments)
      return segments.error();
    p.histories[store::raw(u)].segments = *std::move(segments);
    if (auto adopted = adopt_snapshot(p, u); !adopted)
      return adopted.error();
  }
  return read_logs(p);
}

result<void> state_keeper::adopt_snapshot(past& p, store::unit_id u) {
  const auto all = store_->snapshots(u);
  if (!all)
    return all.error();
  if (all->empty())
    return {};
  const auto& newest = all->front();
  p.histories[store::raw(u)].kept = newest.at;
  store::bytes state;
  for (std::uint32_t piece = 0; piece < newest.pieces; ++piece) {
    const auto part = store_->read_piece(u, newest.at, piece);
    if (!part)
      return part.error();
    state.insert(state.end(), part->begin(), part->end());
  }
  const auto number = store::raw(u);
  result<void> done;
  if (number == 0) {
    if (auto host = decode_state<host_unit_state>(state)) {
      for (auto& key : host->answers)
        follow_key(std::move(key));
      strains_ = std::move(host->evolution);
    } else {
      done = host.error();
    }
  } else if (number <= units_.shards) {
    done = p.shards.at(number).adopt(state, newest.at);
  } else {
    done = p.subspaces.at(number).adopt(state, newest.at);
  }
  if (!done)
    return named(damage(done.error()), number, "its snapshot");
  return {};
}

result<void> state_keeper::read_logs(past& p) {
  std::ranges::sort(p.nodes, {}, [&](const store::node& n) { return store::first_term(n.id, p.histories); });
  for (const store::node& n : p.nodes) {
    ++p.log;
    for (const auto& host = p.histories.front(); const auto& s : host.segments)
      if (host.kept && s.term == host.kept->term && s.node == n.id)
        p.host_snapshot = p.log;
    const auto from = store::first_needed(n.id, n.head, p.histories);
    result<void> done;
    const auto take = [&](const store::block& b) {
      if (!done)
        return;
      auto told = store::each_frame(b, [&](std::uint64_t place, std::span<const std::byte> bytes) {
        if (!done || place < from)
          return;
        const auto f = unpacked_frame(bytes);
        if (!f || store::raw(f->unit) >= units_.size()) {
          done = {errc::state_damaged, "the log of node " + store::text_of(n.id) + ", place " + std::to_string(place) + ": no frame of a unit"};
          return;
        }
        const auto number = store::raw(f->unit);
        const auto* s = store::segment_at(p.histories[number], n.id, place);
        if (!s)
          return; // of a term that this node had lost
        const store::position at{s->term, place};
        if (p.histories[number].kept && at <= *p.histories[number].kept)
          return;
        if (auto applied = apply(p, *f, at); !applied)
          done = named(damage(applied.error()), number, "the log of node " + store::text_of(n.id) + ", place " + std::to_string(place));
      });
      if (!told && done)
        done = told;
    };
    if (from > n.head)
      continue;
    if (auto read = store_->read(n.id, from, n.head, take); !read)
      return read.error();
    if (!done)
      return done;
  }
  return {};
}

result<void> state_keeper::apply(past& p, const noted_frame& f, store::position at) {
  ++p.frames;
  const auto number = store::raw(f.unit);
  if (number > units_.shards)
    return p.subspaces.at(number).apply(f, at);
  if (number > 0) {
    if (f.what == interest_statement::type)
      if (const auto said = decode<interest_statement>(f.body))
        p.interests.emplace(p.log, said->request);
    return p.shards.at(number).apply(f, at);
  }
  if (f.what == (state_frame | evolution_mind_state::kind)) {
    auto strains = decode_state<evolution_mind_state>(f.body);
    if (strains)
      strains_ = *std::move(strains);
    return strains ? result<void>{} : strains.error();
  }
  auto key = decode_state<key_frame>(f.body);
  if (!key)
    return key.error();
  if (request_under_way(*key) != 0)
    p.opened.insert_or_assign(key->key, p.log);
  follow_key(*std::move(key));
  return {};
}

/// A call that was under way when its process ended has happened if its frame is there.
void state_keeper::close_keys(past& p) {
  for (auto& [key, call] : std::exchange(open_, {})) {
    const auto opened = p.opened.find(key);
    if (p.interests.contains({opened == p.opened.end() ? p.host_snapshot : opened->second, request_under_way(call)})) {
      call.answer = feedback_verdict{};
      follow_key(std::move(call));
    }
  }
}

/// A new incarnation, to which all units belong from here on.
result<void> state_keeper::take_over(const past& p) {
  std::random_device dice;
  const auto half = [&] { return std::uint64_t{dice()} << 32 | dice(); };
  me_ = {half(), half() | 1};
  std::array<char, 256> machine{};
  (void)::gethostname(machine.data(), machine.size() - 1);
  const store::node me{.id = me_, .name = "embedded", .address = machine.data(), .capabilities = {}, .mark = mark_of_this_process(), .lease_left_ms = 0, .head = 0, .fenced = false};
  const std::chrono::milliseconds lease = folder_ ? std::chrono::hours{24} : std::chrono::milliseconds{how_.lease_ms};
  const auto sent = lease_keeper::now();
  const auto entered = store_->enter(me, lease);
  if (!entered)
    return entered.error();
  if (!folder_) {
    auto beats = open_store(place_);
    if (!beats)
      return beats.error();
    lease_ = std::make_unique<lease_keeper>(std::move(*beats), me_, lease, sent, [this] { on_fenced(); });
  }
  return take_units(p.claims);
}

/// As a node of a cluster. Of two that want the units, the one that gets the first gets all.
result<void> state_keeper::take_seat() {
  me_ = seat_->who;
  auto claims = store_->claims();
  if (!claims)
    return claims.error();
  return take_units(*std::move(claims));
}

/// Two that start at once both read; the first to take the first unit goes on.
result<void> state_keeper::take_units(std::vector<store::claim> free) {
  std::ranges::sort(free, {}, &store::claim::unit);
  for (const auto& c : free) {
    if (store::raw(c.unit) >= units_.size())
      continue;
    const auto taken = store_->take(me_, c.unit, c.term);
    if (!taken)
      return taken.error();
    if (*taken != store::verdict::done)
      return {errc::state_in_use, '"' + shown(place_) + "\": another process took it at the same time"};
    unit_[store::raw(c.unit)]->term = c.term + 1;
  }
  return {};
}

recovered_minds state_keeper::finished(past& p, mind_configs configs) {
  recovered_minds out{.configs = std::move(configs), .aipp = {}, .subspaces = {}, .first_impressions = {}, .buddies = std::make_shared<recovered_buddies>(), .strains = strains_};
  std::vector<std::shared_ptr<const catalogue_version>> live;
  for (std::uint32_t i = 0; i < units_.subspaces; ++i) {
    auto& s = p.subspaces.at(store::raw(units_.of_subspace(i)));
    s.finish();
    if (auto news = s.mind()->publish(); news.snapshot)
      live.push_back(std::move(news.snapshot));
    for (auto& g : s.goals()) {
      unit_[store::raw(units_.of_subspace(i))]->goals.insert_or_assign(raw(g.goal), encode(g));
      out.buddies->goals.push_back(std::move(g));
    }
    for (auto& m : s.take_minds())
      out.buddies->minds.insert_or_assign(raw(m.goal), std::move(m));
    out.subspaces.push_back(s.mind());
  }
  std::uint64_t differed = 0;
  for (std::uint32_t i = 0; i < units_.shards; ++i) {
    auto& s = p.shards.at(store::raw(units_.of_shard(i)));
    auto& u = *unit_[store::raw(units_.of_shard(i))];
    s.finish();
    for (const auto& c : live)
      s.aipp()->see(c);
    for (auto& mind : s.users()) {
      mind->see(live);
      const auto used = s.used(mind->user());
      u.users.insert_or_assign(raw(mind->user()), present{used ? of_wall(*used) : now(), 0});
      out.buddies->users.push_back(std::move(mind));
    }
    u.asleep = s.asleep();
    for (const auto user : s.outdated())
      u.outdated.insert_or_assign(user, 0);
    asleep_ += u.asleep;
    users_ += u.users.size();
    differed += s.differed();
    out.aipp.push_back(s.aipp());
    out.first_impressions.push_back(u.term << 34 | 1); // no earlier term has issued it
  }
  if (differed > 0)
    ctx_->note(log_level::warning, "state_differs", {{"frames", differed}});
  ctx_->note(log_level::info, "state_recovered",
             {{"users", std::uint64_t{out.buddies->users.size()}}, {"goals", std::uint64_t{out.buddies->goals.size()}}, {"frames", since_.load()}, {"asleep", asleep()}});
  return out;
}

/// Parts that failed, from the snapshots' thread. Those that the store doesn't give now are asked for again.
void state_keeper::bring_all_back() {
  later_.clear();
  {
    const std::scoped_lock turn(snapshots_);
    std::swap(returning_, away_);
    away_.clear();
  }
  for (const address part : returning_) {
    result<void> back;
    try {
      back = bring_one_back(part);
    } catch (const std::exception&) { // no memory: it is asked for again
      back = errc::actor_failed;
    }
    if (back)
      continue;
    ctx_->refused(this, back.code());
    ctx_->note(log_level::error, "part_not_back",
               {{"part", name_of(part.of)}, {"id", part.id}, {"code", name_of(back.code())}, {"detail", std::string_view(back.error().detail)}});
    if (back.code() == errc::store_unavailable || back.code() == errc::actor_failed)
      later_.push_back(part);
    else
      ctx_->failures.hold(part);
  }
  if (!later_.empty()) {
    std::unique_lock turn(snapshots_);
    wanted_.wait_for(turn, std::chrono::milliseconds{500}, [this] { return stopping_; });
    for (const address part : later_)
      if (away_.size() < away_.capacity())
        away_.push_back(part);
  }
}

/// While the rest of its unit is at work: the part itself notes nothing, so its frames end with the last one before it failed.
result<void> state_keeper::bring_one_back(address part) {
  if (!log_->flush(std::chrono::seconds{10}))
    return {errc::store_unavailable, "the log isn't written"};
  past p;
  if (part.of == role::subspace) {
    const auto at = static_cast<std::uint32_t>(part.id);
    const auto u = units_.of_subspace(at);
    auto& s = p.subspaces.try_emplace(store::raw(u), configs_.subspaces[at]).first->second;
    if (auto read = read_units(p, std::array{u}); !read)
      return read;
    s.finish();
    (void)hand_over(*ctx_, address_of<role::subspace>(at), brought_back<subspace_mind>{s.mind()});
    return {};
  }
  const auto shard = part.of == role::aipp ? static_cast<std::uint32_t>(part.id) : shard_of(user_id{part.id}, units_.shards);
  const auto u = units_.of_shard(shard);
  auto& s = p.shards.try_emplace(store::raw(u), configs_.users[shard], configs_.aipp[shard], part).first->second;
  if (auto read = read_units(p, std::array{u}); !read)
    return read;
  if (part.of == role::aipp) {
    std::vector<std::uint64_t> here;
    {
      auto& known = *unit_[store::raw(u)];
      const std::scoped_lock turn(known.turn);
      for (const auto& [user, is] : known.users)
        here.push_back(user);
    }
    s.finish(here);
    (void)hand_over(*ctx_, address_of<role::aipp>(shard), brought_back<aipp_mind>{s.aipp()});
    return {};
  }
  auto unlearned = s.unlearned();
  for (auto& mind : s.users())
    (void)hand_over(*ctx_, address_of<role::user_buddy>(user_id{part.id}), brought_back<user_mind>{std::move(mind), std::move(unlearned)});
  return {};
}

} // namespace ammo
