/// A state is what its log says: played from the older snapshots to the newer ones, every unit is the same to the bit, and where it isn't it is named.
#include "runtime/state/comparison/state_comparison.hpp"

#include "ammo/runtime.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/state_host.hpp"
#include "tests/support/state_host_process.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <filesystem>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;

namespace {

state_comparison compared(const options& o) {
  const auto done = replay_state(o);
  INFO((done ? std::string{} : done.error().text()));
  REQUIRE(done);
  return *done;
}

/// Two lives that end well: each unit has two snapshots, and frames in between.
void lives(const options& o) {
  for (int life = 0; life < 2; ++life) {
    auto rt = started(o);
    for (int i = 1; i <= 6; ++i)
      (void)rt->add_goal(film(i));
    for (std::uint64_t user = 1; user <= 8; ++user) {
      (void)rt->add_user(user_id{user}, call_key(static_cast<std::uint64_t>(100 * life) + user));
      like(*rt, user_id{user}, 6);
    }
    (void)rt->remove_user(user_id{static_cast<std::uint64_t>(8 - life)});
    REQUIRE(rt->create({.goal = goal_id{1}, .e = {0, 1}, .key = static_cast<std::uint64_t>(life + 1)}));
  }
}

void all_equal(const options& o, bool exactly) {
  const auto found = compared(o);
  INFO(found.to_text());
  CHECK(found.equal());
  std::uint64_t frames = 0, users = 0, heard = 0;
  for (const auto& u : found.units) {
    CHECK(u.compared);
    frames += u.frames;
    users += u.users;
    heard += u.heard_news;
  }
  CHECK(frames > 50);
  CHECK(users > 0);
  if (exactly)
    CHECK(heard == 0);
}

} // namespace

TEST_CASE("a state is what its log says, to the bit", "[state][comparison]") {
  const scratch in("ammo_comparison");
  auto o = films_in((in.folder / "state").string());
  SECTION("by default") {
    lives(o);
    all_equal(o, false);
  }
  SECTION("of users who hear of nobody else") {
    o.user.learner = "classic";
    lives(o);
    all_equal(o, true);
  }
  SECTION("with a policy that remembers, pushes and spares") {
    o.user.learner = "classic";
    o.user.policy = "thompson";
    o.caps.per_owner = 1;
    lives(o);
    all_equal(o, true);
  }
  SECTION("in PostgreSQL") {
    o.state = new_postgres_database();
    lives(o);
    all_equal(o, false);
  }
}

TEST_CASE("a state in which processes were killed is what its log says", "[state][comparison]") {
  const scratch in("ammo_comparison");
  const auto state = (in.folder / "state").string();
  auto o = killed_deployment(state);
  {
    auto rt = started(o);
    REQUIRE(rt->add_goal(killed_goal()));
  }
  for (int life = 1; life <= 6; ++life) {
    const auto record = in.folder / "record";
    const auto grown = (life == 1 ? 0 : std::filesystem::file_size(record)) + 20'000u + 7'919u * static_cast<unsigned>(life);
    state_host_process host(state, record.string(), life);
    REQUIRE(comes_true([&] {
      std::error_code none;
      const auto size = std::filesystem::file_size(record, none);
      return !none && size > grown;
    }));
    host.kill();
  }
  { auto rt = started(o); } // takes the second snapshot
  all_equal(o, false);
}

TEST_CASE("a byte that was altered in a snapshot is named, with its unit", "[state][comparison]") {
  const scratch in("ammo_comparison");
  auto o = films_in((in.folder / "state").string());
  o.user.learner = "classic";
  lives(o);
  // The newer snapshot of the first users, with a byte of a reward that was learned changed, and a checksum that fits: as if it had been written so.
  auto store = open_store(o.state);
  REQUIRE(store);
  const store::unit_id unit{1};
  const auto newer = (*store)->snapshots(unit)->front();
  auto piece = (*store)->read_piece(unit, newer.at, 0).value();
  std::size_t found = 0;
  for (std::size_t at = 0; at < piece.size() && found == 0; ++at) {
    auto altered = piece;
    altered[piece.size() - 1 - at] ^= std::byte{1};
    REQUIRE((*store)->write_piece(unit, newer.at, 0, altered));
    const auto told = compared(o);
    found += !told.equal();
    if (!told.equal()) {
      CHECK(told.units[1].name == "users 0");
      CHECK_FALSE(told.units[1].differs.empty());
      CHECK(told.units[0].differs.empty());
    }
    if (at > 400)
      break;
  }
  CHECK(found == 1);
  // And one that the disk has altered doesn't match its checksum.
  REQUIRE((*store)->write_piece(unit, newer.at, 0, piece));
  CHECK(compared(o).equal());
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(state_folder::file_in(o.state).c_str(), &raw) == SQLITE_OK);
  CHECK(sqlite3_exec(raw, "update pieces set state = zeroblob(length(state)) where unit = 1", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(raw);
  const auto told = compared(o);
  CHECK_FALSE(told.equal());
  CHECK(told.units[1].differs.find("snapshot") != std::string::npos);
}

TEST_CASE("a comparison needs a state of that deployment, and nobody who has it", "[state][comparison]") {
  const scratch in("ammo_comparison");
  auto o = films_in((in.folder / "state").string());
  CHECK(replay_state(o).code() == errc::no_such_file);
  auto rt = started(o);
  CHECK(replay_state(o).code() == errc::state_in_use);
  rt.reset();
  o.shards = 2;
  CHECK(replay_state(o).code() == errc::state_other_layout);
}
