#include "actors/base/shared_copy.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace ammo;

TEST_CASE("a copy that is changed is nobody else's", "[shared_copy]") {
  shared_copy<std::string> one(std::string("a person"));
  auto other = one;
  CHECK(other.shares_with(one));
  other.own() += ", changed";
  CHECK_FALSE(other.shares_with(one));
  CHECK(*one == "a person");
  CHECK(*other == "a person, changed");
  const auto* before = &*other;
  other.own() += " twice"; // its own already
  CHECK(&*other == before);
  one = other;
  CHECK(one.shares_with(other));
  const auto moved = std::move(one);
  CHECK(moved.shares_with(other));
  shared_copy<std::string> none;
  none.own() += "x";
  CHECK(*none == "x");
}

TEST_CASE("a copy that can't be made leaves both as they were", "[shared_copy]") {
  struct brittle {
    int value = 0;
    bool breaks = false;
    brittle() = default;
    brittle(brittle&&) = default;
    brittle(const brittle& o) : value(o.value), breaks(o.breaks) {
      if (breaks)
        throw std::runtime_error("no room");
    }
  };
  brittle first;
  first.value = 7;
  first.breaks = true;
  shared_copy<brittle> one(std::move(first));
  auto other = one;
  CHECK_THROWS(other.own());
  CHECK(other.shares_with(one));
  CHECK(other->value == 7);
}

TEST_CASE("copies of one value change on threads of their own", "[shared_copy]") {
  const shared_copy<std::vector<int>> all(std::vector<int>(64, 1));
  std::vector<std::thread> threads;
  std::vector<int> sums(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t, mine = all]() mutable {
      for (int i = 0; i < 2'000; ++i) {
        auto now = mine; // given away again, as a policy's copy of a mind is
        now.own()[0] = i;
        if (i % 3 == 0)
          mine.own()[1] += 1;
        sums[static_cast<std::size_t>(t)] += (*now)[0] - i + (*mine)[2];
      }
    });
  for (auto& t : threads)
    t.join();
  for (const int sum : sums)
    CHECK(sum == 2'000);
  CHECK(*all == std::vector<int>(64, 1));
}
