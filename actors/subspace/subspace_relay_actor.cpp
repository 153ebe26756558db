#include "actors/subspace/subspace_relay_actor.hpp"

#include <utility>
#include <vector>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<subspace_relay_state>*;

/// To the Subspace, as it came.
template <class Message>
void pass_on(self_ptr self, const Message& m, address from) {
  auto& s = self->state;
  s.ctx->others->send(s.me(), Message::type, outward_frame(*s.ctx, from, m));
}

/// Nobody of this node has business with a Subspace that isn't here: whoever sends this has done so before the unit went.
template <class Message>
void drop(self_ptr self, const Message&) { self->state.ctx->refused(self, errc::state_in_use); }

/// What is live in it and wasn't in the version that was heard of before: versions in between may have been passed over.
std::vector<creation_id> fresh_in(const catalogue_version& now, const catalogue_version* before) {
  std::vector<creation_id> out;
  for (std::uint32_t row = 0; row < now.rows(); ++row)
    if (const auto id = now.info(row).id; id != no_creation && (!before || !before->find(id)))
      out.push_back(id);
  return out;
}

void spread_version(self_ptr self, const packed<role::subspace, catalogue_news>& message) {
  auto& s = self->state;
  if (s.spreading) {
    s.newer = message;
    return;
  }
  s.spreading = true;
  try {
    s.users.start(self, message, [self] {
      self->state.spreading = false;
      if (const auto next = std::exchange(self->state.newer, std::nullopt))
        spread_version(self, *next);
    });
  } catch (...) {
    s.spreading = false;
    throw;
  }
}

/// The Subspace has published.
void hear(self_ptr self, const catalogue_news& m) {
  auto& s = self->state;
  if (m.snapshot->subspace() != s.setup->id)
    return s.ctx->refused(self, errc::unknown_subspace);
  auto fresh = fresh_in(*m.snapshot, s.published.get());
  s.published = m.snapshot;
  const auto message = pack(self, catalogue_news{m.snapshot, std::move(fresh)});
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::aipp>(i), message);
  s.ctx->catalogues.post(s.published); // as the Subspace itself does
  for (std::uint32_t i = 0; i < s.setup->shards; ++i)
    send(self, address_of<role::metaspace>(i), message);
  spread_version(self, message);
}

void hear(self_ptr self, regret_feedback& m) {
  auto& s = self->state;
  if (s.broadcasting) // they must not pile up
    return s.ctx->refused(self, errc::stale_epoch);
  auto message = pack(self, std::move(m));
  s.last_regret = message;
  s.broadcasting = true;
  s.users.start(self, std::move(message), [self] { self->state.broadcasting = false; });
}

void admit(self_ptr self, const join& m, address_of<role::user_buddy> buddy) {
  auto& s = self->state;
  if (s.users.add(raw(m.user), buddy, m.life) == group::arrival::stale)
    return s.ctx->refused(self, errc::stale_epoch);
  if (s.published)
    send(self, buddy, catalogue_news{s.published, {}});
  if (s.last_regret)
    send(self, buddy, *s.last_regret);
  send(self, the_host, m);
}

void hand_over_members(self_ptr self) {
  auto& s = self->state;
  s.users.each_member([&](std::uint64_t user, std::uint64_t life) {
    send_as(address_of<role::user_buddy>(user_id{user}), *s.ctx, s.me(), join{user_id{user}, life}, self->context());
  });
  self->quit();
}

} // namespace

caf::behavior subspace_relay(self_ptr self, std::shared_ptr<const subspace_relay_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  s.setup = std::move(setup);
  s.published = s.ctx->catalogues.newest(s.setup->id);

  return behavior_of(
    self,
    on<attention_report>([self](const attention_report& m, auto from) { pass_on(self, m, from); }),
    on<interest_notice>([self](const interest_notice& m, auto from) { pass_on(self, m, from); }),
    on<strain_news>([](const strain_news&) {}), // Evolution, or its relay, tells the Subspace where that is
    on<catalogue_news>([self](const catalogue_news& m) { hear(self, m); }),
    on<regret_feedback>([self](regret_feedback& m) { hear(self, m); }),
    on<slot_terms>([self](const slot_terms& m) {
      for (std::uint32_t i = 0; i < self->state.setup->shards; ++i)
        send(self, address_of<role::metaspace>(i), m);
    }),
    on<join>([self](const join& m, auto from) {
      if (const auto buddy = from.template as<role::user_buddy>())
        admit(self, m, *buddy);
    }),
    on<leave>([self](const leave& m) { self->state.users.leave(raw(m.user), m.life, self->state.ctx->time->now()); }),
    on<creation_offer>([self](const creation_offer& m) { drop(self, m); }),
    on<creation_pass>([self](const creation_pass& m) { drop(self, m); }),
    on<creation_withdrawal>([self](const creation_withdrawal& m) { drop(self, m); }),
    on<join_goal>([self](const join_goal& m) { drop(self, m); }),
    on<leave_goal>([self](const leave_goal& m) { drop(self, m); }),
    on<period_open>([self](const period_open& m) { drop(self, m); }),
    on<nearby_request>([self](const nearby_request& m) { drop(self, m); }),
    on<statistics_request>([self](const statistics_request& m) { drop(self, m); }),
    on_own<fan_out_turn>([self](fan_out_turn t) { t.of->turn(self); }),
    on_own<hand_members>([self](hand_members) { hand_over_members(self); }));
}

} // namespace ammo
