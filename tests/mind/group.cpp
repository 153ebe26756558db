#include "actors/protocol/group.hpp"
#include "tests/support/disorder.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace ammo;
using namespace std::chrono_literals;
using ammo::test::disordered;

namespace {

constexpr time_source::instant early{};

address at(std::uint64_t id) { return {role::user_buddy, id}; }

struct event {
  bool join = true;
  std::uint64_t id = 0, life = 0;
};

std::set<std::uint64_t> members(const group& g) {
  std::set<std::uint64_t> out;
  g.each([&](std::uint64_t id) { out.insert(id); });
  return out;
}

} // namespace

TEST_CASE("who is a member depends on what was said, not on when it came", "[group][coordination]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    splitmix64 g(seed);
    std::vector<event> said;
    std::map<std::uint64_t, event> last; // the model: of two lives the later one counts, of one life its end
    for (std::uint64_t life = 1; life <= 60; ++life) {
      const std::uint64_t id = g() % 12;
      said.push_back({true, id, life});
      if (g() % 2)
        said.push_back({false, id, life});
      last[id] = said.back();
    }
    group all;
    for (const auto& e : disordered(said, g, seed % 40))
      if (e.join)
        (void)all.join(e.id, at(e.id), e.life);
      else
        (void)all.leave(e.id, e.life, early);
    std::set<std::uint64_t> expected;
    for (const auto& [id, e] : last)
      if (e.join)
        expected.insert(id);
    REQUIRE(members(all) == expected);
    REQUIRE(all.size() == expected.size());
  }
}

TEST_CASE("what a join and a leave mean", "[group][coordination]") {
  group all;
  CHECK(all.join(7, at(7), 1) == group::arrival::fresh);
  CHECK(all.join(7, at(7), 1) == group::arrival::repeated);
  CHECK(all.join(7, at(7), 3) == group::arrival::again);
  CHECK(all.join(7, at(7), 2) == group::arrival::stale);
  CHECK_FALSE(all.leave(7, 2, early)); // of the life before
  CHECK(all.has(7));
  CHECK(all.leave(7, 3, early));
  CHECK_FALSE(all.leave(7, 3, early));
  CHECK(all.join(7, at(7), 3) == group::arrival::stale);
  CHECK_FALSE(all.leave(8, 4, early)); // its join comes later
  CHECK(all.join(8, at(8), 4) == group::arrival::stale);
  CHECK(all.join(8, at(8), 5) == group::arrival::fresh);
  CHECK(all.size() == 1);
  CHECK(all.remove(8)); // without an end
  CHECK(all.join(8, at(8), 5) == group::arrival::fresh);
}

TEST_CASE("every member is sent every broadcast that began while it was one, once and in order", "[group][coordination]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    splitmix64 g(seed);
    group all;
    std::map<std::uint64_t, std::uint64_t> since;                  // of members now: the broadcasts begun before
    std::map<std::uint64_t, std::vector<std::uint64_t>> got, due;  // by member
    std::uint64_t begun = 0, life = 0;
    const auto send_some = [&](std::size_t most) {
      std::vector<std::uint64_t> to;
      const auto turn = all.next(most, [&](address who) { to.push_back(who.id); });
      for (auto id : to)
        got[id].push_back(turn.broadcast);
    };
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t id = g() % 30;
      switch (g() % 5) {
      case 0:
        REQUIRE(all.begin() == ++begun);
        for (const auto& [member, from] : since)
          due[member].push_back(begun);
        break;
      case 1:
        if (!since.contains(id)) {
          REQUIRE(all.join(id, at(id), ++life) == group::arrival::fresh);
          since[id] = begun;
          CHECK(all.sent_to(id) == begun);
        }
        break;
      case 2:
        if (since.erase(id)) {
          REQUIRE(all.leave(id, life, early));
          due.erase(id);
          got.erase(id);
        }
        break;
      default:
        send_some(1 + g() % 8);
      }
      bool right = true; // what each was sent is known at any time
      for (const auto& [member, from] : since) {
        const auto sent = all.sent_to(member);
        const auto &mine = got[member], &owed = due[member];
        right = right && sent >= from && sent <= begun && (mine.empty() || sent >= mine.back()) &&
                (owed.size() == mine.size() || sent < owed[mine.size()]);
      }
      REQUIRE(right);
    }
    while (all.broadcasting())
      send_some(5);
    for (const auto& [member, from] : since) {
      REQUIRE(got[member] == due[member]);
      REQUIRE(all.sent_to(member) == std::max(from, begun));
    }
  }
}

TEST_CASE("places and ends of members who have left are used up by nobody", "[group][coordination]") {
  group all;
  auto now = early;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    (void)all.join(i, at(i), i + 1);
    REQUIRE(all.leave(i, i + 1, now));
    now += 1s;
  }
  CHECK(all.size() == 0);
  CHECK(all.places() < 100);

  ended_lives ended;
  for (std::uint64_t i = 1; i <= 10'000; ++i)
    ended.end(i, i, early + i * 1s);
  CHECK(ended.size() <= 600);
  CHECK(ended.over(10'000, 10'000));
  CHECK_FALSE(ended.over(10'000, 10'001));
}
