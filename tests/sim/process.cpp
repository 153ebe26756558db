#include "tests/sim/process.hpp"

#include <algorithm>

namespace ammo::sim {
namespace {

std::vector<cluster::unit_needs> deployment() {
  std::vector<cluster::unit_needs> all;
  for (std::uint32_t u = 0; u < shards; ++u)
    all.push_back({store::unit_id{u}, "people", {"kind:coin"}});
  all.push_back({the_ledger, "coin", {"kind:coin", "ledger"}});
  return all;
}

/// Not every node can play the ledger, and one prefers it.
cluster::candidate candidate_of(std::uint32_t node, store::incarnation id) {
  cluster::candidate c{id, "node" + std::to_string(node), {{"kind:coin"}, {}}};
  if (node != 1)
    c.can.plays.insert("ledger");
  if (node == 2)
    c.can.prefers.emplace("coin", cluster::usual_preference);
  return c;
}

} // namespace

process::process(world& w, std::uint32_t node) : world_(w), node_(node), me_(w.register_process(node)) {}

void process::start() { enter(now()); }

/// Ends earlier processes of this machine and name, then enters. An entry without an answer is sent again: it may have arrived, and even have
/// been fenced since.
void process::enter(milliseconds first) {
  const auto self = candidate_of(node_, me_);
  const auto again = [this, first] { world_.at_local(node_, now() + milliseconds{100}, [this, first] { enter(first); }); };
  world_.ask<std::vector<store::node>>(
    node_, [](auto& s) { return s.nodes().value(); },
    [this, self, again, first](auto rows) {
      if (!rows)
        return again();
      std::vector<store::incarnation> gone;
      for (const auto& n : *rows)
        if (n.name == self.name && n.id != me_ && world_.is_gone(n.id))
          gone.push_back(n.id);
      world_.ask<bool>(
        node_,
        [gone, self](auto& s) {
          for (const auto& id : gone)
            (void)s.fence(id, true).value();
          (void)s.enter({self.id, self.name, "", text_of(self.can), {}, 0, 0, false}, times.lease).value();
          return std::ranges::any_of(s.nodes().value(), [&](const auto& n) { return n.id == self.id && !n.fenced; });
        },
        [this, self, again, first](auto entered) {
          if (!entered)
            return again();
          if (!*entered) {
            ended_ = true;
            return world_.ended(node_, milliseconds{200});
          }
          member_.emplace(self, deployment(), times, first);
          beat_at_ = look_at_ = call_at_ = now();
        });
    });
}

void process::end(milliseconds again_after) {
  ended_ = true;
  member_->on_fenced();
  world_.ended(node_, again_after);
}

void process::plan(milliseconds when) {
  if (planned_ && *planned_ <= when)
    return;
  planned_ = when;
  world_.at_local(node_, when, [this, when] {
    if (planned_ == when)
      planned_.reset();
  });
}

void process::wake() {
  if (!member_ || ended_)
    return;
  if (!beats_ && now() >= beat_at_)
    beat();
  if (!looks_ && now() >= look_at_)
    look();
  if (now() >= call_at_)
    call_somebody();
  if (leaves_by_ && (member_->owned().empty() || now() >= *leaves_by_)) {
    world_.ask<bool>(
      node_, [me = me_](auto& s) { return s.fence(me, true).has_value(); }, [](auto) {});
    return end(away_for_);
  }
  route();
  for (auto& [id, u] : units_) {
    for (const auto& c : u.room.expire(now()))
      away(c, member_->claim_of(id));
    move_on(id, u);
    if (u.totals && u.at == held_unit::stage::serving && now() >= u.say_totals)
      say_totals(id, u);
  }
  append();
  milliseconds next = now() + milliseconds{100}; // what waits in rooms, and totals that are to be said again
  if (!beats_)
    next = std::min(next, beat_at_);
  if (!looks_)
    next = std::min(next, look_at_);
  next = std::min({next, call_at_, router_.next().value_or(next)});
  if (const auto due = queue_.due())
    next = std::min(next, std::chrono::ceil<milliseconds>(*due));
  for (const auto& [id, u] : units_)
    if (u.move && u.move->waits(now()))
      next = std::min(next, u.move->until());
  plan(std::max(next, now() + milliseconds{1}));
}

void process::beat() {
  beats_ = true;
  world_.ask<store::verdict>(
    node_, [me = me_](auto& s) { return s.beat(me, times.lease).value(); },
    [this, sent = now()](auto v) {
      beats_ = false;
      beat_at_ = now() + times.lease / 10;
      if (!v || ended_)
        return;
      if (*v == store::verdict::refused)
        return end(milliseconds{200});
      member_->on_beat(sent);
      beat_at_ = member_->next_beat(now());
    });
}

void process::look() {
  looks_ = true;
  struct seen {
    std::vector<store::claim> claims;
    std::vector<store::node> nodes;
  };
  const auto number = member_->begin_look(now());
  const auto done = [this, number](const seen& rows) {
    looks_ = false;
    look_at_ = now() + times.lease / 10;
    if (ended_ || rows.nodes.empty() || rows.claims.empty())
      return;
    on_step(member_->on_rows(number, rows.nodes, rows.claims, now()));
    for (const auto& c : rows.claims)
      router_.on_claim(c, now());
    look_at_ = std::min(member_->next_look(now()), now() + times.lease / 3);
  };
  world_.ask<std::vector<store::claim>>(
    node_, [](auto& s) { return s.claims().value(); },
    [this, done](auto claims) {
      if (!claims)
        return done({});
      world_.ask<std::vector<store::node>>(
        node_, [](auto& s) { return s.nodes().value(); },
        [done, claims](auto nodes) { done({*claims, nodes.value_or(std::vector<store::node>{})}); });
    });
}

void process::on_step(const cluster::membership::step& next) {
  if (member_->ended())
    return end(milliseconds{200});
  if (next.name_taken || next.rows_lost) {
    world_.facts().fail(invariant::no_false_stop, next.name_taken ? "a node says that its name is taken" : "a node says that the store has lost rows");
    return;
  }
  for (const auto& dead : next.fence)
    world_.ask<store::verdict>(
      node_, [dead](auto& s) { return s.fence(dead, false).value(); },
      [this](auto v) {
        if (v == store::verdict::done)
          world_.count_fence();
        look_at_ = now();
      });
  if (world_.broken() == broken_rule::fences_the_living && member_->live().size() > 1 && world_.dice()() % 8 == 0)
    for (const auto& n : member_->live())
      if (n.id != me_)
        world_.ask<store::verdict>(
          node_, [id = n.id](auto& s) { return s.fence(id, true).value(); }, [](auto) {});
  for (const auto& c : next.take) {
    if (world_.broken() == broken_rule::takes_nothing)
      member_->on_not_taken(c.unit);
    else
      take(c);
  }
  for (const auto& c : next.found)
    read_back(c.unit, c.term);
  for (const auto& m : next.give) {
    if (world_.broken() == broken_rule::gives_nothing)
      member_->on_kept(m.what.unit);
    else
      give(m);
  }
}

/// As `store::log_writer` writes: one block at a time, the same one until its fate is known.
void process::append() {
  const auto due = queue_.due();
  if (!due || *due > now())
    return;
  queue_.begin();
  on_append(false, std::nullopt);
}

void process::on_append(bool again, std::optional<store::verdict> v) {
  if (ended_ || !queue_.out())
    return;
  if (v == store::verdict::refused)
    return end(milliseconds{200});
  if (v == store::verdict::done) {
    append_pause_ = milliseconds{10};
    queue_.on_durable();
    return on_durable();
  }
  const auto released = releasing_ && queue_.out()->first <= releasing_->second && releasing_->second <= queue_.out()->last()
                          ? std::optional(store::claim{releasing_->first, me_, units_.at(releasing_->first).term})
                          : std::nullopt;
  world_.ask<store::verdict>(
    node_,
    [me = me_, b = *queue_.out(), released, again](auto& s) {
      if (again)
        if (const auto there = s.block_at(me, b.first).value(); there && there->checksum == b.checksum)
          return store::verdict::done;
      return released ? s.release(me, b, released->unit, released->term).value() : s.append(me, b).value();
    },
    [this](auto known) {
      if (!known && world_.broken() == broken_rule::takes_unknown_for_done)
        known = store::verdict::done;
      if (known)
        return on_append(true, known);
      append_pause_ = std::min(2 * append_pause_, milliseconds{1000});
      world_.at_local(node_, now() + append_pause_, [this] { on_append(true, std::nullopt); });
    });
}

void process::on_durable() {
  const auto place = queue_.durable();
  for (auto& [id, u] : units_) {
    for (const auto& r : u.calls.on_durable(place))
      if (world_.broken() != broken_rule::answers_before_durable)
        reply(id, r.to, r.key, r.what);
    if (u.totals)
      u.totals->on_durable(place);
    for (; !u.bookings.empty() && u.bookings.front().first <= place; u.bookings.pop_front())
      if (const auto& m = u.bookings.front().second; may_answer(id))
        world_.send(node_, m.from, booked_message{m.totals.unit, m.totals.at});
  }
  if (releasing_ && releasing_->second <= place)
    on_released(releasing_->first);
}

void process::leave(milliseconds away) {
  if (!member_ || ended_ || leaves_by_)
    return;
  member_->leave();
  away_for_ = std::max(away, milliseconds{50});
  leaves_by_ = now() + milliseconds{5000};
  look_at_ = now();
}

store::incarnation process::best_for(store::unit_id unit) const {
  const auto ranks = cluster::ranking(deployment()[store::raw(unit)], member_->live());
  return ranks.empty() ? store::incarnation{} : member_->live()[ranks[0]].id;
}

bool process::serves(store::unit_id unit) const {
  const auto found = units_.find(unit);
  return member_ && member_->answers_for(unit, now()) && found != units_.end() && found->second.at == held_unit::stage::serving;
}

} // namespace ammo::sim
