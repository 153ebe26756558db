/// The best slate that caps and floors allow, against every slate there is.
#include "actors/slots/arbitration.hpp"
#include "actors/slots/best_allowed.hpp"
#include "actors/metaspace/metaspace_mind.hpp"
#include "tests/mind/world.hpp"

#include <algorithm>
#include <map>
#include <numeric>

using namespace ammo;
using namespace ammo::testing;

namespace {

/// Up to eleven candidates of three subspaces, with caps and floors at random; a Goal Buddy has one subspace and one owner.
struct instance {
  slate_caps caps;
  std::vector<contender> best_first;
  std::vector<double> values;
  std::uint32_t n;

  explicit instance(splitmix64& g) {
    const auto below = [&](std::uint64_t m) { return static_cast<std::uint32_t>(g() % m); };
    n = 1 + below(5);
    caps.per_goal = below(3);
    caps.per_owner = below(4);
    for (int s = 0; s < 3; ++s) {
      caps.per_subspace.push_back(below(4));
      caps.floors.push_back(below(3));
      if (caps.per_subspace.back() > 0)
        caps.floors.back() = std::min(caps.floors.back(), caps.per_subspace.back());
    }
    values.resize(4 + below(8));
    for (auto& v : values)
      v = (static_cast<double>(below(20)) - 4) / 16; // ties and negative values, too
    std::ranges::sort(values, std::greater{});
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      const auto s = below(3), goal = below(4);
      best_first.push_back({goal_id{goal + 10 * s}, owner_id{goal / 2}, subspace_id{static_cast<std::uint16_t>(s)}, i});
    }
  }

  [[nodiscard]] std::vector<contender> chosen(std::uint32_t set) const {
    std::vector<contender> out;
    for (std::uint32_t i = 0; i < best_first.size(); ++i)
      if (set >> i & 1)
        out.push_back(best_first[i]);
    return out;
  }
  [[nodiscard]] bool within_caps(std::uint32_t set) const {
    std::map<std::uint64_t, std::uint32_t> goals, owners, subspaces;
    for (const auto& c : chosen(set)) {
      const auto s = raw(c.subspace);
      if ((++goals[raw(c.goal)] > caps.per_goal && caps.per_goal > 0) ||
          (++owners[raw(c.owner) << 8 | s] > caps.per_owner && caps.per_owner > 0) ||
          (++subspaces[s] > caps.per_subspace[s] && caps.per_subspace[s] > 0))
        return false;
    }
    return true;
  }
  [[nodiscard]] std::uint32_t of(std::uint32_t set, std::uint32_t s) const {
    const auto all = chosen(set);
    return static_cast<std::uint32_t>(std::ranges::count(all, subspace_id{static_cast<std::uint16_t>(s)}, &contender::subspace));
  }
  [[nodiscard]] double value(std::uint32_t set) const {
    double sum = 0;
    for (std::uint32_t i = 0; i < values.size(); ++i)
      sum += set >> i & 1 ? values[i] : 0;
    return sum;
  }
};

} // namespace

TEST_CASE("no slate that keeps caps and floors is worth more than the granted one", "[metaspace]") {
  splitmix64 g{11};
  int bitten = 0;
  for (int trial = 0; trial < 2'000; ++trial) {
    const instance w{g};
    const std::uint32_t all = 1u << w.values.size();
    // What each floor can come to, and how many slots can be filled.
    std::array<std::uint32_t, 3> floor{};
    std::uint32_t most = 0;
    for (std::uint32_t set = 0; set < all; ++set)
      if (w.within_caps(set)) {
        most = std::max(most, std::min(w.n, static_cast<std::uint32_t>(std::popcount(set))));
        for (std::uint32_t s = 0; s < 3; ++s)
          floor[s] = std::max(floor[s], std::min(w.caps.floors[s], w.of(set, s)));
      }
    const bool floors_fit = floor[0] + floor[1] + floor[2] <= w.n;
    double best = -1e9;
    for (std::uint32_t set = 0; set < all; ++set) {
      if (static_cast<std::uint32_t>(std::popcount(set)) != most || !w.within_caps(set))
        continue;
      bool holds = true;
      for (std::uint32_t s = 0; s < 3 && floors_fit; ++s)
        holds = holds && w.of(set, s) >= floor[s];
      for (std::uint32_t s = 0; s < 3 && !floors_fit; ++s) // then the floors' best alone have the slots
        holds = holds && w.of(set, s) <= floor[s];
      if (holds)
        best = std::max(best, w.value(set));
    }
    std::uint32_t granted = 0;
    for (auto i : arbitrate(w.caps, w.best_first, w.n))
      granted |= 1u << i;
    REQUIRE(w.within_caps(granted));
    REQUIRE(static_cast<std::uint32_t>(std::popcount(granted)) == most);
    REQUIRE(w.value(granted) == Approx(best));
    bitten += w.value(granted) + 1e-9 < std::accumulate(w.values.begin(), w.values.begin() + most, 0.0);
  }
  CHECK(bitten > 500); // the rules did matter
}

TEST_CASE("a simulation's comparator is the best slate that caps allow, however far down it lies", "[metaspace]") {
  splitmix64 g{5};
  std::vector<made> all;
  for (std::uint64_t i = 0; i < 400; ++i) // one owner has the best 300
    all.push_back({goal_id{i}, owner_id{i < 300 ? 0 : i}, {1.0f - static_cast<float>(i) / 500, 0}});
  const auto c = period_of(all);
  const std::vector<float> q{1, 0};
  const std::vector live{c};
  CHECK(best_allowed({}, live, q, 3, false).size() == 3);
  const auto capped = best_allowed({.per_owner = 1}, live, q, 3, false);
  REQUIRE(capped.size() == 3);
  CHECK(capped[0] == Approx(1));
  CHECK(capped[1] == Approx(1 - 300 / 500.0));
  CHECK(capped[2] == Approx(1 - 301 / 500.0));
  const std::vector<float> away{-1, 0};
  CHECK(best_allowed({.per_owner = 1}, live, away, 3, false).empty());
  CHECK(best_allowed({.per_owner = 1}, live, away, 3, true).size() == 3);
}

TEST_CASE("a crowd of near-duplicates takes one slot, whoever made them", "[metaspace]") {
  std::vector<made> all{{goal_id{0}, owner_id{0}, {0.6f, 0.8f}}, {goal_id{1}, owner_id{1}, {0, 1}}};
  for (std::uint64_t i = 2; i < 60; ++i)
    all.push_back({goal_id{i}, owner_id{i}, {0.999f, 0.0005f * static_cast<float>(i)}});
  const auto c = period_of(all);
  slate_proposal p{.user = user_id{1}, .round = 1, .slots = 3, .candidates = {}};
  for (std::uint32_t row = 2; row < 60; ++row)
    p.candidates.push_back({at(*c, row), 1.0f});
  p.candidates.push_back({at(*c, 0), 0.5f});
  p.candidates.push_back({at(*c, 1), 0.4f});
  metaspace_mind open({}), guarded({.caps = {.near_duplicate = 0.01}});
  open.see(c);
  guarded.see(c);
  CHECK(open.grant(p).impressions[2].creation != at(*c, 1));
  const auto granted = guarded.grant(p);
  REQUIRE(granted.impressions.size() == 3);
  CHECK(granted.impressions[0].creation == at(*c, 2));
  CHECK(granted.impressions[1].creation == at(*c, 0));
  CHECK(granted.impressions[2].creation == at(*c, 1));
  CHECK(guarded.refused().waiting()[static_cast<std::size_t>(errc::near_duplicate)] == 57);
}

TEST_CASE("slots that are sold rank by their Goal Buddy's terms", "[metaspace]") {
  const auto c = period_of({{goal_id{1}, owner_id{1}, {1, 0}}, {goal_id{2}, owner_id{2}, {1, 0}}, {goal_id{3}, owner_id{3}, {1, 0}}});
  metaspace_mind m({});
  m.see(c);
  const slate_proposal p{.user = user_id{1}, .round = 1, .slots = 1,
                         .candidates = {{at(*c, 0), 0.9f}, {at(*c, 1), 0.8f}, {at(*c, 2), 0.7f}}};
  const auto first = [&] { return m.grant(p).impressions.at(0).creation; };
  CHECK(first() == at(*c, 0));
  m.price({subspace_id{0}, 2, {{goal_id{1}, 1, 0.15f, false}}});
  CHECK(first() == at(*c, 1));
  m.price({subspace_id{0}, 1, {}}); // older: ignored
  CHECK(first() == at(*c, 1));
  m.price({subspace_id{0}, 3, {{goal_id{1}, 1, 0, true}, {goal_id{2}, 0.5f, 0, false}}});
  CHECK(first() == at(*c, 2));
  CHECK(m.refused().waiting()[static_cast<std::size_t>(errc::budget_exceeded)] == 1);
}

TEST_CASE("a comparator's floor is filled however far down its creations lie", "[metaspace]") {
  std::vector<made> crowd, few;
  for (std::uint64_t i = 0; i < 300; ++i) // one owner has the best 299 of subspace 1
    crowd.push_back({goal_id{i}, owner_id{i < 299 ? 0 : i}, {0.5f - static_cast<float>(i) / 1000, 0}});
  for (std::uint64_t i = 0; i < 3; ++i)
    few.push_back({goal_id{1'000 + i}, owner_id{1'000 + i}, {1, 0}});
  const std::vector live{period_of(few, subspace_id{0}, {0, 2}), period_of(crowd, subspace_id{1}, {2, 2})};
  const std::vector<float> q{1, 0, 1, 0};
  const auto best = best_allowed({.per_owner = 1, .floors = {0, 2}}, live, q, 3, false);
  REQUIRE(best.size() == 3);
  CHECK(best[0] == Approx(1));
  CHECK(best[1] == Approx(0.5));
  CHECK(best[2] == Approx(0.201)); // not another 1: that slot is subspace 1's
}
