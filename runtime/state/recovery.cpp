// Who goes on from what was there: a process that starts, a node that takes units, a part that has failed.
#include "runtime/state/holders.hpp"
#include "runtime/state/past.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <random>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace ammo {

result<recovered_minds> state_keeper::recover(mind_configs configs) {
  configs_ = configs;
  if (seat_) {
    me_ = seat_->who;
    return nothing_yet(std::move(configs));
  }
  past p{.from = store_.get()};
  std::vector<store::unit_id> all;
  for (std::uint32_t u = 0; u < units_.size(); ++u)
    all.push_back(store::unit_id{u});
  begin_units(p, configs, all);
  if (auto read = read_all(p); !read)
    return read.error();
  if (auto taken = take_over(p); !taken)
    return taken.error();
  since_ = p.frames;
  close_keys(p);
  return finished(p, std::move(configs));
}

/// Whoever had the units is fenced or has released them: nothing is appended to their logs of these terms any more. The claim comes first, so that others
/// don't read in vain.
result<taken_units> state_keeper::take(store::state_store& by, std::vector<store::claim> free, mind_configs configs) {
  taken_units out;
  std::ranges::sort(free, {}, &store::claim::unit);
  for (const auto& c : free) {
    const auto taken = by.take(me_, c.unit, c.term);
    if (!taken)
      return taken.error();
    if (*taken == store::verdict::done)
      out.mine.push_back({c.unit, me_, c.term + 1});
    else
      out.missed.push_back(c.unit);
  }
  {
    const std::scoped_lock turn(made_by_);
    for (const auto& c : out.mine)
      if (const auto n = store::raw(c.unit); n > 0 && n <= units_.shards)
        configs_.users[n - 1] = configs.users[n - 1];
  }
  auto all = bring_back(by, out.mine, configs);
  if (all) {
    out.minds = *std::move(all);
  } else if (all.code() == errc::store_unavailable) {
    return all.error();
  } else { // one that can't be read holds up no other
    out.minds = nothing_yet(configs);
    for (const auto& c : out.mine)
      forget_keys(c.unit);
    for (const auto& c : std::exchange(out.mine, {})) {
      auto one = bring_back(by, std::span(&c, 1), configs);
      if (!one && one.code() == errc::store_unavailable)
        return one.error();
      if (!one) {
        out.unread.emplace_back(c, one.error());
        continue;
      }
      out.mine.push_back(c);
      const auto n = store::raw(c.unit);
      if (n == 0)
        out.minds.strains = std::move(one->strains);
      if (n > units_.shards)
        out.minds.subspaces[n - 1 - units_.shards] = one->subspaces[n - 1 - units_.shards];
      else if (n > 0)
        std::tie(out.minds.aipp[n - 1], out.minds.first_impressions[n - 1]) = std::pair(one->aipp[n - 1], one->first_impressions[n - 1]);
      auto& to = *out.minds.buddies;
      std::ranges::move(one->buddies->users, std::back_inserter(to.users));
      std::ranges::move(one->buddies->goals, std::back_inserter(to.goals));
      to.minds.merge(one->buddies->minds);
    }
  }
  const std::scoped_lock turn(keys_);
  answers_.each([&](const key_of& a) {
    if (std::ranges::find(out.mine, a.unit, &store::claim::unit) != out.mine.end())
      out.answers.push_back(a.what);
  });
  return out;
}

/// What was there of units that are this node's.
result<recovered_minds> state_keeper::bring_back(store::state_store& by, std::span<const store::claim> mine, const mind_configs& configs) {
  std::vector<store::unit_id> units;
  for (const auto& c : mine)
    units.push_back(c.unit);
  past p{.from = &by};
  begin_units(p, configs, units);
  if (auto read = read_units(p, units); !read)
    return read.error();
  close_keys(p);
  since_ += p.frames;
  for (const auto& c : mine) {
    auto& u = *unit_[store::raw(c.unit)];
    const std::scoped_lock turn(u.turn);
    u.term = c.term;
  }
  return finished(p, configs);
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

recovered_minds state_keeper::nothing_yet(mind_configs configs) const {
  return {.configs = std::move(configs), .aipp = std::vector<std::shared_ptr<aipp_mind>>(units_.shards), .subspaces = std::vector<std::shared_ptr<subspace_mind>>(units_.subspaces), .first_impressions = std::vector<std::uint64_t>(units_.shards, 1), .buddies = std::make_shared<recovered_buddies>(), .strains = {}};
}

recovered_minds state_keeper::finished(past& p, mind_configs configs) {
  auto out = nothing_yet(std::move(configs));
  if (std::ranges::find(p.units, unit_numbers::host) != p.units.end())
    out.strains = strains_;
  std::vector<std::shared_ptr<const catalogue_version>> live;
  for (std::uint32_t i = 0; i < units_.subspaces; ++i) {
    const auto known = p.subspaces.find(store::raw(units_.of_subspace(i)));
    if (known == p.subspaces.end()) { // it is at work, here or at another node
      if (auto newest = ctx_->catalogues.newest(subspace_id{static_cast<std::uint16_t>(i)}))
        live.push_back(std::move(newest));
      continue;
    }
    auto& s = known->second;
    s.finish();
    auto& u = *unit_[store::raw(units_.of_subspace(i))];
    const std::scoped_lock turn(u.turn);
    s.begin_term(u.term);
    if (auto news = s.mind()->publish(); news.snapshot)
      live.push_back(std::move(news.snapshot));
    for (auto& g : s.goals()) {
      u.goals.insert_or_assign(raw(g.goal), encode(g));
      out.buddies->goals.push_back(std::move(g));
    }
    for (auto& m : s.take_minds())
      out.buddies->minds.insert_or_assign(raw(m.goal), std::move(m));
    out.subspaces[i] = s.mind();
  }
  std::uint64_t differed = 0, sleep = 0;
  for (auto& [n, s] : p.shards) {
    const auto i = n - 1;
    auto& u = *unit_[n];
    s.finish();
    for (const auto& c : live)
      s.aipp()->see(c);
    const std::scoped_lock turn(u.turn);
    for (auto& mind : s.users()) {
      mind->see(live);
      const auto used = s.used(mind->user());
      u.users.insert_or_assign(raw(mind->user()), present{used ? of_wall(*used) : now(), 0});
      out.buddies->users.push_back(std::move(mind));
    }
    u.asleep = s.asleep();
    sleep += u.asleep;
    for (const auto user : s.outdated())
      u.outdated.insert_or_assign(user, 0);
    asleep_ += u.asleep;
    users_ += u.users.size();
    differed += s.differed();
    out.aipp[i] = s.aipp();
    out.first_impressions[i] = u.term << 34 | 1; // no earlier term has issued it
  }
  if (differed > 0)
    ctx_->note(log_level::warning, "state_differs", {{"frames", differed}});
  ctx_->note(log_level::info, "state_recovered",
             {{"users", std::uint64_t{out.buddies->users.size()}}, {"goals", std::uint64_t{out.buddies->goals.size()}}, {"frames", p.frames}, {"asleep", sleep}});
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
  past p{.from = store_.get(), .keys = false};
  if (part.of == role::subspace) {
    const auto at = static_cast<std::uint32_t>(part.id);
    const auto u = units_.of_subspace(at);
    p.units = {u};
    auto& s = p.subspaces.try_emplace(store::raw(u), configs_.subspaces[at]).first->second;
    if (auto read = read_units(p, std::array{u}); !read)
      return read;
    s.finish();
    (void)hand_over(*ctx_, address_of<role::subspace>(at), brought_back<subspace_mind>{s.mind()});
    return {};
  }
  const auto shard = part.of == role::aipp ? static_cast<std::uint32_t>(part.id) : shard_of(user_id{part.id}, units_.shards);
  const auto u = units_.of_shard(shard);
  p.units = {u};
  auto& s = p.shards.try_emplace(store::raw(u), users_of(shard), configs_.aipp[shard], part).first->second;
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
