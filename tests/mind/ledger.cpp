#include "actors/base/random.hpp"
#include "actors/subspace/ledger.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <tuple>

using namespace ammo;

namespace {

constexpr goal_id coin{7};
constexpr auto most = std::numeric_limits<std::int64_t>::max();

auto totals(const ledger& l) { return std::tuple{l.granted(), l.spent(), l.reserved(), l.balance(coin)}; }

} // namespace

TEST_CASE("money is set aside, spent once, or given back", "[ledger]") {
  ledger l;
  REQUIRE(l.grant(coin, 100));
  REQUIRE(l.reserve(coin, 1, 60));
  CHECK(totals(l) == std::tuple{100, 0, 60, 40});
  REQUIRE(l.reserve(coin, 1, 60)); // a replay
  CHECK(totals(l) == std::tuple{100, 0, 60, 40});
  REQUIRE(l.commit(coin, 1));
  REQUIRE(l.commit(coin, 1));
  REQUIRE(l.release(coin, 1));
  REQUIRE(l.reserve(coin, 1, 60));
  CHECK(totals(l) == std::tuple{100, 60, 0, 40});
  CHECK(l.committed(coin, 1));
  REQUIRE(l.reserve(coin, 2, 40));
  REQUIRE(l.release(coin, 2));
  CHECK(totals(l) == std::tuple{100, 60, 0, 40});
  CHECK_FALSE(l.committed(coin, 2));
}

TEST_CASE("what the ledger refuses changes nothing", "[ledger]") {
  ledger l;
  REQUIRE(l.grant(coin, 100));
  REQUIRE(l.reserve(coin, 1, 30));
  const auto before = totals(l);
  CHECK(l.grant(coin, -1).code() == errc::budget_negative);
  CHECK(l.grant(coin, most).code() == errc::budget_overflow);
  CHECK(l.grant(goal_id{8}, most - 99).code() == errc::budget_overflow);
  CHECK(l.reserve(goal_id{8}, 1, 1).code() == errc::unknown_goal);
  CHECK(l.commit(goal_id{8}, 1).code() == errc::unknown_goal);
  CHECK(l.release(goal_id{8}, 1).code() == errc::unknown_goal);
  CHECK(l.reserve(coin, 2, -1).code() == errc::budget_negative);
  CHECK(l.reserve(coin, 2, std::numeric_limits<std::int64_t>::min()).code() == errc::budget_negative);
  auto missing = l.reserve(coin, 2, 75);
  CHECK(missing.code() == errc::budget_exceeded);
  CHECK(missing.error().detail == "5 micros are missing of 75");
  CHECK(l.reserve(coin, 2, most).code() == errc::budget_exceeded);
  CHECK(l.commit(coin, 2).code() == errc::bad_value);
  CHECK(l.release(coin, 2).code() == errc::bad_value);
  CHECK(totals(l) == before);
  CHECK_FALSE(l.has(goal_id{8}));
}

TEST_CASE("a budget may be as large as 64 bits, and no larger", "[ledger]") {
  ledger l;
  REQUIRE(l.grant(coin, most));
  CHECK(l.grant(coin, 0));
  CHECK(l.grant(coin, 1).code() == errc::budget_overflow);
  REQUIRE(l.reserve(coin, 1, most));
  CHECK(l.reserve(coin, 2, 1).code() == errc::budget_exceeded);
  REQUIRE(l.commit(coin, 1));
  CHECK(totals(l) == std::tuple{most, most, 0, 0});
}

TEST_CASE("a key that is too old to be remembered is refused, not charged again", "[ledger]") {
  ledger l;
  REQUIRE(l.grant(coin, 1'000));
  for (std::uint64_t key = 1; key <= ledger::remembered + 1; ++key) {
    REQUIRE(l.reserve(coin, key, 1));
    REQUIRE(l.commit(coin, key));
  }
  const auto before = totals(l);
  CHECK(l.reserve(coin, 1, 1).code() == errc::bad_value);
  CHECK(l.reserve(coin, 2, 1));
  CHECK(totals(l) == before);
}

TEST_CASE("granted = spent + reserved + balance after any operations", "[ledger]") {
  ledger l;
  splitmix64 g{11};
  std::int64_t granted = 0;
  for (int step = 0; step < 20'000; ++step) {
    goal_id goal{g() % 5};
    auto key = g() % 40;
    auto micros = static_cast<std::int64_t>(g() % 1'000) - 50;
    switch (g() % 4) {
    case 0: granted += l.grant(goal, micros) ? micros : 0; break;
    case 1: (void)l.reserve(goal, key, micros); break;
    case 2: (void)l.commit(goal, key); break;
    case 3: (void)l.release(goal, key); break;
    }
    std::int64_t balance = 0;
    for (std::uint64_t i = 0; i < 5; ++i) {
      balance += l.balance(goal_id{i});
      REQUIRE(l.balance(goal_id{i}) >= 0);
    }
    REQUIRE(l.granted() == granted);
    REQUIRE(l.granted() == l.spent() + l.reserved() + balance);
  }
}
