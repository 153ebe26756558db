// What a node hears of its cluster: its runs, its links, whose units are whose, and which are at work here.
#include "runtime/host/cluster/switchboard.hpp"

#include <future>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ammo {
namespace {

/// Where a letter of a host's calls goes: it is for no actor.
constexpr address for_calls = the_host;

} // namespace

void switchboard::on_run(store::incarnation me, std::shared_ptr<node::links> links) {
  const auto done = std::make_shared<std::promise<void>>();
  post([this, me, l = std::move(links), done]() mutable {
    me_ = me;
    std::swap(links_, l);
    peers_.clear();
    for (auto& [number, c] : calls_) // whatever the links before would have said
      c.cut = c.cut || c.to;
    if (!links_) // a link may be up, and have said so, before this is
      listeners_.clear();
    l.reset();
    done->set_value();
  });
  done->get_future().wait();
}

void switchboard::on_link_up(store::incarnation to) {
  post([this, to] {
    if (listens_)
      tell(to, cluster::listens_letter{true});
  });
}

void switchboard::on_link_lost(store::incarnation to, bool replaced) {
  post([this, to, replaced] {
    listeners_.erase(to);
    std::vector<std::uint64_t> asked;
    for (const auto& [number, p] : pushes_)
      if (p.asked == to)
        asked.push_back(number);
    for (const auto number : asked)
      ask_next(number);
    for (auto& [number, c] : calls_)
      c.cut = c.cut || (c.to == to && !replaced);
    router_.on_lost(to, now());
    with_.seek();
  });
}

void switchboard::on_claim(const store::claim& c) {
  post([this, c] {
    if (c.term < known(c.unit).term)
      return;
    claims_[c.unit] = c;
    if (c.owner != me_ || here_.contains(c.unit)) // its own units are read first
      router_.on_claim(c, now());
  });
}

void switchboard::on_seat(std::shared_ptr<seat> here) {
  const auto done = std::make_shared<std::promise<void>>();
  post([this, s = std::move(here), done]() mutable {
    {
      const std::scoped_lock alone(nearby_);
      std::swap(seat_, s);
      here_.clear();
    }
    s.reset();
    done->set_value();
    if (!seat_)
      router_.on_lost(me_, now());
  });
  done->get_future().wait();
}

void switchboard::on_here(std::vector<store::claim> mine) {
  post([this, mine = std::move(mine)] {
    for (const auto& c : mine) {
      {
        const std::scoped_lock alone(nearby_);
        here_.insert(c.unit);
      }
      claims_[c.unit] = c;
      router_.on_claim(c, now());
    }
  });
}

void switchboard::on_gone(std::vector<store::unit_id> units) {
  auto done = std::make_shared<std::promise<void>>();
  const auto heard = done->get_future();
  post([this, units = std::move(units), p = std::move(done)] {
    for (const auto u : units) {
      {
        const std::scoped_lock alone(nearby_);
        here_.erase(u);
      }
      router_.on_claim({u, {}, known(u).term}, now());
    }
    p->set_value();
  });
  heard.wait(); // a task that finds no memory ends it, too
}

void switchboard::tell_to_look(bool leaves) {
  post([this, leaves] { with_.each_link([&](store::incarnation to) { tell(to, cluster::look_letter{leaves}); }); });
}

void switchboard::tell(store::incarnation to, const cluster::host_letter& l, store::unit_id unit) {
  if (links_)
    links_->send(to, for_calls, unit, known(unit).term, static_cast<std::uint16_t>(l.index() + 1), cluster::bytes_of(l), false);
}

} // namespace ammo
