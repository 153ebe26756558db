#include "actors/user_buddy/user_buddy_actor.hpp"

#include "actors/user_buddy/ring_sum.hpp"
#include "actors/user_buddy/user_genes.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<user_buddy_state>*;

void refuse(self_ptr self, errc code) { self->state.ctx->refused(self, code); }

/// Proposes, and counts what a host's policy did wrong.
result<slate_proposal> propose(self_ptr self, occasion why, std::uint64_t request, std::uint32_t n) {
  errc fault = errc::ok;
  auto proposal = self->state.mind->propose(why, request, n, &fault);
  if (fault != errc::ok)
    refuse(self, fault);
  return proposal;
}

/// A round must come to its end even where there is nothing to propose, so an empty proposal stands for "nothing".
void play_round(self_ptr self) {
  auto& s = self->state;
  auto proposal = propose(self, occasion::round, 0, s.links->slots);
  if (!proposal)
    refuse(self, proposal.code());
  send(self, s.links->metaspace,
       proposal ? std::move(*proposal) : slate_proposal{s.mind->user(), 0, occasion::round, 0, s.links->slots, {}});
}

/// Rewards learned from which on a person's moments say something of people in general.
constexpr std::uint64_t telling = 32;

void learn(self_ptr self, const reward& m) {
  auto& s = self->state;
  const auto before = s.mind->observations();
  if (auto code = s.mind->learn(m); code != errc::ok && !m.entries.empty())
    refuse(self, code);
  if (s.links->population && before < telling && s.mind->observations() >= telling)
    send(self, *s.links->population, join{s.mind->user()});
}

/// A ring that can't get an honest summand here ends here.
void add_own(self_ptr self, prior_sum& m) {
  if (!add_summand(m.sums, self->state.mind->moments(m.priors)))
    return refuse(self, errc::posterior_not_definite);
  if (m.next.empty()) {
    send(self, the_population, std::move(m));
    return;
  }
  const address_of<role::user_buddy> next(m.next.back());
  m.next.pop_back();
  send(self, next, std::move(m));
}

/// Tells MetaSpace anew what could enter the slate.
void register_watch(self_ptr self) {
  auto& s = self->state;
  s.push->registered(s.mind->watching(s.links->slots, s.links->push_slack));
  if (const auto& now = s.push->watched())
    send(self, s.links->metaspace, *now);
}

/// After the mean has changed.
void keep_watch(self_ptr self) {
  auto& s = self->state;
  if (s.push && (!s.push->watched() || s.mind->strayed(*s.push->watched())))
    register_watch(self);
}

void look(self_ptr self, const wake& m) {
  auto& s = self->state;
  if (s.mind->would_enter(s.push->news_of(m), s.links->slots)) {
    if (!s.push->may_push(s.ctx->time->now(), s.links->pushes, s.links->push_interval))
      refuse(self, errc::push_limited);
    else if (auto proposal = propose(self, occasion::push, 0, s.links->slots))
      send(self, s.links->metaspace, std::move(*proposal));
  }
  register_watch(self);
}

void awake(self_ptr self, const wake& m) {
  auto& s = self->state;
  if (!s.push)
    return;
  if (s.mind->seen(m.subspace) >= m.version)
    look(self, m);
  else if (!s.push->put_off(m))
    refuse(self, errc::stale_epoch);
}

void see(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
  s.mind->see(m.snapshot);
  if (!s.push)
    return;
  for (const wake& w : s.push->take_early())
    awake(self, w);
}

void hear(self_ptr self, const regret_feedback& m) {
  self->state.mind->hear_regret(m.slate);
  if (self->state.mind->hear(m.subspace, m.group))
    keep_watch(self);
}

/// Plays its strain from the next slate on; a bad one is refused, and it plays on as before.
void adopt(self_ptr self, const strain_news& m) {
  auto& mind = *self->state.mind;
  const strain* own = dealt(m, buddy_kind::user, {}, raw(mind.user()));
  if (const errc bad = own ? check(*own) : errc::ok; bad != errc::ok)
    return refuse(self, bad);
  if (own)
    mind.adopt(played(*own, self->state.links->config->explores()));
}

/// Takes all of it, or none.
void take_interest(self_ptr self, const interest_statement& m, address_of<role::host> asker) {
  auto& s = self->state;
  auto informed = *s.mind;
  errc code = errc::ok;
  for (auto i = m.stated.begin(); i != m.stated.end() && code == errc::ok; ++i)
    code = informed.take_interest(i->subspace, i->v.values, m.confidence);
  send(self, asker, feedback_verdict{{m.request, code}});
  if (code != errc::ok)
    return refuse(self, code);
  *s.mind = std::move(informed);
  keep_watch(self);
  for (const auto& notice : m.stated)
    if (raw(notice.subspace) < s.links->subspaces)
      send(self, address_of<role::subspace>(notice.subspace), notice);
}

void begin_rounds(self_ptr self, const clock_tick& m) {
  self->state.rounds_left = m.rounds;
  if (m.rounds > 0)
    play_round(self);
}

void rewarded(self_ptr self, const reward& m) {
  auto& s = self->state;
  learn(self, m);
  keep_watch(self);
  if (s.rounds_left > 0 && --s.rounds_left > 0)
    play_round(self);
}

void compared(self_ptr self, const comparison& m) {
  if (auto code = self->state.mind->learn(m); code != errc::ok)
    refuse(self, code);
  keep_watch(self);
}

void asked(self_ptr self, const slate_request& m, address_of<role::host> asker) {
  auto& s = self->state;
  auto proposal = propose(self, occasion::request, m.request, m.slots == 0 ? s.links->slots : m.slots);
  if (proposal) {
    send(self, s.links->metaspace, std::move(*proposal));
    return;
  }
  refuse(self, proposal.code());
  send(self, asker, slate_delivery{m.user, 0, occasion::request, m.request, proposal.code(), {}});
}

belief believed(const user_buddy_state& s, std::uint64_t request) {
  auto out = s.mind->believe();
  out.request = request;
  return out;
}

} // namespace

caf::behavior user_buddy(self_ptr self, std::shared_ptr<const user_buddy_links> links, user_id user) {
  auto& s = self->state;
  s.ctx = links->ctx.get();
  harden(self, links->ctx);
  s.mind.emplace(links->config, user);
  if (links->push)
    s.push = boxed(push_book{});
  s.links = std::move(links);

  return behavior_of(
    self,
    on<catalogue_news>([self](const catalogue_news& m) { see(self, m); }),
    on<wake>([self](const wake& m) { awake(self, m); }),
    on<clock_tick>([self](const clock_tick& m) { begin_rounds(self, m); }),
    on<reward>([self](const reward& m) { rewarded(self, m); }),
    on<comparison>([self](const comparison& m) { compared(self, m); }),
    on<slate_request>([self](const slate_request& m, auto asker) { asked(self, m, asker); }),
    on<regret_feedback>([self](const regret_feedback& m) { hear(self, m); }),
    on<belief_request>([self](const belief_request& m, auto asker) { send(self, asker, believed(self->state, m.request)); }),
    on<strain_news>([self](const strain_news& m) { adopt(self, m); }),
    on<interest_statement>([self](const interest_statement& m, auto asker) { take_interest(self, m, asker); }),
    on<prior_sum>([self](prior_sum& m) { add_own(self, m); }),
    on<leave>([self](const leave&) { self->quit(); }));
}

} // namespace ammo
