#include "runtime/cluster/placement.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <map>

using namespace ammo;
using namespace ammo::cluster;

namespace {

candidate node(std::uint64_t i, std::set<std::string, std::less<>> plays = {"kind:coin"}) {
  return {{1, i}, "node" + std::to_string(i), {std::move(plays), {}}};
}

std::vector<candidate> nodes(std::uint64_t n) {
  std::vector<candidate> all;
  for (std::uint64_t i = 1; i <= n; ++i)
    all.push_back(node(i));
  return all;
}

unit_needs unit(std::uint32_t u, std::string label = "people") { return {store::unit_id{u}, std::move(label), {"kind:coin"}}; }

/// Names of the best node of each of so many units.
std::vector<std::string> placed(const std::vector<candidate>& among, std::uint32_t units, const std::string& label = "people") {
  std::vector<std::string> out;
  for (std::uint32_t u = 0; u < units; ++u) {
    const auto ranks = ranking(unit(u, label), among);
    out.push_back(ranks.empty() ? "" : among[ranks[0]].name);
  }
  return out;
}

std::map<std::string, int> shares(const std::vector<std::string>& placed) {
  std::map<std::string, int> out;
  for (const auto& name : placed)
    ++out[name];
  return out;
}

} // namespace

TEST_CASE("nodes that are alike have equal shares of the units", "[placement]") {
  for (const auto& [name, n] : shares(placed(nodes(8), 8'000)))
    CHECK(std::abs(n - 1'000) < 150); // five standard deviations
}

TEST_CASE("a node that joins takes units and moves no other", "[placement]") {
  for (std::uint64_t n = 1; n <= 12; ++n) {
    const auto before = placed(nodes(n), 2'000), after = placed(nodes(n + 1), 2'000);
    const std::string joined = "node" + std::to_string(n + 1);
    int moved = 0;
    for (std::size_t u = 0; u < before.size(); ++u)
      if (before[u] != after[u]) {
        CHECK(after[u] == joined);
        ++moved;
      }
    CHECK(moved < 2 * 2'000 / static_cast<int>(n + 1)); // its share, and no more
    CHECK(moved > 0);
  }
}

TEST_CASE("a node that is lost leaves its units to the next best, and the others theirs", "[placement]") {
  const auto all = nodes(6);
  for (std::size_t gone = 0; gone < all.size(); ++gone) {
    auto rest = all;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(gone));
    for (std::uint32_t u = 0; u < 500; ++u) {
      const auto before = ranking(unit(u), all), after = ranking(unit(u), rest);
      std::vector<std::string> left, now;
      for (const auto i : before)
        if (i != gone)
          left.push_back(all[i].name);
      for (const auto i : after)
        now.push_back(rest[i].name);
      CHECK(left == now);
    }
  }
}

TEST_CASE("the name decides, not the run of the process", "[placement]") {
  auto restarted = nodes(5);
  for (auto& n : restarted)
    n.id.high = 77;
  CHECK(placed(nodes(5), 1'000) == placed(restarted, 1'000));
}

TEST_CASE("a node has units of what it prefers, and its share of the rest", "[placement]") {
  auto all = nodes(3);
  all[1].can.prefers.emplace("coin", usual_preference);
  CHECK(shares(placed(all, 1'000, "coin"))["node2"] == 1'000);
  CHECK(std::abs(shares(placed(all, 3'000, "people"))["node2"] - 1'000) < 150);
  all[2].can.prefers.emplace("coin", usual_preference);
  CHECK(std::abs(shares(placed(all, 2'000, "coin"))["node2"] - 1'000) < 120);
  all[2].can.prefers["coin"] = usual_preference * 3;
  CHECK(std::abs(shares(placed(all, 2'000, "coin"))["node2"] - 500) < 120);
}

TEST_CASE("a unit is played by who can play it alone", "[placement]") {
  const std::array all{node(1, {"kind:job"}), node(2, {"kind:coin", "policy:mine"}), node(3, {"kind:coin"})};
  unit_needs mine{store::unit_id{4}, "coin", {"kind:coin", "policy:mine"}};
  CHECK(ranking(mine, all) == std::vector<std::size_t>{1});
  mine.needs.push_back("generator:press");
  CHECK(ranking(mine, all).empty());
  CHECK(ranking(unit(4), all).size() == 2);
  CHECK(ranking(unit(4), {}).empty());
}

TEST_CASE("draws are the same for ever: claims of one version are seen by another", "[placement]") {
  CHECK(draw("anna", store::unit_id{0}, 1) == Approx(10.0682673483905).epsilon(1e-12));
  CHECK(draw("bela", store::unit_id{255}, 1) == Approx(0.670255488673202).epsilon(1e-12));
  CHECK(draw("anna", store::unit_id{0}, 2) == 2 * draw("anna", store::unit_id{0}, 1));
}

TEST_CASE("capabilities are read as they were written", "[placement][capabilities]") {
  const capabilities c{{"kind:coin", "kind:job", "policy:my-own.2"}, {{"coin", usual_preference}, {"people", 0.25}}};
  CHECK(text_of(c) == "kind:coin kind:job policy:my-own.2 prefers=coin*1e+06 prefers=people*0.25");
  CHECK(*capabilities_from(text_of(c)) == c);
  CHECK(capabilities_from("prefers=coin")->prefers.at("coin") == usual_preference);
  CHECK(*capabilities_from("") == capabilities{});
  for (const char* bad : {"kind coin\n", " ", "a  b", "prefers=", "prefers=*2", "prefers=coin*", "prefers=coin*0", "prefers=coin*-1", "prefers=coin*nan", "prefers=coin*1e300",
                          "prefers=coin*2x", "-a", "a\x01", "ä"})
    CHECK(capabilities_from(bad).code() == errc::bad_value);
  CHECK(capabilities_from(std::string(70'000, 'a')).code() == errc::bad_value);
}
