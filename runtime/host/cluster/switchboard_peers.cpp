// What other nodes say of calls: of theirs for units that are here, and of this node's own.
#include "runtime/host/cluster/call_codec.hpp"
#include "runtime/host/cluster/switchboard.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace ammo {

using std::chrono::milliseconds;

void switchboard::on_letter(store::incarnation from, const cluster::letter& l) {
  post([this, from, unit = l.unit, copy = store::bytes(l.frame.begin(), l.frame.end())] { hear(from, unit, copy); }, true);
}

void switchboard::hear(store::incarnation from, store::unit_id unit, const store::bytes& bytes) {
  const auto l = cluster::read_host_letter(bytes);
  if (!l)
    return with_.ctx->refused(this, l.code());
  if (const auto* call = std::get_if<cluster::call_letter>(&*l))
    return hear_call(from, unit, *call);
  std::visit(
    [&]<class Letter>(const Letter& letter) {
      if constexpr (!std::is_same_v<Letter, cluster::call_letter>)
        hear(from, letter);
    },
    *l);
}

/// A call of another node's host. A copy of one that is under way here begins nothing and has no answer, even where the unit is gone: the first may have happened.
void switchboard::hear_call(store::incarnation from, store::unit_id unit, const cluster::call_letter& l) {
  const trace_scope part_of(l.trace ? std::make_shared<const trace_context>(*l.trace) : nullptr);
  if (store::raw(unit) >= with_.units.size())
    return with_.ctx->refused(this, errc::frame_wrong_shape);
  if (const auto running = peers_.find({from, l.number}); running != peers_.end()) {
    running->second = std::max(running->second, l.attempt);
    return;
  }
  if (!seat_ || !here_.contains(unit)) {
    const auto c = known(unit);
    return tell(from, cluster::away_letter{l.number, l.attempt, c.owner == me_ ? store::incarnation{} : c.owner, c.term, false}, unit);
  }
  const auto refuse = [&](const failure& why) {
    with_.ctx->refused(this, why.code);
    auto t = told(why);
    t.letter.number = l.number;
    t.letter.attempt = l.attempt;
    tell(from, t.letter);
  };
  if (peers_.size() >= with_.most)
    return refuse({errc::overloaded, "more than " + std::to_string(with_.most) + " calls of other nodes are under way"});
  auto q = question_in(l.frame);
  if (!q)
    return refuse(q.error());
  peers_.emplace(std::pair(from, l.number), l.attempt);
  auto mine = inner(unit, with_.ctx->time->now() + milliseconds{l.left_ms}, l.key, l.holder, [this, from, unit, number = l.number](host_answer a, place) {
    post([this, from, unit, number, a = std::move(a)] {
      const auto done = peers_.extract({from, number});
      if (!done)
        return;
      const auto* failed = std::get_if<failure>(&a);
      if (failed && (failed->code == errc::stopped || failed->code == errc::state_in_use))
        return tell(from, cluster::away_letter{number, done.mapped(), {}, known(unit).term, failed->code == errc::stopped}, unit);
      auto t = told(a);
      t.letter.number = number;
      t.letter.attempt = done.mapped();
      t.letter.frame = t.bytes;
      tell(from, t.letter);
    });
  });
  seat_->call(std::move(*q), std::move(mine), l.key, l.key != 0, unit);
}

void switchboard::hear(store::incarnation from, const cluster::answer_letter& l) {
  const auto found = calls_.find(l.number);
  if (found == calls_.end() || found->second.to != from) // it asked somebody else since
    return;
  auto a = answer_in(l);
  if (!a || found->second.cut) // an answer that was lost with the link may have said something else
    lost(found->second);
  if (!a) {
    with_.ctx->refused(this, a.code());
    return finish(l.number, a.error());
  }
  finish(l.number, std::move(*a));
}

/// The store's rows say where the unit went. The letter says of one copy that it hasn't begun; a copy before it, of which nothing was heard, may have.
void switchboard::hear(store::incarnation from, const cluster::away_letter& l) {
  const auto found = calls_.find(l.number);
  if (found == calls_.end() || found->second.to != from)
    return;
  auto& c = found->second;
  if (l.begun || c.cut || l.attempt > c.oldest)
    lost(c);
  else if (l.attempt == c.attempt)
    c.to = {};
  else
    c.oldest = l.attempt + 1;
  router_.on_away(l.number, l.attempt, {c.unit, {}, 0}, now());
  with_.seek();
}

void switchboard::hear(store::incarnation from, const cluster::question_letter& l) { tell(from, cluster::told_letter{l.number, with_.status()}); }

} // namespace ammo
