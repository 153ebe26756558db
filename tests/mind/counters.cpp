#include "actors/base/counters.hpp"
#include "actors/base/refusal_tally.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace ammo;

TEST_CASE("the table of counters names each once, as exporters of metrics can take it", "[counters]") {
  std::set<std::string_view> names;
  REQUIRE(counter_table().size() == static_cast<std::size_t>(counter::end_));
  for (const auto& row : counter_table()) {
    CHECK(names.insert(row.name).second);
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    CHECK(row.help.ends_with('.'));
    CHECK(counter_named(row.name) == &row);
  }
  CHECK(counter_named("nonsense") == nullptr);
}

TEST_CASE("what many threads count adds up, and every counter has its line", "[counters]") {
  counters all;
  std::vector<std::thread> threads;
  std::vector<std::array<char, 256>> who(8); // in different stripes
  for (auto& w : who)
    threads.emplace_back([&all, &w] {
      for (int i = 0; i < 1'000; ++i) {
        all.handled(&w);
        all.sent(&w, 3);
        all.add(counter::slates, &w);
        all.refused(&w, i % 2 ? errc::not_live : errc::not_finite);
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(all.of(counter::handled) == 8'000);
  CHECK(all.of(counter::sent) == 24'000);
  CHECK(all.of(counter::refused) == 8'000);
  CHECK(all.refused(errc::not_live) == 4'000);

  gauge_values held{};
  held[static_cast<std::size_t>(counter::users)] = 7;
  held[static_cast<std::size_t>(counter::slates)] = 99; // no gauge
  const auto lines = readings(all, held);
  CHECK(lines.size() == counter_table().size() + 1); // two codes were refused
  const auto has = [&](const counter_value& line) { return std::ranges::count(lines, line) == 1; };
  CHECK(has({"slates", {}, 8'000}));
  CHECK(has({"users", {}, 7}));
  CHECK(has({"watches", {}, 0}));
  CHECK(has({"refused", {{"code", "not_finite"}}, 4'000}));
}

TEST_CASE("a mind's refusals are taken over once", "[counters]") {
  refusal_tally mind;
  std::vector<std::pair<errc, std::uint32_t>> taken;
  const auto take = [&] { mind.take([&](errc code, std::uint32_t n) { taken.emplace_back(code, n); }); };
  take();
  CHECK(taken.empty());
  for (auto code : {errc::not_live, errc::no_slots, errc::not_live})
    mind.add(code);
  CHECK(mind.waiting()[static_cast<std::size_t>(errc::not_live)] == 2);
  take();
  take();
  CHECK(taken == std::vector<std::pair<errc, std::uint32_t>>{{errc::no_slots, 1}, {errc::not_live, 2}});
}
