/// Two nodes play a few calls each in every order that there is, late copies of calls among them: a unit has one history, in which each frame
/// that was acknowledged is once, in the order in which it was acknowledged, and nothing of a node that was fenced before.
#include "actors/base/random.hpp"
#include "tests/store/backends.hpp"

#include <algorithm>
#include <functional>
#include <bit>
#include <optional>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr unit_id unit{0};

/// What a test program knows, and no node: which frames of the unit were acknowledged, in order.
struct truth {
  std::vector<std::string> acknowledged;
  std::vector<std::string> unknown; ///< appended without an answer: they may be there or not
};

/// A frame names its unit, as all frames do.
std::string frame_of(char who, int i) { return "0:" + std::string(1, who) + std::to_string(i) + ";"; }

std::vector<std::string> frames_in(const block& b) {
  std::vector<std::string> all;
  std::string text;
  for (const std::byte c : b.data) {
    text += static_cast<char>(c);
    if (text.back() == ';')
      all.push_back(std::exchange(text, {}));
  }
  return all;
}

/// The unit's history as recovery reads it: the newest snapshot, then every segment from there on, in order of term.
std::vector<std::string> recovered(state_store& s) {
  std::vector<std::string> history;
  std::optional<position> from;
  if (const auto all = s.snapshots(unit).value(); !all.empty()) {
    from = all.front().at;
    history = frames_in({0, 0, 0, s.read_piece(unit, *from, 0).value()});
  }
  const auto nodes = s.nodes().value();
  const auto segments = s.segments(unit).value();
  for (const segment& g : segments) {
    if (from && g.term < from->term)
      continue;
    const std::uint64_t first = from && g.term == from->term ? std::max(g.first, from->place + 1) : g.first;
    const auto owner = std::ranges::find(nodes, g.node, &node::id);
    REQUIRE(owner != nodes.end());
    std::uint64_t place = 0;
    const auto read = s.read(g.node, first, g.last.value_or(owner->head), [&](const block& b) {
      place = b.first;
      for (const std::string& f : frames_in(b)) {
        if (place >= first && place <= g.last.value_or(owner->head) && f.starts_with("0:"))
          history.push_back(f);
        ++place;
      }
    });
    INFO((read ? std::string{} : read.error().text()));
    REQUIRE(read);
  }
  return history;
}

enum class step : std::uint8_t {
  append,
  append_two,
  append_unanswered,
  take,
  release,
  fence_other,
  snapshot,
  prune,
  again,
  beat,
  end_
};

/// A node that does as its script says, with what it knows itself.
struct player {
  char name;
  incarnation me, other;
  std::unique_ptr<state_store> s;
  std::uint64_t head = 0;
  std::optional<term_number> mine{};
  bool dead = false;
  int made = 0;
  std::optional<block> unsure{}; ///< the append whose fate it doesn't know
  std::vector<std::string> unsure_frames{};
  std::function<void()> last{}; ///< the last call, as it was sent: it may arrive again

  void settle(truth& t) {
    if (!unsure)
      return;
    // Is it there with its checksum? Then it was acknowledged late. Not there and not fenced: the same block again.
    const auto there = s->block_at(me, unsure->first).value();
    const bool is = (there && there->checksum == unsure->checksum) || s->append(me, *unsure).value() == verdict::done;
    for (const std::string& f : unsure_frames) {
      std::erase(t.unknown, f);
      if (is)
        t.acknowledged.push_back(f);
    }
    head += is ? unsure->frames : 0;
    dead = dead || !is;
    unsure.reset();
  }

  void append(truth& t, int n, bool answered) {
    settle(t);
    if (dead)
      return;
    std::string text;
    std::vector<std::string> frames;
    for (int i = 0; i < n; ++i) {
      frames.push_back(mine ? frame_of(name, ++made) : "1:" + std::to_string(++made) + ";");
      text += frames.back();
    }
    const block b = sealed(head + 1, static_cast<std::uint32_t>(n), bytes_of(text));
    last = [this, b] { (void)s->append(me, b); };
    if (!mine)
      frames.clear();
    if (!answered) {
      t.unknown.insert(t.unknown.end(), frames.begin(), frames.end());
      unsure = b;
      unsure_frames = frames;
      if (made % 2 == 0) // it did happen
        (void)s->append(me, b);
      return;
    }
    if (s->append(me, b).value() == verdict::refused) {
      dead = true;
      mine.reset();
      return;
    }
    head += static_cast<std::uint64_t>(n);
    t.acknowledged.insert(t.acknowledged.end(), frames.begin(), frames.end());
  }

  void play(step what, truth& t) {
    switch (what) {
    case step::append: return append(t, 1, true);
    case step::append_two: return append(t, 2, true);
    case step::append_unanswered: return append(t, 1, false);
    case step::take: {
      settle(t);
      if (dead || mine)
        return;
      const term_number term = s->claims().value()[0].term;
      last = [this, term] { (void)s->take(me, unit, term); };
      if (s->take(me, unit, term).value() == verdict::done)
        mine = term + 1;
      return;
    }
    case step::release: {
      settle(t);
      if (dead || !mine)
        return;
      const block b = sealed(head + 1, 1, bytes_of("0:released" + std::string(1, name) + std::to_string(++made) + ";"));
      const term_number term = *mine;
      last = [this, b, term] { (void)s->release(me, b, unit, term); };
      if (s->release(me, b, unit, term).value() == verdict::done) {
        ++head;
        t.acknowledged.push_back(frames_in(b)[0]);
      } else {
        dead = true;
      }
      mine.reset();
      return;
    }
    case step::fence_other:
      last = [this] { (void)s->fence(other, true); };
      (void)s->fence(other, true);
      return;
    case step::snapshot: {
      settle(t);
      if (dead || !mine)
        return;
      std::string whole;
      for (const std::string& f : recovered(*s))
        whole += f;
      const snapshot h{unit, {*mine, head}, 1, 0};
      REQUIRE(s->write_piece(unit, h.at, 0, bytes_of(whole)));
      last = [this, h] { (void)s->publish(me, h); };
      (void)s->publish(me, h);
      return;
    }
    case step::prune: {
      const auto kept = s->snapshots(unit).value();
      std::vector<unit_history> units(1);
      units[0].segments = s->segments(unit).value();
      if (kept.size() >= 2) {
        units[0].kept = kept[1].at;
        REQUIRE(s->drop_snapshots(unit, kept[1].at));
      }
      const auto nodes = s->nodes().value();
      for (const node& n : nodes) {
        const std::uint64_t below = first_needed(n.id, n.head, units);
        last = [this, id = n.id, below] { (void)s->drop_blocks(id, below); };
        REQUIRE(s->drop_blocks(n.id, below));
      }
      return;
    }
    case step::again:
      if (last)
        last();
      return;
    case step::beat: {
      const bool lives = s->beat(me, 10s).value() == verdict::done;
      dead = dead || !lives;
      if (!lives)
        mine.reset();
      return;
    }
    case step::end_: return;
    }
  }
};

void holds(state_store& s, const truth& t) {
  const auto history = recovered(s);
  auto expected = t.acknowledged.begin();
  for (const std::string& f : history) {
    REQUIRE(std::ranges::count(history, f) == 1);
    if (expected != t.acknowledged.end() && f == *expected)
      ++expected;
    else
      REQUIRE(std::ranges::find(t.unknown, f) != t.unknown.end()); // nothing is there that nobody appended
  }
  if (expected != t.acknowledged.end())
    FAIL("lost: " << *expected);
}

/// Plays one order: bit i says who makes step i.
void play(const std::vector<step>& a, const std::vector<step>& b, std::uint32_t order,
          const std::function<std::unique_ptr<state_store>()>& open) {
  player anna{'A', {1, 1}, {1, 2}, open()}, bela{'B', {1, 2}, {1, 1}, open()};
  REQUIRE(anna.s->lay_out({"coin:8", 1, 1}));
  for (player* p : {&anna, &bela})
    REQUIRE(p->s->enter({p->me, std::string(1, p->name), "", "", {}, 0, 0, false}, 10s));
  truth t;
  auto next_a = a.begin(), next_b = b.begin();
  while (next_a != a.end() || next_b != b.end()) {
    const bool first = next_b == b.end() || (next_a != a.end() && (order & 1) == 0);
    order >>= 1;
    first ? anna.play(*next_a++, t) : bela.play(*next_b++, t);
    holds(*anna.s, t);
  }
}

std::vector<step> script(splitmix64& g, std::size_t length) {
  std::vector<step> all{step::take};
  while (all.size() < length)
    all.push_back(static_cast<step>(g() % static_cast<std::uint64_t>(step::end_)));
  return all;
}

} // namespace

TEST_CASE("Two nodes in every order keep one history", "[store]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    splitmix64 g{seed};
    const auto a = script(g, 6), b = script(g, 5);
    // All orders of 6 and 5 steps: 462. Numbers with the same ones give the same order once a script is at its end, so only those with five.
    for (std::uint32_t order = 0; order < 1u << 11; ++order) {
      if (std::popcount(order) != 5)
        continue;
      INFO("seed " << seed << ", order " << order);
      auto clock = std::make_shared<std::chrono::milliseconds>(5);
      play(a, b, order, in_memory(clock).open);
    }
  }
}

TEST_CASE("Two nodes in many orders keep one history in PostgreSQL", "[store]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    splitmix64 g{seed};
    const auto a = script(g, 6), b = script(g, 5);
    const auto order = static_cast<std::uint32_t>(g());
    INFO("seed " << seed << ", order " << order);
    play(a, b, order, in_postgres().open);
  }
}
