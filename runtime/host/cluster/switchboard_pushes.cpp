// Pushes that nobody hears in the process that has the units: to the nodes whose hosts listen.
#include "actors/protocol/codec.hpp"
#include "runtime/host/cluster/switchboard.hpp"

#include <algorithm>
#include <chrono>

namespace ammo {
namespace {

/// A host of another node says within this whether a push was shown; else it was shown to nobody.
constexpr std::chrono::milliseconds push_time{2'000};

} // namespace

void switchboard::on_listening(bool whether) {
  post([this, whether] {
    listens_ = whether;
    with_.each_link([&](store::incarnation to) { tell(to, cluster::listens_letter{whether}); });
  });
}

void switchboard::push(slate s, std::function<void(bool)> outcome) {
  post([this, s = std::move(s), outcome = std::move(outcome)]() mutable {
    if (listeners_.empty())
      return outcome(false);
    if (pushes_.size() >= with_.pushes) {
      with_.ctx->count.add(counter::pushes_shed, this);
      with_.ctx->refused(this, errc::push_shed);
      return outcome(false);
    }
    const auto number = next_push_++;
    auto& p = pushes_[number];
    p.bytes = encode(slate_delivery{s.user, s.round, occasion::push, 0, errc::ok, std::move(s.creations)});
    p.outcome = std::move(outcome);
    p.left.assign(listeners_.begin(), listeners_.end());
    std::ranges::rotate(p.left, p.left.begin() + static_cast<std::ptrdiff_t>(number % p.left.size())); // not always the same one first
    p.until = now() + push_time;
    ask_next(number);
  });
}

/// One host at a time: it isn't shown twice.
void switchboard::ask_next(std::uint64_t number) {
  auto& p = pushes_.at(number);
  while (!p.left.empty()) {
    p.asked = p.left.back();
    p.left.pop_back();
    if (listeners_.contains(p.asked))
      return tell(p.asked, cluster::push_letter{number, p.bytes});
  }
  const auto done = std::move(p.outcome);
  pushes_.erase(number);
  done(false);
}

void switchboard::expire_pushes() {
  for (const auto t = now(); !pushes_.empty() && pushes_.begin()->second.until <= t;) {
    const auto done = std::move(pushes_.begin()->second.outcome);
    pushes_.erase(pushes_.begin());
    done(false);
  }
}

void switchboard::hear(store::incarnation from, const cluster::listens_letter& l) {
  if (l.whether)
    listeners_.insert(from);
  else
    listeners_.erase(from);
}

void switchboard::hear(store::incarnation from, const cluster::push_letter& l) {
  auto m = decode<slate_delivery>(l.frame);
  if (!m) {
    with_.ctx->refused(this, m.code());
    return tell(from, cluster::shown_letter{l.number, false});
  }
  with_.push(slate{m->user, m->round, true, std::move(m->slate)}, [at = weak_from_this(), from, number = l.number](bool shown) {
    if (const auto me = at.lock()) // a host's code may return whenever it likes
      me->post([all = me.get(), from, number, shown] { all->tell(from, cluster::shown_letter{number, shown}); });
  });
}

void switchboard::hear(store::incarnation from, const cluster::shown_letter& l) {
  const auto found = pushes_.find(l.number);
  if (found == pushes_.end() || found->second.asked != from)
    return;
  if (!l.whether)
    return ask_next(l.number);
  const auto done = std::move(found->second.outcome);
  pushes_.erase(found);
  done(true);
}

} // namespace ammo
