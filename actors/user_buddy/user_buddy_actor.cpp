#include "actors/user_buddy/user_buddy_actor.hpp"

#include "actors/protocol/state_codec.hpp"
#include "actors/user_buddy/proposing_actor.hpp"
#include "actors/user_buddy/ring_sum.hpp"
#include "actors/user_buddy/user_genes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<user_buddy_state>*;

void note_learned(self_ptr self, const reward& m) {
  note_own(self, unit_of(self->state), m);
  if (auto& s = self->state; s.ctx->frames && s.mind->remembers())
    note_slate(self, slate_proposal{.user = s.mind->user(), .candidates = {}}, 0);
}
/// All that it is.
void note_state(self_ptr self) {
  auto& s = self->state;
  s.noted = s.ctx->frames->note(unit_of(s), s.me(), state_frame | user_mind_state::kind, encode_state(s.mind->save_own()));
}

/// Sees what has been published since the last news that came.
void look_at_board(self_ptr self) {
  auto& s = self->state;
  const auto& board = s.ctx->catalogues;
  for (std::uint16_t i = 0; i < board.size(); ++i)
    if (const subspace_id of{i}; board.version(of) > s.mind->seen(of))
      s.mind->see(board.newest(of));
}

/// What was asked before is answered.
void leaves(self_ptr self) {
  auto& s = self->state;
  if (!s.away) // a mind that is away proposes nothing
    stand_in_for_all(self);
  self->quit();
}

/// A round must come to its end even where there is nothing to propose, so an empty proposal stands for "nothing".
void play_round(self_ptr self) {
  auto& s = self->state;
  auto proposal = propose(self, {.why = occasion::round, .n = s.links->slots});
  if (!proposal)
    refuse(self, proposal.code());
  send(self, s.links->metaspace,
       proposal ? std::move(*proposal) : slate_proposal{s.mind->user(), 0, occasion::round, 0, s.links->slots, {}});
}

/// Rewards learned from which on a person's moments say something of people in general.
constexpr std::uint64_t telling = 20;

void learn(self_ptr self, const reward& m) {
  auto& s = self->state;
  const auto before = s.mind->observations();
  if (auto code = s.mind->learn(m); code != errc::ok && !m.entries.empty())
    refuse(self, code);
  else if (code == errc::ok)
    note_learned(self, m);
  if (s.links->population && before < telling && s.mind->observations() >= telling)
    send(self, *s.links->population, join{s.mind->user()});
}

/// A ring that can't get an honest summand here ends here.
void add_own(self_ptr self, prior_sum& m) {
  auto& mind = *self->state.mind;
  const bool added = m.priors.empty() ? mind.add_to_ring(m.sums) : add_summand(m.sums, mind.moments(m.priors));
  if (!added)
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
  if (s.dozes && !s.dozes->is_off())
    return;
  if (s.mind->would_enter(s.push->news_of(m), s.links->slots)) {
    if (!s.push->may_push(s.ctx->time->now(), s.links->pushes, s.links->push_interval))
      refuse(self, errc::push_limited);
    else
      want_slate(self, {.why = occasion::push, .n = s.links->slots});
  }
  register_watch(self);
}

void awake(self_ptr self, const wake& m) {
  auto& s = self->state;
  if (!s.push)
    return;
  look_at_board(self);
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
    code = informed.take_interest(i->subspace, i->v.values, m.confidence, m.situation);
  if (code == errc::ok)
    note_own(self, unit_of(self->state), m);
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
  const auto& s = self->state;
  if (s.links->population && s.mind->rounds() == 0) // by the clock, nobody's join may come late
    send(self, *s.links->population, join{s.mind->user()});
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
  else
    note_own(self, unit_of(self->state), m);
  keep_watch(self);
}

void asked(self_ptr self, slate_request& m) {
  slate_wish w{.request = m.request, .n = m.slots == 0 ? self->state.links->slots : m.slots, .situation = m.situation, .at_most = {m.at_most, m.within_s}};
  auto eligible = eligibility::of(std::move(m.only), std::move(m.except));
  if (!eligible)
    return deliver(self, w, eligible.error());
  w.eligible = std::move(*eligible);
  look_at_board(self);
  want_slate(self, w);
}

/// With the mind as the log has it, and what its person has said since. A host's policy is asked anew.
void return_to_work(self_ptr self, brought_back<user_mind>& m) {
  auto& s = self->state;
  std::vector<std::shared_ptr<const catalogue_version>> live;
  std::ranges::copy_if(s.mind->catalogues(), std::back_inserter(live), [](const auto& known) { return known != nullptr; });
  m.mind->see(live);
  s.mind.emplace(std::move(*m.mind));
  for (const auto& counted : m.unlearned)
    if (const auto* r = std::get_if<reward>(&counted))
      rewarded(self, *r);
    else
      compared(self, std::get<comparison>(counted));
  if (s.push)
    register_watch(self);
  if (s.outside)
    ask_policy(self);
}

/// Behind all that was asked of it, the call goes on its way; behind all that AiPP has sent it, it comes back. In the midst of a slate nobody
/// falls asleep.
void fall_asleep(self_ptr self, sleep_call& m) {
  auto& s = self->state;
  if (m.attempt->is_off() || s.rounds_left > 0 || (s.outside && (s.outside->at_work != 0 || !s.outside->waiting.empty())))
    return;
  if (!m.of_aipp) {
    s.dozes = m.attempt;
    const auto metaspace = s.links->metaspace;
    (void)hand_over(*s.ctx, metaspace, std::move(m));
    return;
  }
  m.to(s.noted, {s.mind->save_own(), std::move(m.open), s.noted});
}

void explain(self_ptr self, const impression_question& q) {
  look_at_board(self);
  auto why = self->state.mind->explain(q);
  if (!why)
    refuse(self, why.code());
  send(self, the_host, why ? explained{{q.request}, std::move(*why)} : explained{{q.request, why.code(), why.error().detail}, {}});
}

belief believed(const user_buddy_state& s, std::uint64_t request) {
  auto out = s.mind->believe();
  out.request = request;
  return out;
}

} // namespace

caf::behavior user_buddy(self_ptr self, std::shared_ptr<const user_buddy_links> links, user_id user,
                         std::shared_ptr<user_mind> recovered, std::uint64_t noted) {
  auto& s = self->state;
  s.ctx = links->ctx.get();
  harden(self, links->ctx);
  s.noted = noted;
  if (recovered)
    s.mind.emplace(std::move(*recovered));
  else
    s.mind.emplace(links->config, user);
  if (links->push)
    s.push = boxed(push_book{});
  if (links->policies && links->config->policy == user_policy::host)
    s.outside = std::make_unique<outside_state>();
  s.links = std::move(links);
  if (s.ctx->frames && !recovered && s.links->config->prior)
    note_state(self); // it doesn't begin with nothing
  if (recovered && s.links->population && s.mind->observations() >= telling)
    send(self, *s.links->population, join{s.mind->user()});

  return behavior_of(
    self,
    on<catalogue_news>([self](const catalogue_news& m) { see(self, m); }),
    on<wake>([self](const wake& m) { awake(self, m); }),
    on<clock_tick>([self](const clock_tick& m) { begin_rounds(self, m); }),
    on<reward>([self](const reward& m) { rewarded(self, m); }),
    on<comparison>([self](const comparison& m) { compared(self, m); }),
    on<slate_request>([self](slate_request& m) { asked(self, m); }),
    on<slate_granted>([self](const slate_granted& m) {
      note_own(self, unit_of(self->state), m);
      self->state.mind->granted(m.round, span_of(m.impressions));
    }),
    on<regret_feedback>([self](const regret_feedback& m) { hear(self, m); }),
    on<belief_request>([self](const belief_request& m, auto asker) {
      look_at_board(self);
      send(self, asker, believed(self->state, m.request));
    }),
    on<impression_question>([self](const impression_question& m) { explain(self, m); }),
    on<strain_news>([self](const strain_news& m) { adopt(self, m); }),
    on<interest_statement>([self](const interest_statement& m, auto asker) { take_interest(self, m, asker); }),
    on<people_news>([self](const people_news& m) {
      if (!self->state.mind->hear_people(m.of))
        refuse(self, errc::bad_state);
      keep_watch(self);
    }),
    on<prior_sum>([self](prior_sum& m) { add_own(self, m); }),
    on_return<user_mind>([self](brought_back<user_mind>& m) { return_to_work(self, m); }),
    on_own<save_call<user_mind_state>>([self](save_call<user_mind_state>& m) { m.to(self->state.noted, self->state.mind->save_own()); }),
    on_own<sleep_call>([self](sleep_call& m) { fall_asleep(self, m); }),
    on_own<policy_chose>([self](policy_chose& m) { chosen(self, m); }),
    on_own<policy_due>([self](policy_due m) { policy_time_over(self, m); }),
    on<leave>([self](const leave&) { leaves(self); }));
}

} // namespace ammo
