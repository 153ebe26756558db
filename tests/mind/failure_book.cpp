#include "actors/protocol/failure_book.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace ammo;
using namespace std::chrono_literals;

namespace {

constexpr address one{role::user_buddy, 1}, other{role::goal_buddy, 0}, large{role::subspace, 0};
time_source::instant at(std::chrono::milliseconds t) { return time_source::instant{t}; }

} // namespace

TEST_CASE("a part that fails six times within ten seconds is quarantined, and no other", "[failures]") {
  failure_book book;
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(book.on_failure(one, at(i * 1'000ms)));
  CHECK_FALSE(book.holds(one));
  CHECK_FALSE(book.on_failure(other, at(5'000ms)));
  CHECK(book.on_failure(one, at(10'000ms)));
  CHECK(book.holds(one));
  CHECK_FALSE(book.holds(other));
  CHECK_FALSE(book.on_failure(one, at(10'000ms))); // it is already
  CHECK(book.all() == std::vector<failure_book::entry>{{one, 7, true}, {other, 1, false}});
  CHECK(book.on_failure(large, at(0ms))); // many share it
  CHECK(book.holds(large));
}

TEST_CASE("failures that are far apart quarantine nobody", "[failures]") {
  failure_book book;
  for (int i = 0; i < 100; ++i)
    CHECK_FALSE(book.on_failure(one, at(i * 2'100ms)));
  CHECK(book.all().front().failures == 100);
}

TEST_CASE("a released part has all its tries again; one that has left isn't known", "[failures]") {
  failure_book book;
  CHECK_FALSE(book.release(one));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 5; ++i)
      CHECK_FALSE(book.on_failure(one, at(0ms)));
    CHECK(book.on_failure(one, at(0ms)));
    CHECK(book.release(one));
    CHECK_FALSE(book.holds(one));
  }
  for (int i = 0; i < 6; ++i)
    (void)book.on_failure(one, at(0ms));
  book.forget(one);
  CHECK_FALSE(book.holds(one));
  CHECK(book.all().empty());
}

TEST_CASE("the book of failures has room for so many, and keeps those that are quarantined", "[failures]") {
  failure_book book;
  const auto part = [](std::uint64_t id) { return address{role::user_buddy, id}; };
  for (int i = 0; i < 6; ++i)
    (void)book.on_failure(part(0), at(0ms));
  for (std::uint64_t id = 1; id < 3 * failure_book::room; ++id)
    (void)book.on_failure(part(id), at(0ms));
  CHECK(book.all().size() == failure_book::room);
  CHECK(book.holds(part(0)));
}
