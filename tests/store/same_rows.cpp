/// The backends play the same calls, drawn at random: the same answers, and the same rows at the end. The state in memory says what is right.
#include "actors/base/random.hpp"
#include "tests/store/backends.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t units = 3;

std::string said(const result<verdict>& r) {
  return r ? (*r == verdict::done ? "done" : "refused") : std::string(name_of(r.code()));
}
std::string said(const result<void>& r) { return std::string(name_of(r.code())); }

/// All rows, as text. Leases are left out: they are by another clock.
std::string rows_of(state_store& s) {
  std::ostringstream out;
  const auto nodes = s.nodes().value();
  for (const node& n : nodes) {
    out << text_of(n.id) << ' ' << n.name << ' ' << n.head << (n.fenced ? " fenced\n" : "\n");
    for (std::uint64_t at = 1; at <= n.head; ++at)
      if (const auto b = s.block_at(n.id, at).value()) {
        out << "  " << b->first << '+' << b->frames << ' ' << b->checksum;
        const auto read =
          s.read(n.id, b->first, b->last(), [&](const block& whole) { out << ' ' << whole.data.size(); });
        out << (read ? "" : " unreadable") << '\n';
      }
  }
  const auto claims = s.claims().value();
  for (const claim& c : claims)
    out << "unit " << raw(c.unit) << ' ' << text_of(c.owner) << ' ' << c.term << '\n';
  const auto segments = s.segments().value();
  for (const segment& g : segments)
    out << "segment " << raw(g.unit) << ' ' << g.term << ' ' << text_of(g.node) << ' ' << g.first << ' '
        << g.last.value_or(0) << '\n';
  for (std::uint32_t u = 0; u < units; ++u) {
    const auto snapshots = s.snapshots(unit_id{u}).value();
    for (const snapshot& h : snapshots) {
      out << "snapshot " << u << ' ' << h.at.term << ' ' << h.at.place << ' ' << h.pieces << ' ' << h.size;
      for (std::uint32_t p = 0; p < h.pieces; ++p)
        out << ' ' << s.read_piece(unit_id{u}, h.at, p).value().size();
      out << '\n';
    }
    const auto sleepers = s.sleepers(unit_id{u}).value();
    for (const sleeper& z : sleepers)
      out << "sleeper " << u << ' ' << z.user << ' ' << z.at.place << ' '
          << s.read_sleeper(unit_id{u}, z.user).value()->state.size() << '\n';
  }
  return out.str();
}

/// One call, drawn from the state as it is: often one that may succeed.
std::string play(state_store& s, splitmix64& g, const std::vector<node>& nodes, const std::vector<claim>& claims) {
  const auto up_to = [&](std::uint64_t n) { return g() % n; };
  const node& who = nodes[up_to(nodes.size())];
  const incarnation me = who.id;
  const claim& held = claims[up_to(claims.size())];
  const unit_id unit = held.unit;
  const term_number term = held.term + (up_to(8) == 0 ? 1 : 0);
  const std::uint64_t next = who.head + 1 + (up_to(8) == 0 ? 1 : 0);
  const block b = sealed(next, static_cast<std::uint32_t>(up_to(4)), bytes(up_to(50), std::byte{7}));
  const position at{term, up_to(6)};
  switch (up_to(16)) {
  case 0: return said(s.enter({{2, g()}, "new", "", "", {}, 0, 0, false}, 10s));
  case 1: return said(s.beat(me, 10s));
  case 2: return said(s.fence(nodes[up_to(nodes.size())].id, up_to(3) == 0));
  case 3: return said(s.forget(me));
  case 4:
  case 5:
  case 6: return said(s.append(me, b));
  case 7:
  case 8: return said(s.take(me, unit, term));
  case 9: return said(s.release(held.owner ? held.owner : me, b, unit, term));
  case 10: return said(s.write_piece(unit, at, static_cast<std::uint32_t>(up_to(2)), bytes(up_to(30), std::byte{1})));
  case 11: return said(s.publish(held.owner, {unit, at, static_cast<std::uint32_t>(1 + up_to(2)), 0}));
  case 12: return said(s.drop_snapshots(unit, at));
  case 13:
    return said(
      s.put_sleepers(held.owner, unit, term, std::vector{sleeper{up_to(5), at, bytes(up_to(9))}, sleeper{9, at, {}}}));
  case 14: return said(s.drop_sleepers(held.owner, unit, term, std::vector{up_to(5)}));
  default: return up_to(2) == 0 ? said(s.drop_segments(unit, term)) : said(s.drop_blocks(me, up_to(who.head + 2)));
  }
}

void plays_alike(const backend& right, const backend& other, std::uint64_t seed, int calls) {
  auto a = right.open(), b = other.open();
  for (auto* s : {a.get(), b.get()}) {
    REQUIRE(s->lay_out({"coin:8", 1, units}));
    for (std::uint64_t n = 1; n <= 3; ++n)
      REQUIRE(s->enter({{1, n}, "first", "", "", {}, 0, 0, false}, 1000s));
  }
  splitmix64 g{seed};
  std::array<int, 2> done_refused{};
  for (int i = 0; i < calls; ++i) {
    const auto nodes = a->nodes().value();
    if (nodes.empty())
      break;
    const auto claims = a->claims().value();
    splitmix64 ga = g, gb = g;
    const std::string sa = play(*a, ga, nodes, claims), sb = play(*b, gb, nodes, claims);
    g = ga;
    INFO(other.name << ", seed " << seed << ", call " << i);
    REQUIRE(sa == sb);
    ++done_refused[sa == "refused"];
  }
  CHECK(rows_of(*a) == rows_of(*b));
  CHECK(done_refused[0] > calls / 10);
  CHECK(done_refused[1] > calls / 10);
}

using call = std::function<std::string(state_store&)>;

constexpr incarnation anna{1, 1}, bela{1, 2};
constexpr unit_id annas{0}, belas{1}, free_unit{2};

/// Anna and Bela have a unit each, and have written; one is free.
void begin(state_store& s) {
  REQUIRE(s.lay_out({"coin:8", 1, units}));
  for (const auto& [who, unit] : {std::pair(anna, annas), std::pair(bela, belas)}) {
    REQUIRE(s.enter({who, "", "", "", {}, 0, 0, false}, 1000s));
    REQUIRE(s.take(who, unit, 0).value() == verdict::done);
    REQUIRE(s.append(who, sealed(1, 2, bytes(9))).value() == verdict::done);
    REQUIRE(s.write_piece(unit, {1, 1}, 0, bytes(5)));
    REQUIRE(s.publish(who, {unit, {1, 1}, 1, 0}).value() == verdict::done);
    REQUIRE(s.write_piece(unit, {1, 2}, 0, bytes(6)));
  }
}

/// Calls of which each changes what another may do.
std::vector<std::pair<std::string, call>> rivals() {
  const auto next = [](std::uint64_t first, std::size_t size) { return sealed(first, 1, bytes(size, std::byte{3})); };
  return {{"Anna appends", [=](state_store& s) { return said(s.append(anna, next(3, 20))); }},
          {"Anna appends something else", [=](state_store& s) { return said(s.append(anna, next(3, 30))); }},
          {"Anna beats", [](state_store& s) { return said(s.beat(anna, 1000s)); }},
          {"Anna is fenced", [](state_store& s) { return said(s.fence(anna, true)); }},
          {"Anna takes the free unit", [](state_store& s) { return said(s.take(anna, free_unit, 0)); }},
          {"Bela takes the free unit", [](state_store& s) { return said(s.take(bela, free_unit, 0)); }},
          {"Bela takes Anna's unit", [](state_store& s) { return said(s.take(bela, annas, 1)); }},
          {"Anna releases", [=](state_store& s) { return said(s.release(anna, next(3, 10), annas, 1)); }},
          {"Anna's snapshot counts", [](state_store& s) { return said(s.publish(anna, {annas, {1, 2}, 1, 0})); }},
          {"Anna's old snapshots go", [](state_store& s) { return said(s.drop_snapshots(annas, {1, 2})); }},
          {"Anna's user sleeps", [](state_store& s) { return said(s.put_sleepers(anna, annas, 1, std::vector{sleeper{1, {1, 2}, bytes(4)}})); }},
          {"Anna's blocks go", [](state_store& s) { return said(s.drop_blocks(anna, 3)); }},
          {"Anna's old segments go", [](state_store& s) { return said(s.drop_segments(annas, 2)); }}};
}

/// What each of the two was told, and all rows.
using told = std::array<std::string, 3>;

/// Two calls that meet on the server's locks.
told at_once(const std::string& schema, const call& a, const call& b) {
  const auto opened_here = [&] { return opened(open_postgres({private_postgres(), schema, {}})); };
  const std::array<std::unique_ptr<state_store>, 2> s{opened_here(), opened_here()};
  begin(*s[0]);
  auto gate = postgres_link::open(private_postgres(), {}).value(), watch = postgres_link::open(private_postgres(), {}).value();
  REQUIRE(gate->execute(("begin; lock table " + schema + ".nodes, " + schema + ".claims, " + schema + ".snapshots, " + schema + ".segments, " + schema +
                         ".blocks in access exclusive mode")
                          .c_str()));
  told out;
  {
    const std::jthread first([&] { out[0] = a(*s[0]); }), second([&] { out[1] = b(*s[1]); });
    std::uint64_t waiting = 0;
    for (const auto end = std::chrono::steady_clock::now() + 30s; waiting < 2 && std::chrono::steady_clock::now() < end;)
      waiting = watch->run("select count(distinct pid) from pg_locks where not granted", {})->number(0, 0);
    CHECK(waiting == 2);
    REQUIRE(gate->execute("commit"));
  }
  out[2] = rows_of(*s[0]);
  return out;
}

told in_order(const call& a, const call& b, bool a_first) {
  auto s = in_memory(std::make_shared<std::chrono::milliseconds>(5)).open();
  begin(*s);
  told out;
  if (a_first)
    out[0] = a(*s);
  out[1] = b(*s);
  if (!a_first)
    out[0] = a(*s);
  out[2] = rows_of(*s);
  return out;
}

} // namespace

TEST_CASE("two calls at once come to what one of their orders does", "[store]") {
  const auto calls = rivals();
  int pairs = 0, differ = 0;
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::size_t j = i; j < calls.size(); ++j) {
      INFO(calls[i].first << ", and at once: " << calls[j].first);
      const auto one = in_order(calls[i].second, calls[j].second, true), other = in_order(calls[i].second, calls[j].second, false);
      const auto was = at_once("at_once_" + std::to_string(++pairs), calls[i].second, calls[j].second);
      INFO("told " << was[0] << " and " << was[1] << '\n'
                   << was[2] << "\nin order " << one[0] << " and " << one[1] << '\n'
                   << one[2] << "\nor " << other[0] << " and " << other[1] << '\n'
                   << other[2]);
      CHECK((was == one || was == other));
      differ += one != other;
    }
  CHECK(differ > 15);
}

TEST_CASE("SQLite answers as memory does", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const temporary_folder folder;
    plays_alike(in_memory(clock), in_sqlite(folder, clock), seed, 300);
  }
}

TEST_CASE("PostgreSQL answers as memory does", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(5);
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    plays_alike(in_memory(clock), in_postgres(), seed, 300);
}
