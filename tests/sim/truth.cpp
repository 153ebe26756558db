#include "tests/sim/truth.hpp"

#include "runtime/store/commit_queue.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ammo::sim {

static_assert(std::is_trivially_copyable_v<entry>);

store::bytes bytes_of(const entry& e) { return bytes_of(std::span(&e, 1)); }

store::bytes bytes_of(std::span<const entry> all) {
  const auto raw = std::as_bytes(all);
  return {raw.begin(), raw.end()};
}

namespace {

std::vector<entry> entries_in(std::span<const std::byte> data) {
  std::vector<entry> all(data.size() / sizeof(entry));
  if (!all.empty())
    std::memcpy(all.data(), data.data(), data.size());
  return all;
}

} // namespace

std::vector<entry> history_of(store::state_store& s, store::unit_id unit) {
  std::vector<entry> history;
  std::optional<store::position> from;
  if (const auto all = s.snapshots(unit).value(); !all.empty()) {
    from = all.front().at;
    history = entries_in(s.read_piece(unit, *from, 0).value());
  }
  const auto nodes = s.nodes().value();
  const auto segments = s.segments(unit).value();
  for (const store::segment& g : segments) {
    if (from && g.term < from->term)
      continue;
    const std::uint64_t first = from && g.term == from->term ? std::max(g.first, from->place + 1) : g.first;
    const std::uint64_t last = g.last.value_or(std::ranges::find(nodes, g.node, &store::node::id)->head);
    (void)s.read(g.node, first, last, [&](const store::block& b) {
             (void)store::each_frame(b, [&](std::uint64_t place, std::span<const std::byte> frame) {
               if (const auto e = entries_in(frame); place >= first && place <= last && e[0].unit == unit)
                 history.push_back(e[0]);
             });
           })
      .has_value();
  }
  return history;
}

const char* name_of(invariant i) noexcept {
  static constexpr std::array names{"single writer", "nothing lost", "nothing twice", "nothing happened", "calls end", "budgets exact", "no false stop", "converges"};
  return names[static_cast<std::size_t>(i)];
}

void truth::on_answer(std::uint64_t key, std::int64_t answer) {
  auto& c = calls_.at(key);
  if (c.answer && *c.answer != answer)
    fail(invariant::nothing_twice, "call " + std::to_string(key) + " was answered " + std::to_string(*c.answer) + " and " + std::to_string(answer));
  c.answer = answer;
}

std::uint64_t truth::answered() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(calls_, [](const auto& c) { return c.second.answer.has_value(); }));
}

void truth::judge(store::state_store& s) {
  std::map<std::uint64_t, std::pair<int, std::int64_t>> counted;
  std::array<std::int64_t, goals> spent{}, booked{};
  for (std::uint32_t u = 0; u < shards; ++u)
    for (const entry& e : history_of(s, store::unit_id{u}))
      if (e.what == entry::kind::counted) {
        auto& [times, answer] = counted[e.content];
        if (++times > 1)
          fail(invariant::nothing_twice, "call " + std::to_string(e.content) + " counts " + std::to_string(times) + " times");
        answer = e.answer;
        spent[e.goal] += e.amount;
      }
  for (const auto& [key, c] : calls_) {
    const auto found = counted.find(key);
    if (c.answer && (found == counted.end() || found->second.second != *c.answer))
      fail(invariant::nothing_lost, "call " + std::to_string(key) + " to unit " + std::to_string(store::raw(c.unit)) + " was acknowledged and isn't there");
    if (c.in_calm && !c.answer)
      fail(invariant::converges, "call " + std::to_string(key) + " was made in peace and has no answer");
    if (c.ended && !c.answer && !c.unknown && found != counted.end())
      fail(invariant::nothing_happened, "call " + std::to_string(key) + " ended as timed out, and counts");
  }
  for (const entry& e : history_of(s, the_ledger))
    for (std::size_t g = 0; g < goals; ++g)
      booked[g] += e.booked[g];
  for (std::size_t g = 0; g < goals; ++g)
    if (spent[g] != booked[g])
      fail(invariant::budgets_exact, "goal " + std::to_string(g) + ": " + std::to_string(spent[g]) + " spent, " + std::to_string(booked[g]) + " booked");
}

} // namespace ammo::sim
