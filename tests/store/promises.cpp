/// What every store promises, whatever keeps the rows.
#include "tests/store/backends.hpp"

#include <string>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr incarnation anna{1, 1}, bela{0xfedcba9876543210, 2}, nobody{9, 9};
constexpr unit_id shard{0}, coins{1};
const state_layout layout{"coin:8,job:4", 256, 3};

node called(incarnation id, std::string name) {
  return {id, std::move(name), "[::1]:7000", "coin job", {"boot", "pid:[1]", 42, 4711}, 0, 0, false};
}

block frames(std::uint64_t first, std::uint32_t n, const std::string& text) { return sealed(first, n, bytes_of(text)); }

/// A state with two nodes; a lease lasts 10 s.
struct two_nodes {
  explicit two_nodes(backend b) : state(b.open()), other(b.open()) {
    REQUIRE(state->lay_out(layout));
    REQUIRE(state->enter(called(anna, "anna"), 10s).value() == verdict::done);
    REQUIRE(other->enter(called(bela, "bela"), 10s).value() == verdict::done);
  }
  std::unique_ptr<state_store> state, other;
};

std::string read_all(state_store& s, incarnation of, std::uint64_t from, std::uint64_t to) {
  std::string text;
  const auto done = s.read(of, from, to, [&](const block& b) {
    for (const std::byte c : b.data)
      text += static_cast<char>(c);
    text += '|';
  });
  return done ? text : done.error().text();
}

void lays_out(const backend& b) {
  auto s = b.open();
  CHECK_FALSE(s->layout().value());
  REQUIRE(s->lay_out(layout));
  CHECK(s->layout().value() == layout);
  CHECK(s->claims().value().size() == 3);
  REQUIRE(s->enter(called(anna, "anna"), 10s));
  REQUIRE(s->take(anna, coins, 0).value() == verdict::done);

  auto grown = layout;
  grown.layout += ",edu:2";
  grown.units = 5;
  REQUIRE(b.open()->lay_out(grown));
  CHECK(s->layout().value() == grown);
  REQUIRE(s->claims().value().size() == 5);
  CHECK(s->claims().value()[1] == claim{coins, anna, 1}); // what is owned stays so
  CHECK(s->lay_out(layout).code() == errc::state_other_layout);
  auto other = grown;
  other.layout = "job:4,coin:8,edu:2";
  CHECK(s->lay_out(other).code() == errc::state_other_layout);
  other = grown;
  other.shards = 128;
  CHECK(s->lay_out(other).code() == errc::state_other_layout);
}

void keeps_nodes(const backend& b, const std::function<void()>& wait_20s) {
  two_nodes t(b);
  CHECK(t.state->enter(called(anna, "another"), 10s).value() == verdict::refused);
  auto all = t.other->nodes().value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].lease_left_ms > 0);
  CHECK(all[0].lease_left_ms <= 10'000);
  all[1].lease_left_ms = 0;
  CHECK(all[1] == called(bela, "bela"));

  CHECK(t.state->beat(nobody, 10s).value() == verdict::refused);
  CHECK(t.other->fence(anna, false).value() == verdict::refused); // its lease holds
  wait_20s();
  CHECK(t.other->nodes().value()[0].lease_left_ms < 0);
  CHECK(t.other->beat(bela, 10s).value() == verdict::done); // nobody has fenced it
  CHECK(t.state->fence(bela, false).value() == verdict::refused);
  CHECK(t.other->fence(anna, false).value() == verdict::done);
  CHECK(t.other->fence(anna, false).value() == verdict::done);
  CHECK(t.state->beat(anna, 10s).value() == verdict::refused);
  CHECK(t.state->fence(bela, true).value() == verdict::done); // surely gone
  CHECK(t.state->nodes().value()[1].fenced);
  CHECK(t.state->forget(bela).value() == verdict::done);
  CHECK(t.state->nodes().value().size() == 1);
  CHECK(t.state->forget(bela).value() == verdict::refused);
}

void keeps_the_log(const backend& b) {
  two_nodes t(b);
  const block first = frames(1, 2, "one two"), second = frames(3, 1, std::string("three\0four", 10));
  CHECK(t.state->append(anna, second).value() == verdict::refused); // not the next place
  CHECK(t.state->append(anna, first).value() == verdict::done);
  CHECK(t.state->append(anna, first).value() == verdict::refused); // a late copy
  CHECK(t.state->append(anna, second).value() == verdict::done);
  CHECK(t.state->append(anna, frames(4, 0, "")).value() == verdict::refused);
  CHECK(t.state->append(nobody, first).value() == verdict::refused);
  CHECK(t.other->append(bela, frames(1, 1, "")).value() == verdict::done); // a log of its own

  const auto there = t.other->block_at(anna, 3).value();
  REQUIRE(there);
  CHECK(there->checksum == second.checksum);
  CHECK(there->frames == 1);
  CHECK_FALSE(t.other->block_at(anna, 4).value());
  CHECK(read_all(*t.other, anna, 1, 3) == std::string("one two|three\0four|", 19));
  CHECK(read_all(*t.other, anna, 2, 2) == "one two|");
  CHECK(read_all(*t.other, anna, 3, 2).empty());
  CHECK(read_all(*t.other, anna, 3, 4).find("state_damaged") == 0); // a gap is no end

  CHECK(t.state->fence(anna, true).value() == verdict::done);
  CHECK(t.state->append(anna, frames(4, 1, "late")).value() == verdict::refused);
  CHECK_FALSE(t.state->block_at(anna, 4).value());
  CHECK(t.state->forget(anna).value() == verdict::refused); // its blocks may be needed
  REQUIRE(t.state->drop_blocks(anna, 3));
  CHECK(read_all(*t.state, anna, 3, 3) == std::string("three\0four|", 11));
  CHECK(read_all(*t.state, anna, 2, 3).find("state_damaged") == 0);
  REQUIRE(t.state->drop_blocks(anna, 4));
  CHECK(t.state->forget(anna).value() == verdict::done);
}

void passes_units_on(const backend& b) {
  two_nodes t(b);
  REQUIRE(t.state->append(anna, frames(1, 3, "abc")));
  CHECK(t.state->take(anna, shard, 0).value() == verdict::done);
  CHECK(t.state->take(anna, shard, 0).value() == verdict::refused); // a late copy
  CHECK(t.other->take(bela, shard, 0).value() == verdict::refused);
  CHECK(t.other->take(bela, shard, 1).value() == verdict::refused); // its owner lives
  CHECK(t.state->take(anna, unit_id{77}, 0).value() == verdict::refused);
  CHECK(t.state->claims().value()[0] == claim{shard, anna, 1});
  CHECK(t.state->segments(shard).value() == std::vector{segment{shard, 1, anna, 4, std::nullopt}});

  REQUIRE(t.state->append(anna, frames(4, 2, "de")));
  CHECK(t.other->release(bela, frames(1, 1, "x"), shard, 1).value() == verdict::refused); // not its unit
  CHECK_FALSE(t.other->block_at(bela, 1).value()); // and nothing of it is there
  CHECK(t.state->release(anna, frames(5, 1, "x"), shard, 1).value() == verdict::refused); // not the next place
  CHECK(t.state->claims().value()[0].owner == anna);
  CHECK(t.state->release(anna, frames(6, 1, "f"), shard, 1).value() == verdict::done);
  CHECK(t.state->segments(shard).value() == std::vector{segment{shard, 1, anna, 4, 6}});
  CHECK(t.other->take(bela, shard, 1).value() == verdict::done);
  REQUIRE(t.other->append(bela, frames(1, 1, "g")));

  // Bela is taken for dead; what Bela has appended before the fence stays in the unit's history, and nothing after it.
  CHECK(t.state->fence(bela, true).value() == verdict::done);
  CHECK(t.other->append(bela, frames(2, 1, "late")).value() == verdict::refused);
  CHECK(t.other->release(bela, frames(2, 1, "late"), shard, 2).value() == verdict::refused);
  CHECK(t.state->take(anna, shard, 2).value() == verdict::done);
  CHECK(t.other->take(bela, coins, 0).value() == verdict::refused); // the fenced take nothing
  CHECK(t.state->segments(shard).value() == std::vector{segment{shard, 1, anna, 4, 6}, segment{shard, 2, bela, 1, 1},
                                                        segment{shard, 3, anna, 7, std::nullopt}});
  REQUIRE(t.state->drop_segments(shard, 9));
  CHECK(t.state->segments().value() == std::vector{segment{shard, 3, anna, 7, std::nullopt}}); // what goes on stays
}

void keeps_snapshots(const backend& b) {
  two_nodes t(b);
  REQUIRE(t.state->take(anna, shard, 0).value() == verdict::done);
  const auto piece = [&](position at, std::uint32_t i, const std::string& text) {
    REQUIRE(t.state->write_piece(shard, at, i, bytes_of(text)));
  };
  piece({1, 5}, 0, "first half, ");
  CHECK(t.state->publish(anna, {shard, {1, 5}, 2, 0}).code() == errc::bad_state);
  CHECK(t.state->snapshots(shard).value().empty());
  piece({1, 5}, 1, "not this");
  piece({1, 5}, 1, "second half");
  CHECK(t.other->publish(bela, {shard, {1, 5}, 2, 0}).value() == verdict::refused);
  CHECK(t.state->publish(anna, {shard, {1, 5}, 2, 0}).value() == verdict::done);
  CHECK(t.state->snapshots(shard).value() == std::vector{snapshot{shard, {1, 5}, 2, 23}});
  CHECK(t.other->read_piece(shard, {1, 5}, 1).value() == bytes_of("second half"));
  CHECK(t.other->read_piece(shard, {1, 5}, 2).code() == errc::state_damaged);

  piece({1, 7}, 0, "begun and left"); // no snapshot is below it that counts
  piece({1, 9}, 0, "");
  CHECK(t.state->publish(anna, {shard, {1, 9}, 1, 0}).value() == verdict::done);
  CHECK(t.state->snapshots(shard).value() ==
        std::vector{snapshot{shard, {1, 9}, 1, 0}, snapshot{shard, {1, 5}, 2, 23}});
  piece({1, 12}, 0, "under way");
  REQUIRE(t.state->drop_snapshots(shard, {1, 5}));
  CHECK(t.state->read_piece(shard, {1, 7}, 0).code() == errc::state_damaged);
  CHECK(t.state->read_piece(shard, {1, 12}, 0).value() == bytes_of("under way"));
  CHECK(t.state->snapshots(shard).value().size() == 2);
  REQUIRE(t.state->drop_snapshots(shard, {1, 9}));
  CHECK(t.state->snapshots(shard).value() == std::vector{snapshot{shard, {1, 9}, 1, 0}});
  CHECK(t.state->read_piece(shard, {1, 5}, 0).code() == errc::state_damaged);
  REQUIRE(t.state->fence(anna, true).value() == verdict::done);
  CHECK(t.state->publish(anna, {shard, {1, 12}, 1, 0}).value() == verdict::refused);
}

void keeps_sleepers(const backend& b) {
  two_nodes t(b);
  REQUIRE(t.state->take(anna, shard, 0).value() == verdict::done);
  constexpr std::uint64_t far = ~std::uint64_t{0};
  const std::vector<sleeper> asleep{
    {7, {1, 3}, bytes_of("seven")}, {far, {1, 4}, bytes_of(std::string("\0\\\"x", 4))}, {8, {1, 4}, {}}};
  CHECK(t.other->put_sleepers(bela, shard, 1, asleep).value() == verdict::refused);
  CHECK(t.state->put_sleepers(anna, shard, 2, asleep).value() == verdict::refused);
  CHECK(t.state->put_sleepers(anna, shard, 1, asleep).value() == verdict::done);
  CHECK(t.other->read_sleeper(shard, far).value() == asleep[1]);
  CHECK(t.other->read_sleeper(shard, 8).value() == asleep[2]);
  CHECK_FALSE(t.other->read_sleeper(coins, 7).value());
  CHECK(t.state->put_sleepers(anna, shard, 1, std::vector{sleeper{7, {1, 9}, bytes_of("newer")}}).value() ==
        verdict::done);
  CHECK(t.other->read_sleeper(shard, 7).value() == sleeper{7, {1, 9}, bytes_of("newer")});
  CHECK(t.other->sleepers(shard).value() ==
        std::vector{sleeper{7, {1, 9}, {}}, sleeper{8, {1, 4}, {}}, sleeper{far, {1, 4}, {}}});
  CHECK(t.other->drop_sleepers(bela, shard, 1, std::vector{std::uint64_t{7}}).value() == verdict::refused);
  CHECK(t.state->drop_sleepers(anna, shard, 1, std::vector{far, std::uint64_t{8}}).value() == verdict::done);
  CHECK(t.other->sleepers(shard).value().size() == 1);
  CHECK(t.state->size().value() > 0);
}

void keeps_all(const backend& b, const std::function<backend()>& fresh, const std::function<void()>& wait_20s) {
  INFO(b.name);
  lays_out(b);
  keeps_nodes(fresh(), wait_20s);
  keeps_the_log(fresh());
  passes_units_on(fresh());
  keeps_snapshots(fresh());
  keeps_sleepers(fresh());
}

} // namespace

TEST_CASE("A state in memory keeps what a store promises", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  const auto fresh = [&] { return in_memory(clock); };
  keeps_all(fresh(), fresh, [&] { *clock += 20s; });
}

TEST_CASE("A state in SQLite keeps what a store promises", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  std::vector<std::unique_ptr<temporary_folder>> folders;
  const auto fresh = [&] { return in_sqlite(*folders.emplace_back(std::make_unique<temporary_folder>()), clock); };
  keeps_all(fresh(), fresh, [&] { *clock += 20s; });
}

TEST_CASE("A state in PostgreSQL keeps what a store promises", "[store]") {
  std::string schema;
  const auto fresh = [&] {
    backend b = in_postgres();
    return b;
  };
  // The server's clock can't be moved: its leases are.
  const auto link = postgres_link::open(private_postgres(), {});
  REQUIRE(link);
  const auto wait_20s = [&] {
    REQUIRE((*link)->execute(
      "do $$ declare t text; begin for t in select nspname from pg_namespace where nspname like 'test_%' loop execute "
      "format('update %I.nodes set until = until - interval ''20 seconds''', t); end loop; end $$"));
  };
  keeps_all(fresh(), fresh, wait_20s);
}

TEST_CASE("A server that is told to forget at a crash keeps what is acknowledged here, and says which standbys have it", "[store]") {
  const auto address = new_postgres_database();
  const auto link = postgres_link::open(address, {});
  REQUIRE(link);
  REQUIRE((*link)->execute("do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$"));
  const auto later = postgres_link::open(address, {});
  REQUIRE(later);
  const auto says = (*later)->run("select current_setting('synchronous_commit')", {});
  REQUIRE(says);
  CHECK(says->text(0, 0) == "local");
  auto rows = open_postgres({address, "ammo", {}});
  REQUIRE(rows);
  CHECK((*rows)->standbys().value() == "");
  REQUIRE((*link)->execute("do $$ begin execute format('alter database %I set synchronous_commit = on', current_database()); end $$"));
  auto waits = open_postgres({address, "ammo", {}});
  REQUIRE(waits);
  CHECK((*waits)->standbys().value() == ""); // the server has none
}

TEST_CASE("The checksum is CRC-32C", "[store]") {
  CHECK(checksum_of({}, bytes_of("123456789")) ==
        0xe3069283u); // RFC 3720, appendix B.4, gives it for 32 bytes; this is the usual check value
  CHECK(sealed(1, 1, bytes_of("a")).checksum != sealed(2, 1, bytes_of("a")).checksum);
}

TEST_CASE("What recovery needs of a log is known from segments and snapshots", "[store]") {
  const segment old{shard, 1, anna, 10, 20}, moved{shard, 2, bela, 5, 9}, now{shard, 3, anna, 30, std::nullopt};
  const std::vector<segment> all{old, moved, now};
  const auto needed = [&](incarnation of, std::uint64_t head, std::optional<position> kept) {
    const std::vector<unit_history> units{{all, kept}};
    return first_needed(of, head, units);
  };
  CHECK(needed(anna, 40, {}) == 10);
  CHECK(needed(bela, 40, {}) == 5);
  CHECK(needed(anna, 40, position{1, 15}) == 16);
  CHECK(needed(anna, 40, position{1, 20}) == 30);
  CHECK(needed(anna, 40, position{2, 7}) == 30);
  CHECK(needed(bela, 40, position{2, 7}) == 8);
  CHECK(needed(bela, 40, position{2, 9}) == 41);
  CHECK(needed(bela, 40, position{3, 35}) == 41);
  CHECK(needed(anna, 40, position{3, 35}) == 36);
  CHECK(needed(nobody, 0, {}) == 1);
  const auto until = [&](incarnation of, std::uint64_t head, std::span<const segment> some, std::optional<position> kept) {
    const std::vector<unit_history> units{{{some.begin(), some.end()}, kept}};
    return last_needed(of, head, units);
  };
  CHECK(until(anna, 40, all, {}) == 40);
  CHECK(until(anna, 40, std::span(all).first(2), {}) == 20);
  CHECK(until(anna, 15, std::span(all).first(2), {}) == 15);
  CHECK(until(bela, 40, all, position{2, 7}) == 9);
  CHECK(until(bela, 40, all, position{3, 35}) == 0);
  CHECK(until(nobody, 0, all, {}) == 0);
}
