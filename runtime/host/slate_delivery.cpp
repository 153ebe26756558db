#include "runtime/host/slate_delivery.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace ammo {
namespace {

/// AiPP hears what became of a delivery before its person can answer.
void hand_out(caf::stateful_actor<bridge_state>* self, const slate_delivery& m, std::optional<address_of<role::aipp>> shard, bool provisional) {
  auto& s = self->state;
  if (m.why == occasion::push && provisional && shard)
    return send(self, *shard, slate_outcome{m.user, m.delivery, false}), void();
  if (m.why == occasion::push)
    return s.setup->callbacks->push({m.user, m.round, true, m.slate}, [ctx = s.setup->ctx, shard, user = m.user, delivery = m.delivery](bool shown) {
      if (shown)
        ctx->count.add(counter::pushes, ctx.get());
      if (shard)
        send_as(the_host, *ctx, *shard, slate_outcome{user, delivery, shown});
    });
  std::shared_ptr<ticket> asker;
  (void)s.under_way->close(m.request, [&](bridge_state::waiting w) { asker = std::move(w.asker); });
  const bool shown = asker && asker->claim();
  if (shard && m.delivery != 0)
    send(self, *shard, slate_outcome{m.user, m.delivery, shown && !provisional});
  if (shown)
    asker->finish(granted_slate{m, provisional});
}

} // namespace

void deliver_held(caf::stateful_actor<bridge_state>* self, bridge_state::held_slate& held) {
  self->state.held_pushes -= held.slate.why == occasion::push;
  hand_out(self, held.slate, held.shard, false);
}

/// While the state's store is out of reach a slate is provisional: it is shown, and its impressions count for nothing. Where slates are strict
/// any other waits until it is durable; its call's deadline holds meanwhile.
void deliver(caf::stateful_actor<bridge_state>* self, slate_delivery& m, address_of<role::aipp, role::user_buddy> from) {
  auto& s = self->state;
  const auto shard = from.as<role::aipp>();
  const bool provisional = s.ctx->frames && !s.ctx->frames->takes_changes();
  if (provisional || !s.setup->strict_slates || !shard || m.delivery == 0)
    return hand_out(self, m, shard, provisional);
  const auto place = s.ctx->frames->noted();
  if (place <= s.durable)
    return hand_out(self, m, shard, false);
  if (const bool push = m.why == occasion::push; push && s.held_pushes == bridge_state::most_held_pushes) {
    s.ctx->refused(self, errc::overloaded);
    send(self, *shard, slate_outcome{m.user, m.delivery, false});
  } else {
    s.held_pushes += push;
    const auto request = m.request;
    s.held.push_back({place, request, bridge_state::held_slate{std::move(m), *shard}});
    if (auto* w = s.under_way->find(request))
      w->answered = true;
  }
}

} // namespace ammo
