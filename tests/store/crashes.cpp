/// Real processes die while they write, and real servers: what was acknowledged is there, whole, and nothing is there twice.
#include "actors/base/random.hpp"
#include "tests/store/backends.hpp"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

/// The block that a node writes at a place: it follows from the place, so that what is read can be judged.
block block_for(std::uint64_t first) {
  splitmix64 g{first};
  return sealed(first, static_cast<std::uint32_t>(1 + g() % 3),
                bytes(g() % 3000, std::byte{static_cast<unsigned char>(first)}));
}

/// Appends block after block until it dies; tells each head that was acknowledged. After an append without an answer it does as the interface
/// says.
[[noreturn]] void write_for_ever(const std::function<std::unique_ptr<state_store>()>& open, incarnation me, int to) {
  auto s = open();
  if (!s->enter({me, "writer", "", "", {}, 0, 0, false}, 1000s))
    ::_exit(3);
  for (std::uint64_t head = 0;;) {
    const block b = block_for(head + 1);
    auto done = s->append(me, b);
    for (const auto end = std::chrono::steady_clock::now() + 60s; !done; std::this_thread::sleep_for(10ms)) {
      if (std::chrono::steady_clock::now() > end)
        ::_exit(6);
      const auto there = s->block_at(me, b.first);
      if (there)
        done = *there && (*there)->checksum == b.checksum ? result<verdict>(verdict::done) : s->append(me, b);
    }
    if (*done == verdict::refused)
      ::_exit(4);
    head = b.last();
    if (::write(to, &head, sizeof head) != sizeof head)
      ::_exit(5);
  }
}

struct writer {
  writer(const std::function<std::unique_ptr<state_store>()>& open, incarnation me) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_for_ever(open, me, ends[1]);
    }
    ::close(ends[1]);
    from = ends[0];
  }
  ~writer() { ::close(from); }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Reads so many acknowledgements.
  void wait_for(std::uint64_t appends) {
    for (; appends > 0; --appends)
      REQUIRE(::read(from, &acknowledged, sizeof acknowledged) == sizeof acknowledged);
  }
  void kill() {
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status)); // it had not ended by itself
    while (::read(from, &acknowledged, sizeof acknowledged) == sizeof acknowledged) {}
  }

  ::pid_t child = 0;
  int from = -1;
  std::uint64_t acknowledged = 0;
};

void is_whole(state_store& s, incarnation of, std::uint64_t acknowledged) {
  const auto nodes = s.nodes().value();
  const auto row = std::ranges::find(nodes, of, &node::id);
  REQUIRE(row != nodes.end());
  REQUIRE(row->head >= acknowledged);
  std::uint64_t next = 1;
  const auto read = s.read(of, 1, row->head, [&](const block& b) {
    REQUIRE(b == block_for(next));
    next = b.last() + 1;
  });
  INFO((read ? std::string{} : read.error().text()));
  REQUIRE(read);
  REQUIRE(next == row->head + 1);
}

void survives_kills(const backend& b, int kills, std::uint64_t seed) {
  splitmix64 g{seed};
  REQUIRE(b.open()->lay_out({"coin:8", 1, 1}));
  for (int i = 1; i <= kills; ++i) {
    const incarnation me{3, static_cast<std::uint64_t>(i)};
    writer w(b.open, me);
    w.wait_for(1 + g() % 40);
    std::this_thread::sleep_for(std::chrono::microseconds(g() % 3000)); // somewhere within an append
    w.kill();
    auto s = b.open();
    for (std::uint64_t j = 1; j <= me.low; ++j)
      is_whole(*s, {3, j}, j == me.low ? w.acknowledged : 0);
  }
}

} // namespace

TEST_CASE("A process that is killed loses nothing acknowledged: SQLite", "[store]") {
  const temporary_folder folder;
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  survives_kills(in_sqlite(folder, clock), 10, 1);
}

TEST_CASE("A process that is killed loses nothing acknowledged: PostgreSQL", "[store]") {
  (void)private_postgres(); // started here, not in the children
  survives_kills(in_postgres(), 7, 2);
}

TEST_CASE("A server that crashes under a writer loses nothing acknowledged", "[store]") {
  const backend b = in_postgres();
  REQUIRE(b.open()->lay_out({"coin:8", 1, 1}));
  constexpr incarnation me{4, 1};
  writer w(b.open, me);
  for (int i = 0; i < 3; ++i) {
    w.wait_for(20);
    crash_private_postgres();
  }
  w.wait_for(20); // the writer went on by itself
  w.kill();
  is_whole(*b.open(), me, w.acknowledged);
}

TEST_CASE("Many kills and crashes lose nothing acknowledged", "[store][.science]") {
  const temporary_folder folder;
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  survives_kills(in_sqlite(folder, clock), 300, 11);
  survives_kills(in_postgres(), 70, 12);
  const backend b = in_postgres();
  REQUIRE(b.open()->lay_out({"coin:8", 1, 1}));
  for (std::uint64_t i = 1; i <= 30; ++i) {
    writer w(b.open, {4, i});
    w.wait_for(20);
    crash_private_postgres();
    w.wait_for(20);
    w.kill();
    is_whole(*b.open(), {4, i}, w.acknowledged);
  }
}

TEST_CASE("A flipped bit in what a log, a snapshot or a sleeper holds is found", "[store]") {
  const temporary_folder folder;
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  const backend b = in_sqlite(folder, clock);
  const incarnation me{5, 1};
  const bytes filler(700, std::byte{0xA7});
  {
    auto s = b.open();
    REQUIRE(s->lay_out({"coin:8", 1, 1}));
    REQUIRE(s->enter({me, "", "", "", {}, 0, 0, false}, 1000s));
    REQUIRE(s->take(me, unit_id{0}, 0));
    for (std::uint64_t first = 1; first <= 20; ++first)
      REQUIRE(s->append(me, sealed(first, 1, filler)));
    REQUIRE(s->write_piece(unit_id{0}, {1, 20}, 0, filler));
    REQUIRE(s->publish(me, {unit_id{0}, {1, 20}, 1, 0}));
    REQUIRE(s->put_sleepers(me, unit_id{0}, 1, std::vector{sleeper{1, {1, 20}, filler}}));
  }
  const std::string file = (folder.path / "state.sqlite").string();
  std::string whole;
  {
    std::ifstream in(file, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::vector<std::size_t> places; // where the filler lies in the file
  for (std::size_t at = 0; at < whole.size(); ++at)
    if (static_cast<unsigned char>(whole[at]) == 0xA7)
      places.push_back(at);
  REQUIRE(places.size() > 22 * filler.size() * 9 / 10);
  splitmix64 g{7};
  for (int i = 0; i < 60; ++i) {
    std::string flipped = whole;
    flipped[places[g() % places.size()]] ^= static_cast<char>(1 << g() % 8);
    std::filesystem::remove(file + "-wal");
    std::filesystem::remove(file + "-shm");
    std::ofstream(file, std::ios::binary | std::ios::trunc) << flipped;
    auto s = b.open();
    const auto log = s->read(me, 1, 20, [](const block&) {});
    const auto piece = s->read_piece(unit_id{0}, {1, 20}, 0);
    const auto asleep = s->read_sleeper(unit_id{0}, 1);
    CHECK((log.code() == errc::state_damaged) + (piece.code() == errc::state_damaged) +
            (asleep.code() == errc::state_damaged) ==
          1);
  }
}
