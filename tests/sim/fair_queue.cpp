/// A queue that many share: bounded, in order, and nobody pushes out who has less.
#include "actors/base/random.hpp"
#include "runtime/cluster/fair_queue.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <vector>

using namespace ammo;
using cluster::fair_queue;

namespace {

std::vector<int> all_of(const fair_queue<int>& q) {
  std::vector<int> out;
  q.each([&](int i) { out.push_back(i); });
  return out;
}

} // namespace

TEST_CASE("of one holder it is a queue", "[fair]") {
  fair_queue<int> q(3);
  CHECK(q.empty());
  for (int i = 1; i <= 3; ++i)
    CHECK_FALSE(q.push(7, i));
  CHECK(q.push(7, 4) == 1);
  CHECK(all_of(q) == std::vector{2, 3, 4});
  CHECK(q.front() == 2);
  CHECK(q.pop_front() == 2);
  CHECK(q.size() == 2);
}

TEST_CASE("who floods it pushes out what is theirs, and takes all of what nobody else wants", "[fair]") {
  fair_queue<int> q(100);
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(q.push(1, i)); // honest
  int gone_of_others = 0;
  for (int i = 0; i < 1'000; ++i)
    if (const auto gone = q.push(2, 1'000 + i))
      gone_of_others += *gone < 1'000;
  CHECK(gone_of_others == 0);
  CHECK(q.size() == 100);
  for (int i = 10; i < 100; ++i)
    q.push(1, i);
  const auto kept = all_of(q);
  CHECK(std::ranges::count_if(kept, [](int i) { return i < 1'000; }) == 50); // as many as the other
  CHECK(*std::ranges::find_if(kept, [](int i) { return i < 1'000; }) == 50); // their last ones
}

TEST_CASE("of many who hold one each the oldest goes", "[fair]") {
  fair_queue<int> q(5);
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(q.push(100 - static_cast<std::uint64_t>(i), i));
  CHECK(q.push(3, 5) == 0);
  CHECK(q.push(~std::uint64_t{0}, 6) == 1);
}

TEST_CASE("it does what a plain search would", "[fair][property]") {
  auto g = generator(1, stream::retry, 0, 0);
  fair_queue<int> q(20);
  std::list<std::pair<std::uint64_t, int>> plain;
  for (int i = 0; i < 20'000; ++i) {
    if (!plain.empty() && g() % 5 == 0) {
      REQUIRE(q.pop_front() == plain.front().second);
      plain.pop_front();
      continue;
    }
    const auto holder = g() % (1 + g() % 9);
    const auto gone = q.push(holder, i);
    plain.emplace_back(holder, i);
    if (plain.size() > 20) {
      std::map<std::uint64_t, int> count;
      for (const auto& [h, _] : plain)
        ++count[h];
      const auto most = std::ranges::max_element(count, {}, [](const auto& c) { return c.second; })->second;
      const auto goes = std::ranges::find_if(plain, [&](const auto& p) { return count[p.first] == most; });
      REQUIRE(gone == goes->second);
      plain.erase(goes);
    } else {
      REQUIRE_FALSE(gone);
    }
    std::vector<int> left;
    for (const auto& [_, what] : plain)
      left.push_back(what);
    REQUIRE(all_of(q) == left);
  }
}
