#include "actors/metaspace/metaspace_actor.hpp"

#include "actors/evolution/genes.hpp"

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<metaspace_state>*;

/// Grants of one message to AiPP at the most.
constexpr std::size_t grants_together = 64;

void send_grants(self_ptr self) {
  auto& s = self->state;
  if (s.grants.slates.empty())
    return;
  std::uint64_t slots = 0;
  for (const auto& g : s.grants.slates)
    slots += g.impressions.size();
  s.ctx->count.add(counter::slots_granted, self, slots);
  try {
    send(self, s.aipp(), std::exchange(s.grants, {}));
  } catch (...) { // they are lost, and who waits for them hears of it
    for (const auto request : s.asked)
      detail::tell_failed(*s.ctx, s.me(), request);
    s.asked.clear();
    throw;
  }
  s.asked.clear();
}

void know(metaspace_state& s, const std::shared_ptr<const catalogue_version>& snapshot) {
  s.mind->see(snapshot);
  const auto at = raw(snapshot->subspace());
  if (s.subspaces.size() <= at)
    s.subspaces.resize(at + 1);
  s.subspaces[at] = true;
}

/// A User Buddy may have found a version on the board whose news are still on their way here.
void look_at_board(metaspace_state& s) {
  const auto& board = s.ctx->catalogues;
  for (std::uint16_t i = 0; i < board.size(); ++i)
    if (const subspace_id of{i}; board.version(of) > s.mind->seen(of))
      if (const auto newest = board.newest(of))
        know(s, newest);
}

/// Grants wait for those of the proposals already in the mailbox, and no longer.
void grant(self_ptr self, const slate_proposal& p) {
  auto& s = self->state;
  look_at_board(s);
  if (s.grants.slates.empty()) {
    s.asked.reserve(grants_together);
    s.grants.slates.reserve(grants_together);
    remind(self, grants_due{});
  }
  s.grants.slates.push_back(s.mind->grant(p));
  s.asked.push_back(detail::request_of(p, address_of<role::user_buddy>(p.user)));
  if (p.wants_grant) // before anybody can ask again
    send(self, address_of<role::user_buddy>(p.user), s.grants.slates.back());
  if (s.grants.slates.size() == grants_together)
    send_grants(self);
}

/// Wakes the next chunk of users, and asks for another turn while some are left.
void wake_some(self_ptr self) {
  auto& s = self->state;
  auto& job = s.wakes.front();
  for (std::size_t i = 0; i < fan_out::chunk && !job.users.empty(); ++i, job.users.pop_back())
    send(self, address_of<role::user_buddy>(job.users.back()), job.what);
  if (job.users.empty())
    s.wakes.pop_front();
  if (!s.wakes.empty())
    remind_after_others(self, wakes_due{});
}

void call(self_ptr self, watch_book::call c) {
  auto& s = self->state;
  if (c.users.empty())
    return;
  s.ctx->count.add(counter::wakes, self, c.users.size());
  s.wakes.push_back({pack(self, std::move(c.what)), std::move(c.users)});
  if (s.wakes.size() == 1)
    wake_some(self);
}

/// A turn for the oldest look, and another one while something is left to look at.
void look_on(self_ptr self) {
  auto& s = self->state;
  if (s.looks.empty()) // it began anew meanwhile
    return;
  auto& oldest = s.looks.front();
  s.watched->look_on(oldest);
  if (oldest.complete()) {
    auto done = std::move(oldest);
    s.looks.pop_front();
    call(self, std::move(done));
  }
  if (!s.looks.empty())
    remind_after_others(self, looks_due{});
}

void look(self_ptr self, watch_book::call c) {
  auto& s = self->state;
  if (s.looks.empty() && c.complete())
    return call(self, std::move(c));
  s.looks.push_back(std::move(c)); // behind those of versions before
  if (s.looks.size() == 1)
    remind_after_others(self, looks_due{});
}

void take_watch(self_ptr self, const watch& m) {
  auto& s = self->state;
  if (!s.watched)
    return;
  auto missed = s.watched->put(m);
  if (!missed)
    return s.ctx->refused(self, missed.code());
  s.ctx->count.add(counter::watches, self);
  for (auto& w : *missed)
    call(self, {std::move(w), {m.user}});
}

/// A buddy that was started again has registered nothing.
void take_in(self_ptr self, const join& m, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  if (s.users.add(raw(m.user), buddy, m.life) == group::arrival::stale)
    return s.ctx->refused(self, errc::stale_epoch);
  if (s.strains)
    send(self, buddy, *s.strains);
  if (s.people)
    send(self, buddy, *s.people);
  if (s.watched)
    s.watched->remove(m.user);
}

/// Passes the strains on; who comes later is told, too.
void spread(self_ptr self, const strain_news& m) {
  auto& s = self->state;
  if (const errc bad = check(m); bad != errc::ok)
    return s.ctx->refused(self, bad);
  if (strains_of(m, buddy_kind::user) == 0)
    return;
  s.strains = m;
  s.users.start(self, pack(self, m));
}

void spread_people(self_ptr self, const people_news& m) {
  auto& s = self->state;
  s.people = m;
  s.users.start(self, pack(self, m));
}

void part_with(self_ptr self, const leave& m) {
  auto& s = self->state;
  if (s.users.leave(raw(m.user), m.life, s.ctx->time->now()) && s.watched)
    s.watched->remove(m.user);
}

void learn_of(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
  if (s.watched)
    look(self, s.watched->see(m));
  know(s, m.snapshot);
}

void report(self_ptr self, const regret_report& m) {
  auto& s = self->state;
  auto reports = s.mind->close(m);
  auto next = reports.begin(); // there is none for a subspace that hasn't published yet
  for (std::size_t at = 0; at < s.subspaces.size(); ++at)
    if (s.subspaces[at] && next != reports.end()) {
      next->people = s.users.size();
      send(self, address_of<role::subspace>(at), std::move(*next++));
    }
}

/// Shards of several nodes close the same periods: their number is that of the wall's intervals. Each number comes once, also where a turn was late.
std::chrono::nanoseconds until_next_period(const metaspace_state& s) {
  const auto& interval = s.setup->regret_interval;
  if (!s.ctx->others)
    return interval;
  const auto due = s.ctx->time->wall().time_since_epoch();
  return std::max(std::chrono::nanoseconds{interval * (s.period + 1) - due}, std::chrono::nanoseconds{0});
}

void begin_periods(self_ptr self) {
  auto& s = self->state;
  if (s.setup->regret_interval.count() == 0)
    return;
  if (s.ctx->others)
    s.period = static_cast<std::uint64_t>(s.ctx->time->wall().time_since_epoch() / s.setup->regret_interval);
  post_later(self, until_next_period(s), regret_due{});
}

statistics counted(const metaspace_state& s, std::uint64_t request) {
  statistics out;
  out.request = request;
  out.broadcast_turn_ns_max = s.users.turn_ns_max();
  return out;
}

} // namespace

void metaspace_state::renew() {
  const auto& with = *setup;
  metaspace_mind anew({.caps = with.caps, .shard = with.shard, .shards = with.shards, .rewards = with.rewards, .first_impression = with.first_impression});
  if (mind)
    anew.succeed(*mind);
  if (with.push)
    watched.emplace(with.space);
  mind.emplace(std::move(anew));
  wakes.clear();
  looks.clear();
}

caf::behavior metaspace(self_ptr self, std::shared_ptr<const metaspace_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  s.setup = std::move(setup);
  s.renew();
  begin_periods(self);

  return behavior_of(
    self,
    on<slate_proposal>([self](const slate_proposal& m) { grant(self, m); }),
    on<join>([self](const join& m, auto buddy) { take_in(self, m, buddy); }),
    on<leave>([self](const leave& m) { part_with(self, m); }),
    on<catalogue_news>([self](const catalogue_news& m) { learn_of(self, m); }),
    on<strain_news>([self](const strain_news& m) { spread(self, m); }),
    on<people_news>([self](const people_news& m) { spread_people(self, m); }),
    on<slot_terms>([self](const slot_terms& m) { self->state.mind->price(m); }),
    on<clock_tick>([self](const clock_tick& m) { self->state.users.start(self, pack(self, m)); }),
    on<period_close>([self](const period_close& m) { send(self, self->state.aipp(), m); }),
    on<regret_report>([self](const regret_report& m) { report(self, m); }),
    on<statistics_request>([self](const statistics_request& m, auto asker) {
      send(self, asker, counted(self->state, m.request));
    }),
    on<watch>([self](const watch& m) { take_watch(self, m); }),
    on_own<sleep_call>([self](sleep_call& m) {
      send_grants(self); // they are on their way before it is
      (void)hand_over(*self->state.ctx, self->state.aipp(), std::move(m));
    }),
    on_own<grants_due>([self](grants_due) { send_grants(self); }),
    on_own<wakes_due>([self](wakes_due) { wake_some(self); }),
    on_own<looks_due>([self](looks_due) { look_on(self); }),
    on_own<fan_out_turn>([self](fan_out_turn t) { t.of->turn(self); }),
    on_own<regret_due>([self](regret_due) {
      auto& st = self->state;
      send(self, st.aipp(), period_close{++st.period});
      post_later(self, until_next_period(st), regret_due{});
    }));
}

} // namespace ammo
