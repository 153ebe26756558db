#include "tests/sim/process.hpp"

namespace ammo::sim {

/// A host on this node asks for something, of some unit, wherever it lives.
void process::call_somebody() {
  auto& g = world_.dice();
  call_at_ = now() + milliseconds{20 + g() % 150};
  if (!world_.open_for_calls() || leaves_by_)
    return;
  call_message c;
  c.unit = store::unit_id{static_cast<std::uint32_t>(g() % shards)};
  c.goal = static_cast<std::uint32_t>(g() % goals);
  c.amount = 1 + static_cast<std::int64_t>(g() % 100);
  c.key = c.content = world_.facts().open({c.unit, c.goal, c.amount, {}, false, false, world_.calm()});
  c.from = me_;
  open({c, now() + milliseconds{300 + g() % 3'000}, 1, world_.started() ? std::optional(now()) : std::nullopt});
}

void process::open(own_call c) {
  if (const auto opened = router_.open({c.what.key, c.what.unit, c.deadline, true}, now()); !opened)
    return world_.facts().fail(invariant::calls_end, opened.error().text());
  world_.facts().of(c.what.key).ended = false;
  calls_.insert_or_assign(c.what.key, std::move(c));
}

void process::route() {
  const auto next = router_.due(now());
  if (next.seek)
    look_at_ = now();
  for (const auto& s : next.send) {
    auto c = calls_.at(s.key).what;
    c.attempt = s.attempt;
    if (world_.broken() == broken_rule::renames_repeats)
      c.key |= std::uint64_t{s.attempt} << 32;
    world_.send(node_, s.to, c);
  }
  for (const auto& e : next.end) {
    if (world_.broken() == broken_rule::never_gives_up)
      continue;
    if (now() > calls_.at(e.key).deadline + milliseconds{500} && !world_.just_thawed(node_))
      world_.facts().fail(invariant::calls_end, "call " + std::to_string(e.key) + " ended late");
    on_end(e.key, e.code);
  }
  for (const auto& [key, c] : calls_)
    if (now() > c.deadline + milliseconds{500})
      world_.facts().fail(invariant::calls_end, "call " + std::to_string(key) + " is under way half a second behind its deadline");
}

/// The host may ask again what became of it, under the same key.
void process::on_end(std::uint64_t key, errc code) {
  auto c = calls_.at(key);
  auto& known = world_.facts().of(key);
  if (world_.broken() == broken_rule::says_nothing_happened)
    code = errc::timed_out;
  known.ended = true;
  known.unknown = known.unknown || code == errc::outcome_unknown;
  if (c.opened)
    world_.count_unanswered();
  calls_.erase(key);
  if (++c.tries > 5 || !world_.open_for_calls())
    return;
  auto& g = world_.dice();
  world_.at_local(node_, now() + milliseconds{50 + g() % 800}, [this, c]() mutable {
    if (ended_)
      return;
    c.deadline = now() + milliseconds{300 + world_.dice()() % 3'000};
    open(c);
  });
}

} // namespace ammo::sim
