/// A state in a folder finds out what SQLite doesn't: a log that has lost its end, and rows that were altered. One of the schema before is migrated.
#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <filesystem>
#include <string>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};

/// Runs statements on a state's file, as nobody should; the first number that they answer.
std::int64_t run(const options& o, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((o.state + "/state.sqlite").c_str(), &db) == SQLITE_OK);
  std::int64_t told = -1;
  const auto take = [](void* to, int n, char** cells, char**) {
    if (n > 0 && cells[0])
      *static_cast<std::int64_t*>(to) = std::atoll(cells[0]);
    return 0;
  };
  CHECK(sqlite3_exec(db, sql.c_str(), take, &told, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return told;
}

void live(const options& o) {
  auto rt = started(o);
  for (int i = 0; i < 6; ++i)
    (void)rt->add_goal(film(i));
  (void)rt->add_user(ann);
  like(*rt, ann, 5);
}

} // namespace

TEST_CASE("a log that has lost its end is refused", "[state][whole]") {
  const scratch in("ammo_whole");
  const auto o = films_in((in.folder / "state").string());
  live(o);
  const auto file = in.folder / "state" / "state.sqlite", copy = in.folder / "copy";
  // The same process writes on, and the disk forgets it.
  auto rt = started(o);
  std::filesystem::copy_file(file, copy);
  like(*rt, ann, 5);
  rt.reset();
  std::filesystem::copy_file(copy, file, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(file.string() + "-wal");
  const auto damaged = runtime::start(o);
  CHECK(damaged.code() == errc::state_damaged);
  CHECK(damaged.error().detail.find("-head") != std::string::npos);
  std::filesystem::remove(file.string() + "-head"); // whoever put a copy there on purpose
  CHECK(believed(*started(o), ann).rounds == 5);
}

TEST_CASE("altered rows of a state are found", "[state][whole]") {
  const scratch in("ammo_whole");
  const auto o = films_in((in.folder / "state").string());
  live(o);
  for (const auto& [change, back] : {std::pair("update segments set first = first + 1", "update segments set first = first - 1"),
                                     std::pair("update claims set term = term + 1", "update claims set term = term - 1"),
                                     std::pair("update snapshots set size = size + 1", "update snapshots set size = size - 1"),
                                     std::pair("update meta set shards = shards + 1", "update meta set shards = shards - 1"),
                                     std::pair("update nodes set head = head - 1", "update nodes set head = head + 1")}) {
    INFO(change);
    (void)run(o, change);
    CHECK(runtime::start(o).code() == errc::state_damaged);
    (void)run(o, back);
  }
  CHECK(believed(*started(o), ann).rounds == 5);
}

TEST_CASE("a state of schema 1 gets its seal when it is opened", "[state][whole]") {
  const scratch in("ammo_whole");
  const auto o = films_in((in.folder / "state").string());
  live(o);
  (void)run(o, "drop table seal; update meta set schema = 1");
  std::filesystem::remove(o.state + "/state.sqlite-head");
  CHECK(believed(*started(o), ann).rounds == 5);
  CHECK(run(o, "select schema from meta") == 2);
  CHECK(run(o, "select count(*) from seal") == 1);
  (void)run(o, "update meta set schema = 3");
  CHECK(runtime::start(o).code() == errc::state_newer);
}
