#include "tests/sim/process.hpp"

#include <algorithm>

namespace ammo::sim {

bool process::may_answer(store::unit_id unit) const {
  return world_.broken() == broken_rule::ignores_its_lease ? units_.contains(unit) : member_->answers_for(unit, now());
}

/// What leaves is checked against the truth: who answers owns.
void process::reply(store::unit_id unit, store::incarnation to, std::uint64_t key, std::int64_t answer) {
  if (!may_answer(unit))
    return;
  if (const auto c = world_.claim_of(unit); c.owner != me_)
    world_.facts().fail(invariant::single_writer, "a node answers for unit " + std::to_string(store::raw(unit)) + ", which isn't its own");
  world_.send(node_, to, answer_message{key, answer});
}

void process::away(const call_message& c, const store::claim& next) { world_.send(node_, c.from, away_message{c.key, c.attempt, next}); }

void process::on_message(const message& m) {
  if (!member_ || ended_)
    return;
  if (const auto* call = std::get_if<call_message>(&m))
    return serve(*call);
  if (const auto* answer = std::get_if<answer_message>(&m)) {
    const auto mine = calls_.find(answer->key & 0xFFFFFFFF);
    if (mine == calls_.end())
      return;
    world_.facts().on_answer(mine->second.what.content, answer->answer);
    if (const auto opened = mine->second.opened; opened && mine->second.tries == 1)
      world_.on_latency(now() - *opened);
    if (router_.on_answer(mine->first))
      calls_.erase(mine);
  } else if (const auto* a = std::get_if<away_message>(&m)) {
    router_.on_away(a->key & 0xFFFFFFFF, a->attempt, a->next, now());
  } else if (const auto* offer = std::get_if<offer_message>(&m)) {
    const auto unit = offer->released.unit;
    if (const auto c = member_->on_offer(offer->released, offer->from, offer->leaves, now()))
      take(*c);
    for (const auto& held : offer->held)
      if (const auto u = units_.find(unit); u == units_.end() || u->second.at == held_unit::stage::serving || !u->second.room.add(held, now()))
        serve(held);
  } else if (const auto* totals = std::get_if<totals_message>(&m)) {
    book(*totals);
  } else if (const auto* booked = std::get_if<booked_message>(&m)) {
    if (const auto u = units_.find(booked->unit); u != units_.end() && u->second.totals)
      u->second.totals->on_booked(booked->at);
  } else if (const auto* lost = std::get_if<lost_message>(&m)) {
    router_.on_lost(lost->node, now());
  }
}

void process::take(const store::claim& c) {
  units_.try_emplace(c.unit);
  world_.ask<store::verdict>(
    node_, [me = me_, c](auto& s) { return s.take(me, c.unit, c.term).value(); },
    [this, c](auto v) {
      if (ended_)
        return;
      if (v == store::verdict::done) {
        member_->on_taken(c.unit, c.term + 1);
        return read_back(c.unit, c.term + 1);
      }
      member_->on_not_taken(c.unit);
      drop(c.unit);
      look_at_ = std::min(look_at_, now() + milliseconds{20});
    });
}

/// The unit is no longer this node's, or never became it.
void process::drop(store::unit_id id) {
  const auto u = units_.extract(id);
  if (u)
    for (const auto& c : u.mapped().room.take_all())
      away(c, member_->claim_of(id));
}

void process::read_back(store::unit_id unit, store::term_number term) {
  auto& u = units_[unit];
  u.at = held_unit::stage::reading;
  u.term = term;
  world_.ask<std::vector<entry>>(
    node_, [unit](auto& s) { return history_of(s, unit); },
    [this, unit, term](auto history) {
      const auto holds = [this, unit, term] {
        const auto still = units_.find(unit);
        return !ended_ && still != units_.end() && still->second.term == term;
      };
      if (!holds())
        return;
      if (!history)
        return world_.at_local(node_, now() + milliseconds{50}, [this, unit, term, holds] {
          if (holds())
            read_back(unit, term);
        });
      on_read(unit, term, *history);
    });
}

void process::on_read(store::unit_id unit, store::term_number term, const std::vector<entry>& history) {
  auto& u = units_.at(unit);
  if (u.at == held_unit::stage::serving)
    return;
  u.at = held_unit::stage::serving;
  if (world_.broken() == broken_rule::forgets_keys_too_soon)
    u.calls = cluster::unit_calls<std::int64_t, store::incarnation>({.keep = milliseconds{300}, .surely = milliseconds{300}});
  cluster::amounts spent;
  for (const entry& e : history) {
    u.history.emplace_back(0, e);
    adopt(u, e);
    if (e.what == entry::kind::counted)
      spent[goal_id{e.goal}] += e.amount;
  }
  if (unit != the_ledger)
    u.totals.emplace(unit, term, std::move(spent), 0);
  u.say_totals = now();
  for (const auto& c : u.room.take_all())
    serve(c);
}

/// What a frame of the unit's own history says, at a recovery.
void process::adopt(held_unit& u, const entry& e) {
  if (e.what == entry::kind::counted) {
    u.answers = std::max(u.answers, e.answer);
    if (world_.broken() != broken_rule::forgets_keys)
      u.calls.recover(e.key, {1, e.content}, e.answer, now());
  } else if (e.what == entry::kind::booked && world_.broken() != broken_rule::adds_differences) {
    cluster::unit_totals t{store::unit_id{e.from}, e.at, {}};
    for (std::size_t g = 0; g < goals; ++g)
      t.spent[goal_id{g}] = e.totals[g];
    (void)u.book.on_totals(t).has_value();
  }
}

/// Puts a frame into the log. Nothing: there is no room, or the node is fenced.
std::optional<std::uint64_t> process::note(held_unit& u, const entry& e) {
  const auto place = queue_.add(bytes_of(e), std::chrono::microseconds(now()));
  if (!place)
    return std::nullopt;
  u.history.emplace_back(*place, e);
  u.noted = *place;
  return *place;
}

void process::serve(const call_message& c) {
  const auto found = units_.find(c.unit);
  if (found == units_.end())
    return away(c, member_->claim_of(c.unit));
  auto& u = found->second;
  const bool holds = u.at != held_unit::stage::serving || (u.move && !u.move->serves());
  if (holds) {
    if (!u.room.add(c, now()))
      away(c, member_->claim_of(c.unit));
    return;
  }
  if (!may_answer(c.unit)) // its lease is over: somebody else's turn may have come
    return;
  using arrival = decltype(u.calls)::arrival;
  switch (u.calls.on_call(c.key, {1, c.content}, c.from, now())) {
  case arrival::fresh: return count(u, c);
  case arrival::answered: return reply(c.unit, c.from, c.key, *u.calls.answer_of(c.key));
  case arrival::waits: return;
  case arrival::overloaded: return away(c, member_->claim_of(c.unit));
  case arrival::key_reused: return world_.facts().fail(invariant::nothing_twice, "a key is said to be reused");
  }
}

void process::count(held_unit& u, const call_message& c) {
  entry e;
  e.unit = c.unit;
  e.key = c.key;
  e.content = c.content;
  e.answer = u.answers + 1;
  e.goal = c.goal;
  e.amount = c.amount;
  const auto place = note(u, e);
  if (!place)
    return u.calls.on_refused(c.key);
  ++u.answers;
  u.totals->on_spent(goal_id{c.goal}, c.amount, *place);
  u.calls.on_counted(c.key, e.answer, *place, now());
  u.say_totals = std::min(u.say_totals, now() + milliseconds{50});
  if (world_.broken() == broken_rule::answers_before_durable)
    reply(c.unit, c.from, c.key, e.answer);
}

/// To the ledger, where it lives, until it has confirmed.
void process::say_totals(store::unit_id id, held_unit& u) {
  u.say_totals = now() + milliseconds{300};
  const auto ledger = member_->claim_of(the_ledger).owner;
  if (!ledger || !member_->answers_for(id, now()))
    return;
  totals_message m{u.totals->totals(), me_};
  if (world_.broken() == broken_rule::tells_undurable_totals) {
    m.totals.spent = u.totals->spent();
    m.totals.at.place = std::max(m.totals.at.place, u.noted);
  } else if (!u.totals->unbooked()) {
    return;
  }
  if (world_.broken() == broken_rule::adds_differences) {
    const auto all = m.totals.spent;
    for (auto& [goal, amount] : m.totals.spent)
      amount -= u.said[goal];
    u.said = all;
  }
  world_.send(node_, ledger, m);
}

void process::book(const totals_message& m) {
  const auto found = units_.find(the_ledger);
  if (found == units_.end() || found->second.at != held_unit::stage::serving || !member_->answers_for(the_ledger, now()))
    return; // said again soon
  auto& u = found->second;
  if (u.move && !u.move->serves())
    return;
  entry e;
  e.what = entry::kind::booked;
  e.unit = the_ledger;
  e.from = store::raw(m.totals.unit);
  e.at = m.totals.at;
  for (const auto& [goal, amount] : m.totals.spent)
    e.totals[raw(goal)] = amount;
  auto before = u.book;
  const auto differences = world_.broken() == broken_rule::adds_differences ? result<cluster::amounts>(m.totals.spent) : u.book.on_totals(m.totals);
  if (!differences)
    return world_.facts().fail(invariant::budgets_exact, differences.error().text());
  if (world_.broken() != broken_rule::adds_differences && m.totals.at <= before.booked(m.totals.unit)) { // booked before, and maybe durable by now
    if (u.bookings.empty())
      world_.send(node_, m.from, booked_message{m.totals.unit, before.booked(m.totals.unit)});
    return;
  }
  for (const auto& [goal, amount] : *differences)
    e.booked[raw(goal)] = amount;
  if (const auto place = note(u, e))
    u.bookings.emplace_back(*place, m);
  else
    u.book = std::move(before);
}

void process::give(const cluster::membership::step::move& m) {
  const auto found = units_.find(m.what.unit);
  if (found == units_.end() || found->second.at != held_unit::stage::serving)
    return member_->on_kept(m.what.unit);
  auto& u = found->second;
  u.move.emplace(m.what, m.to, cluster::handover_times{}, now());
  // A snapshot has what is durable: nothing else was ever promised.
  std::vector<entry> durable;
  store::position at{u.term, 0};
  for (const auto& [place, e] : u.history)
    if (place <= queue_.durable()) {
      durable.push_back(e);
      at.place = std::max(at.place, place);
    }
  world_.ask<bool>(
    node_,
    [me = me_, unit = m.what.unit, at, data = bytes_of(durable)](auto& s) {
      return s.write_piece(unit, at, 0, data).has_value() && s.publish(me, {unit, at, 1, data.size()}).value() == store::verdict::done;
    },
    [this, id = m.what.unit, term = u.term](auto written) {
      const auto still = units_.find(id);
      if (!ended_ && still != units_.end() && still->second.term == term && still->second.move)
        still->second.move->on_snapshot(written.value_or(false), still->second.noted, now());
    });
}

void process::move_on(store::unit_id id, held_unit& u) {
  if (!u.move)
    return;
  u.move->on_time(now());
  if (u.move->at() == cluster::handover::stage::kept) {
    u.move.reset();
    member_->on_kept(id);
    for (const auto& c : u.room.take_all())
      serve(c);
    return;
  }
  if (!releasing_ && u.move->on_durable(queue_.durable())) {
    entry e;
    e.what = entry::kind::released;
    e.unit = id;
    if (const auto place = note(u, e))
      releasing_.emplace(id, *place);
  }
}

void process::on_released(store::unit_id id) {
  releasing_.reset();
  if (world_.broken() == broken_rule::keeps_what_it_released) {
    const auto move = *std::exchange(units_.at(id).move, std::nullopt);
    member_->on_kept(id);
    return world_.send(node_, move.to(), offer_message{move.what(), me_, false, {}});
  }
  auto u = units_.extract(id);
  auto& move = *u.mapped().move;
  move.on_released();
  member_->on_released(id);
  world_.count_move();
  world_.send(node_, move.to(), offer_message{move.what(), me_, member_->leaving(), u.mapped().room.take_all()});
}

} // namespace ammo::sim
