#include "actors/user_buddy/proposing_actor.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<user_buddy_state>*;

/// Goes on with a wish of which nobody else knows any more. Where that fails, who asked hears of it.
template <class F>
void see_through(self_ptr self, const slate_wish& w, F step) {
  try {
    step();
  } catch (...) {
    detail::tell_failed(*self->state.ctx, self->state.me(), detail::request_of(w, self->state.me()));
    throw;
  }
}

/// Thompson sampling chooses in place of the host's policy.
void stand_in(self_ptr self, const slate_wish& w, errc why) {
  see_through(self, w, [&] {
    refuse(self, why);
    const chosen_before nothing(std::nullopt);
    deliver(self, w, self->state.mind->propose(w, nullptr, &nothing));
  });
}

} // namespace

void note_slate(self_ptr self, const slate_proposal& proposed, std::uint32_t situation) {
  auto& s = self->state;
  if (s.ctx->frames)
    s.noted = s.ctx->frames->note_slate(unit_of(s), s.me(), s.mind->frame_of(proposed, situation),
                                        [&s](creation_id id) { return s.mind->embedding_of(id); });
}

result<slate_proposal> propose(self_ptr self, const slate_wish& w) {
  errc fault = errc::ok;
  auto proposal = self->state.mind->propose(w, &fault);
  if (fault != errc::ok)
    refuse(self, fault);
  return proposal;
}

void deliver(self_ptr self, const slate_wish& w, result<slate_proposal> proposal) {
  auto& s = self->state;
  if (proposal) {
    note_slate(self, *proposal, w.situation);
    send(self, s.links->metaspace, std::move(*proposal));
    return;
  }
  if (w.why != occasion::request)
    return;
  refuse(self, proposal.code());
  send(self, the_host, slate_delivery{s.mind->user(), 0, w.why, w.request, proposal.code(), {}});
}

void ask_policy(self_ptr self) {
  auto& s = self->state;
  auto& o = *s.outside;
  while (o.at_work == 0 && !o.waiting.empty()) {
    const auto& next = o.waiting.front();
    auto asked = [mind = std::make_shared<user_mind>(*s.mind), wish = next.wish, number = next.number, asker = o.asker, me = s.me(),
                  ctx = s.links->ctx] {
      policy_chose news{number, asker, {}};
      try {
        news.made = mind->ask_host(wish);
      } catch (...) { // whatever a host throws
      }
      hand_over(*ctx, me, std::move(news));
    };
    if (s.links->policies->run(std::move(asked))) {
      o.at_work = next.number;
      return;
    }
    const auto wish = std::move(o.waiting.front().wish);
    o.waiting.pop_front();
    stand_in(self, wish, errc::policy_busy);
  }
}

void chosen(self_ptr self, policy_chose& m) {
  auto& s = self->state;
  if (!s.outside || m.asker != s.outside->asker)
    return s.ctx->count.add(counter::policies_dropped, self);
  auto& o = *s.outside;
  o.at_work = 0;
  if (o.waiting.empty() || o.waiting.front().number != m.number) {
    s.ctx->count.add(counter::policies_dropped, self);
  } else {
    const auto w = std::move(o.waiting.front().wish);
    o.waiting.pop_front();
    see_through(self, w, [&] {
      errc fault = errc::ok;
      const chosen_before made(std::move(m.made));
      auto proposal = s.mind->propose(w, &fault, &made);
      if (fault != errc::ok)
        refuse(self, fault);
      deliver(self, w, std::move(proposal));
    });
  }
  ask_policy(self);
}

void policy_time_over(self_ptr self, policy_due m) {
  auto& waiting = self->state.outside->waiting; // sent by itself alone
  const auto late = std::ranges::find(waiting, m.number, &outside_state::wanted::number);
  if (late == waiting.end())
    return;
  const auto w = std::move(late->wish);
  waiting.erase(late);
  stand_in(self, w, errc::policy_late);
}

void want_slate(self_ptr self, slate_wish w) {
  auto& s = self->state;
  w.now_s = std::chrono::floor<std::chrono::seconds>(s.ctx->time->wall()).time_since_epoch().count();
  if (!s.outside || !s.mind->can_propose(w.n))
    return deliver(self, w, propose(self, w));
  s.outside->waiting.push_back({w, ++s.outside->last});
  post_later(self, s.links->policy_budget, policy_due{s.outside->last});
  ask_policy(self);
}

void stand_in_for_all(self_ptr self) {
  if (auto& s = self->state; s.outside)
    for (const auto& w : std::exchange(s.outside->waiting, {}))
      stand_in(self, w.wish, errc::policy_busy);
}

} // namespace ammo
