// A node's links: who is called, and what becomes of what comes.
#include "runtime/host/cluster/node_body.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

result<void> node_body::open_links() {
  node::link_options how;
  how.host = at_.host;
  how.port = port_;
  how.shows = shows_;
  how.says = {.wire = wire_version, .schema = store::schema_version, .who = me_, .name = with_.deployment->node.name, .layout = with_.layout.layout};
  node::link_events told;
  told.on_up = [this](const cluster::hello& peer) {
    {
      const std::scoped_lock turn(guard_);
      up_.insert_or_assign(peer.who, peer.name);
    }
    mail_->on_link_up(peer.who);
    board_->on_link_up(peer.who);
    with_.ctx->note(log_level::info, "link_up", {{"node", std::string_view(peer.name)}});
  };
  told.on_letter = [this](const cluster::hello& peer, const cluster::letter& l) {
    if (l.to.of == role::host)
      return board_->on_letter(peer.who, l);
    if (!mail_->counts(l))
      return with_.ctx->refused(this, errc::stale_epoch);
    std::shared_ptr<seat> here;
    {
      const std::scoped_lock turn(guard_);
      here = seat_;
    }
    if (here)
      if (const auto arrived = here->arrive(l.to, l.frame); !arrived)
        with_.ctx->refused(this, arrived.code());
  };
  told.on_down = [this](const cluster::hello& peer, node::refusal why) {
    {
      const std::scoped_lock turn(guard_);
      up_.erase(peer.who);
    }
    mail_->on_link_lost(peer.who);
    board_->on_link_lost(peer.who, why == node::refusal::replaced);
    with_.ctx->note(log_level::info, "link_down", {{"node", std::string_view(peer.name)}, {"code", node::name_of(why)}});
  };
  told.on_refused = [this](node::refusal why, const std::string& detail) {
    {
      const std::scoped_lock turn(guard_);
      ++refused_[std::string(node::name_of(why))];
    }
    if (why != node::refusal::unreachable)
      with_.ctx->note(log_level::warning, "link_refused", {{"code", node::name_of(why)}, {"detail", std::string_view(detail)}});
  };
  auto opened = node::links::open(how, told);
  if (!opened && at_.port == 0 && how.port != 0) { // meanwhile somebody else has the one that the run before had
    how.port = 0;
    opened = node::links::open(std::move(how), std::move(told));
  }
  if (!opened)
    return opened.error();
  port_ = (*opened)->port();
  const std::scoped_lock turn(guard_);
  links_ = std::move(*opened);
  return {};
}

void node_body::close_links() {
  std::shared_ptr<node::links> last; // whose thread may wait for guard_
  const std::scoped_lock turn(guard_);
  last = std::move(links_);
}

/// Both of two nodes call each other; one of the two connections stays.
void node_body::on_look(std::span<const store::node> nodes, std::span<const store::claim> claims) {
  std::vector<node_address> reach;
  std::vector<store::incarnation> gone;
  {
    const std::scoped_lock turn(guard_);
    for (const auto& before : nodes_)
      if (!before.fenced && std::ranges::none_of(nodes, [&](const store::node& n) { return n.id == before.id && !n.fenced; }))
        gone.push_back(before.id);
    nodes_.assign(nodes.begin(), nodes.end());
    claims_.assign(claims.begin(), claims.end());
    for (const auto& n : nodes)
      if (!n.fenced && n.id != me_)
        if (auto at = node_address_from(n.address); at && !std::exchange(reached_[n.address], true))
          reach.push_back(std::move(*at));
  }
  for (const auto& at : reach)
    links_->reach(at.host, at.port);
  for (const auto& id : gone)
    links_->forget(id);
  for (const auto& c : claims) {
    mail_->on_claim(c);
    board_->on_claim(c);
  }
  mail_->tell_again();
}

} // namespace ammo
