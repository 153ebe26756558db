/// A disk fails under SQLite in every way that it can, at any call: what was acknowledged is there, or the state says that it is damaged.
#include "actors/base/random.hpp"
#include "tests/store/backends.hpp"
#include "tests/support/faulty_files.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr unit_id first_unit{0}, second_unit{1};
const state_layout two_units{"coin:8", 1, 2};

bytes filled(splitmix64& g, std::size_t most) { return bytes(1 + g() % most, static_cast<std::byte>(g())); }

/// What the one who plays was told, and what it was never told of.
struct truth {
  std::map<std::uint64_t, block> blocks; ///< of the node that plays; acknowledged
  std::optional<block> unsure;           ///< the append without an answer
  std::uint64_t head = 0, dropped = 0;   ///< blocks below may be gone
  std::map<position, bytes> snapshots;   ///< of the first unit; acknowledged
  std::optional<position> unsure_snapshot;
  std::map<std::uint64_t, sleeper> asleep;
  std::set<std::uint64_t> unsure_sleepers;
  bool entered = false, taken = false, refused = false;
};

/// One that uses a store, and does after an error as the interface says.
class player {
public:
  player(faulty_files& files, std::uint64_t seed) : files_(files), random_(seed) {}

  /// A life: up to so many calls. False: the store couldn't be opened, or the machine stopped.
  bool live(int calls) {
    auto s = open();
    if (!s)
      return false;
    for (int i = 0; i < calls; ++i)
      if (!step(**s))
        return false;
    return true;
  }

  [[nodiscard]] result<std::unique_ptr<state_store>> open() const {
    return open_sqlite({"state.sqlite", [] { return 5ms; }, files_.name()});
  }

  truth known;

private:
  bool step(state_store& s) {
    if (known.refused)
      return false;
    if (!known.entered) {
      if (!s.lay_out(two_units) || !s.enter({me, "", "", "", {}, 0, 0, false}, 1000s) || files_.down())
        return ended();
      known.entered = true;
      return true;
    }
    if (!known.taken) {
      for (const auto u : {first_unit, second_unit}) {
        const auto claims = s.claims();
        if (!claims)
          return ended();
        if ((*claims)[raw(u)].owner == me)
          continue;
        if (!s.take(me, u, (*claims)[raw(u)].term) || files_.down())
          return ended();
      }
      known.taken = true;
      return true;
    }
    if (known.unsure)
      return settle(s);
    switch (random_() % 10) {
    case 0: return write_snapshot(s);
    case 1: return sleep(s);
    case 2: return prune(s);
    default: return append(s);
    }
  }

  /// After an error: while the machine runs, what failed is tried again.
  [[nodiscard]] bool ended() const { return !files_.down(); }

  bool append(state_store& s) {
    known.unsure = sealed(known.head + 1, static_cast<std::uint32_t>(1 + random_() % 3), filled(random_, 6000));
    const auto done = s.append(me, *known.unsure);
    if (!done)
      return ended();
    return answered(*done);
  }
  /// Nobody else is here: who is refused has been told that the state isn't as it was.
  bool answered(verdict v) {
    if (files_.down()) // nobody is there to be told
      return false;
    known.refused = v == verdict::refused;
    if (!known.refused)
      acknowledged();
    return !known.refused;
  }
  void acknowledged() {
    known.head = known.unsure->last();
    known.blocks.emplace(known.unsure->first, *known.unsure);
    known.unsure.reset();
  }
  bool settle(state_store& s) {
    const auto there = s.block_at(me, known.unsure->first);
    if (!there)
      return ended();
    if (*there && (*there)->checksum == known.unsure->checksum)
      return acknowledged(), true;
    const auto done = s.append(me, *known.unsure);
    if (!done)
      return ended();
    return answered(*done);
  }

  bool write_snapshot(state_store& s) {
    const position at{1, known.head};
    if (known.head == 0 || known.snapshots.contains(at))
      return true;
    const auto state = filled(random_, 9000);
    known.unsure_snapshot = at;
    if (!s.write_piece(first_unit, at, 0, state))
      return ended();
    if (const auto done = s.publish(me, {first_unit, at, 1, 0}); !done || files_.down())
      return ended();
    known.unsure_snapshot.reset();
    known.snapshots.insert_or_assign(at, state);
    return true;
  }

  bool sleep(state_store& s) {
    const sleeper one{1 + random_() % 4, {1, known.head}, filled(random_, 500)};
    known.unsure_sleepers.insert(one.user);
    if (!s.put_sleepers(me, first_unit, 1, std::vector{one}) || files_.down())
      return ended();
    known.unsure_sleepers.erase(one.user);
    known.asleep.insert_or_assign(one.user, one);
    return true;
  }

  bool prune(state_store& s) {
    if (known.snapshots.size() < 2)
      return true;
    const auto kept = std::next(known.snapshots.rbegin())->first;
    std::erase_if(known.snapshots, [&](const auto& row) { return row.first < kept; });
    known.dropped = std::max(known.dropped, kept.place);
    if (!s.drop_snapshots(first_unit, kept) || !s.drop_blocks(me, kept.place + 1))
      return ended();
    return true;
  }

  static constexpr incarnation me{7, 1};
  faulty_files& files_;
  splitmix64 random_;
};

/// Is what the state says what was acknowledged? `lost`: a write was. `found`: it says that it is damaged. `wrong`: it says something else, silently.
void is_true(player& p, bool lost, bool& found, std::string& wrong) {
  constexpr incarnation me{7, 1};
  const auto& t = p.known;
  const auto told = [&](const failure& why) {
    found = true;
    if (why.code != errc::state_damaged && why.code != errc::store_unavailable && why.code != errc::state_other_layout && why.code != errc::state_newer && why.code != errc::internal)
      wrong = "an error of another name: " + why.text();
  };
  found = t.refused;
  if (found)
    return;
  auto opened = p.open();
  if (!opened)
    return told(opened.error());
  auto& s = **opened;
  const auto layout = s.layout();
  if (!layout)
    return told(layout.error());
  if (!t.entered)
    return;
  if (!*layout || **layout != two_units)
    return void(wrong = "the layout");
  const auto nodes = s.nodes();
  if (!nodes)
    return told(nodes.error());
  const auto row = std::ranges::find(*nodes, me, &node::id);
  if (row == nodes->end())
    return void(wrong = "the node isn't there");
  if (row->fenced)
    return void(wrong = "the node is fenced");
  if (row->head != t.head && !(t.unsure && row->head == t.unsure->last()))
    return void(wrong = "the head is " + std::to_string(row->head) + ", acknowledged " + std::to_string(t.head));
  const auto claims = s.claims();
  if (!claims)
    return told(claims.error());
  const auto segments = s.segments();
  if (!segments)
    return told(segments.error());
  if (t.taken) {
    if (*claims != std::vector<claim>{{first_unit, me, 1}, {second_unit, me, 1}})
      return void(wrong = "the claims");
    if (*segments != std::vector<segment>{{first_unit, 1, me, 1, {}}, {second_unit, 1, me, 1, {}}})
      return void(wrong = "the segments");
  }
  std::uint64_t next = t.dropped + 1;
  const auto read = next <= row->head ? s.read(me, next, row->head,
                                               [&](const block& b) {
                                                 const auto known = t.blocks.find(b.first);
                                                 if (known == t.blocks.end() ? !(t.unsure && *t.unsure == b) : known->second != b)
                                                   wrong = "a block";
                                                 next = b.last() + 1;
                                               })
                                      : result<void>{};
  if (!read)
    return told(read.error());
  if (next != row->head + 1 && next <= row->head)
    return void(wrong = "blocks end at " + std::to_string(next));
  const auto snapshots = s.snapshots(first_unit);
  if (!snapshots)
    return told(snapshots.error());
  for (const auto& [at, state] : t.snapshots)
    if (std::ranges::find(*snapshots, at, &snapshot::at) == snapshots->end())
      return void(wrong = "a snapshot isn't there");
  for (const auto& one : *snapshots) {
    const auto known = t.snapshots.find(one.at);
    if (known == t.snapshots.end()) {
      if (t.unsure_snapshot != one.at && one.at.place > t.dropped)
        return void(wrong = "a snapshot that nobody has published");
      continue;
    }
    if (one.pieces != 1 || one.size != known->second.size())
      return void(wrong = "a snapshot's size");
    const auto piece = s.read_piece(first_unit, one.at, 0);
    if (!piece)
      return told(piece.error());
    if (*piece != known->second && t.unsure_snapshot != one.at)
      return void(wrong = "a piece");
  }
  for (const auto& [user, asleep] : t.asleep) {
    const auto there = s.read_sleeper(first_unit, user);
    if (!there)
      return told(there.error());
    // One that is older than it should be says so: its position is, and whoever wakes it reads the log from there.
    const bool older = lost && (!*there || (*there)->at < asleep.at);
    if ((!*there || **there != asleep) && !t.unsure_sleepers.contains(user) && !older)
      return void(wrong = "sleeper " + std::to_string(user));
  }
}

struct outcomes {
  std::map<std::string, int> found, harmless;
  std::map<std::string, std::map<std::string, int>> wrong;
};

void play_one(std::uint64_t seed, outcomes& out) {
  splitmix64 g(seed);
  faulty_files files(g());
  player p(files, g());
  const auto kind = g() % 6;
  // Lives without a fault, some of which end in the midst; then one with it.
  for (std::uint64_t lives = g() % 3; lives > 0; --lives)
    (void)p.live(static_cast<int>(g() % 25));
  const char* name = "a flipped bit";
  if (kind == 5) {
    if (g() % 2 == 0) { // in a write-ahead log, too: the process was killed
      files.fail(file_fault::crash, g() % 60);
      (void)p.live(static_cast<int>(5 + g() % 25));
    }
    files.restart(false);
    if (!files.flip_a_bit())
      return;
  } else {
    constexpr std::array faults{file_fault::io_error, file_fault::no_space, file_fault::torn, file_fault::lost, file_fault::crash};
    constexpr std::array names{"an input error", "a full disk", "a torn write", "a lost write", "a machine that stops"};
    name = names[kind];
    files.fail(faults[kind], g() % 120);
    (void)p.live(static_cast<int>(5 + g() % 25));
    files.fail(file_fault::none, 0);
    if (g() % 2 == 0 || kind == 4)
      files.restart(true);
    else
      (void)p.live(static_cast<int>(g() % 10)); // it goes on
  }
  bool found = false;
  std::string wrong;
  is_true(p, kind == 3, found, wrong);
  if (!wrong.empty())
    ++out.wrong[name][wrong.substr(0, 40) + " (seed " + std::to_string(seed) + ")"];
  else
    ++(found ? out.found : out.harmless)[name];
}

void play(std::uint64_t from, std::uint64_t n) {
  outcomes out;
  for (std::uint64_t seed = from; seed < from + n; ++seed)
    play_one(seed, out);
  std::string told;
  for (const auto& [name, count] : out.harmless)
    told += name + std::string(": ") + std::to_string(count) + " harmless, " + std::to_string(out.found[name]) + " found\n";
  for (const auto& [name, all] : out.wrong)
    for (const auto& [what, count] : all)
      told += std::string("SILENT: ") + name + ": " + what + '\n';
  INFO(told);
  CHECK(out.wrong.empty());
  CHECK(out.found["a flipped bit"] > 0);
  for (const char* name : {"an input error", "a full disk", "a torn write", "a machine that stops"})
    CHECK(out.found[name] == 0); // what didn't lose anything isn't called damaged
}

} // namespace

TEST_CASE("a thousand faults of files are harmless or found", "[store][faults]") { play(1, 1000); }

TEST_CASE("a hundred thousand faults of files are harmless or found", "[store][faults][.science][soak]") { play(1'000'000, 100'000); }
