/// What the bodies of a node send to other nodes: to whoever has a unit, and to all, once each.
/// Lives here: who has which unit, as far as is known, and the newest of what is told to all. May not live here: a link's bytes, an actor.
#pragma once

#include "actors/base/context.hpp"
#include "actors/protocol/outward.hpp"
#include "runtime/node/links.hpp"
#include "runtime/state/noted_frame.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace ammo {

class node_mail final : public outward {
public:
  node_mail(std::shared_ptr<context> ctx, unit_numbers units) : ctx_(std::move(ctx)), units_(units) {}

  void send(address to, std::uint16_t type, frame f) override;
  void spread(address of, std::uint16_t type, std::function<frame()> make) override;
  /// As `send`, to somebody whose address doesn't say of which unit they are.
  void send_to(store::unit_id unit, address to, std::uint16_t type, frame f);

  /// A run of the node begins, with its links; null: it is over. Returns once nobody uses the links before. Any thread, as what follows.
  void on_run(store::incarnation me, std::shared_ptr<node::links> links);
  void on_link_up(store::incarnation to);
  void on_link_lost(store::incarnation to);
  /// From time to time. What was on its way when one of two connections with a node gave way to the other is lost, so a link is told the newest again at first.
  void tell_again();
  /// As the store's rows, or this node's own claims, say. An older term says nothing.
  void on_claim(const store::claim& c);
  /// May what came for an actor be believed? Not if its sender had the unit in a term that is over.
  [[nodiscard]] bool counts(const cluster::letter& l);

private:
  [[nodiscard]] store::claim claim_of(store::unit_id unit) const;
  void tell_newest(store::incarnation to);

  const std::shared_ptr<context> ctx_;
  const unit_numbers units_;
  std::mutex turn_; ///< of what follows; links only take what is sent, so it is held for a moment
  store::incarnation me_;
  std::shared_ptr<node::links> links_;
  /// A later connection may be up before an earlier one is told to be down.
  struct connections {
    int up = 0;
    int again = 0;                 ///< so often it is told the newest again
    time_source::instant told{};   ///< when it was told last
  };
  std::map<store::incarnation, connections> up_;
  std::map<store::unit_id, store::claim> claims_;
  std::map<std::pair<address, std::uint16_t>, std::function<frame()>> newest_; ///< of units that are here
};

} // namespace ammo
