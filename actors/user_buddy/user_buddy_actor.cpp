#include "actors/user_buddy/user_buddy_actor.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<user_buddy_state>*;

/// A round must come to its end even where there is nothing to propose, so an empty proposal stands for "nothing".
void play_round(self_ptr self) {
  auto& s = self->state;
  auto proposal = s.mind->propose(occasion::round, 0, s.links->slots);
  if (!proposal)
    s.ctx->count.refused(self, proposal.code());
  tell(self, *s.ctx, s.links->metaspace,
       proposal ? std::move(*proposal) : slate_proposal{s.mind->user(), 0, occasion::round, 0, s.links->slots, {}});
}

void refuse(self_ptr self, errc code) { self->state.ctx->count.refused(self, code); }

/// Tells MetaSpace anew what could enter the slate.
void register_watch(self_ptr self) {
  auto& s = self->state;
  s.watched = s.mind->watching(s.links->slots, s.links->push_slack);
  if (s.watched)
    post(self, *s.ctx, s.links->metaspace, *s.watched);
}

/// After the mean has changed.
void keep_watch(self_ptr self) {
  auto& s = self->state;
  if (s.links->push && (!s.watched || s.mind->strayed(*s.watched)))
    register_watch(self);
}

bool may_push(self_ptr self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  if (now - s.pushes_since >= s.links->push_interval) {
    s.pushes_since = now;
    s.pushes = 0;
  }
  return s.pushes < s.links->pushes && (++s.pushes, true);
}

/// What is really new: not a creation of the slate that has only moved.
std::vector<creation_id> news_of(const user_buddy_state& s, const wake& m) {
  std::vector<creation_id> out;
  for (std::size_t i = 0; i < m.fresh.size(); ++i) {
    const creation_id before = i < m.replaced.size() ? m.replaced[i] : no_creation;
    if (before == no_creation || !s.watched || std::ranges::find(s.watched->slate, before) == s.watched->slate.end())
      out.push_back(m.fresh[i]);
  }
  return out;
}

void look(self_ptr self, const wake& m) {
  auto& s = self->state;
  if (s.mind->would_enter(news_of(s, m), s.links->slots)) {
    if (!may_push(self))
      refuse(self, errc::push_limited);
    else if (auto proposal = s.mind->propose(occasion::push, 0, s.links->slots))
      post(self, *s.ctx, s.links->metaspace, std::move(*proposal));
  }
  register_watch(self);
}

void awake(self_ptr self, const wake& m) {
  auto& s = self->state;
  if (s.mind->seen(m.subspace) < m.epoch)
    s.early.push_back(m);
  else
    look(self, m);
}

void see(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
  s.mind->see(m.snapshot);
  if (s.early.empty())
    return;
  for (const wake& w : std::exchange(s.early, {}))
    awake(self, w);
}

} // namespace

caf::behavior user_buddy(self_ptr self, std::shared_ptr<const user_buddy_links> links, user_id user) {
  auto& s = self->state;
  s.ctx = links->ctx.get();
  harden(self, links->ctx);
  s.mind.emplace(links->config, user);
  s.links = std::move(links);

  return {
    on<const catalogue_news>(self,
                             [self](const catalogue_news& m) { see(self, m); }),
    on<const wake>(self, [self](const wake& m) { awake(self, m); }),
    on<const clock_tick>(self,
                         [self](const clock_tick& m) {
                           self->state.rounds_left = m.rounds;
                           if (m.rounds > 0)
                             play_round(self);
                         }),
    on<const reward>(self,
                     [self](const reward& m) {
                       auto& st = self->state;
                       if (auto code = st.mind->learn(m); code != errc::ok && !m.entries.empty())
                         refuse(self, code);
                       keep_watch(self);
                       if (st.rounds_left > 0 && --st.rounds_left > 0)
                         play_round(self);
                     }),
    on<const slate_request>(self,
                            [self](const slate_request& m) {
                              auto& st = self->state;
                              auto n = m.slots == 0 ? st.links->slots : m.slots;
                              auto proposal = st.mind->propose(occasion::request, m.request, n);
                              if (proposal)
                                return post(self, *st.ctx, st.links->metaspace, std::move(*proposal));
                              refuse(self, proposal.code());
                              post(self, *st.ctx, sender_of(self),
                                   slate_delivery{m.user, 0, occasion::request, m.request, proposal.code(), {}});
                            }),
    on<const regret_feedback>(self, [self](const regret_feedback& m) { self->state.heard_regret = m.slate; }),
    on<const belief_request>(self,
                             [self](const belief_request& m) {
                               auto answer = self->state.mind->believe();
                               answer.request = m.request;
                               answer.group_regret = self->state.heard_regret;
                               post(self, *self->state.ctx, sender_of(self), std::move(answer));
                             }),
    on<const leave>(self, [self](const leave&) { self->quit(); }),
  };
}

} // namespace ammo
