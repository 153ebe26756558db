/// Which creations are nearly the same, and that they compete as one for a slot.
#include "actors/space/bunches.hpp"

#include "actors/space/catalogue_state.hpp"
#include "actors/user_buddy/slate/one_of_each.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 5;
constexpr double near = 1e-3;

/// By the rule, one after the other: the lowest row that is a first and close; else it is a first.
std::map<std::uint32_t, std::uint32_t> expected(const catalogue_version& c, double distance) {
  std::map<std::uint32_t, std::uint32_t> first;
  std::vector<float> a(dim), b(dim);
  for (std::uint32_t row = 0; row < c.rows(); ++row) {
    if (c.info(row).id == no_creation)
      continue;
    c.embedding(row, a);
    first[row] = row;
    for (const auto& [other, its] : first) {
      if (other == row || its != other)
        continue;
      c.embedding(other, b);
      const double ab = std::inner_product(a.begin(), a.end(), b.begin(), 0.0), aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0),
                   bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
      if (ab >= (1 - distance) * std::sqrt(aa * bb)) {
        first[row] = other;
        break;
      }
    }
  }
  std::map<std::uint32_t, int> size;
  for (const auto& [row, its] : first)
    ++size[its];
  std::erase_if(first, [&](const auto& r) { return size[r.second] < 2; });
  return first;
}

std::map<std::uint32_t, std::uint32_t> found(const catalogue_version& c) {
  std::map<std::uint32_t, std::uint32_t> out;
  if (c.bunches())
    for (const bunch_row& r : c.bunches()->rows())
      out[r.row] = r.first;
  return out;
}

/// Places about a few centres, close enough that some are nearly the same.
std::vector<float> somewhere(ammo::test::dice& d, const std::vector<std::vector<float>>& centres) {
  auto e = centres[d.below(centres.size())];
  const float length = static_cast<float>(d.real(0.2, 0.95));
  for (float& x : e)
    x = length * (x + static_cast<float>(d.real(-0.02, 0.02)));
  return e;
}

struct bunched {
  std::shared_ptr<const catalogue_version> live;
  static constexpr std::uint64_t honest = 9, bunch = 40;
  explicit bunched(std::uint64_t copies = bunch, std::uint64_t others = honest) {
    catalogue c(subspace_id{0}, {0, dim}, 1, 1u << 20, near);
    splitmix64 g(2);
    for (std::uint64_t i = 0; i < others; ++i)
      REQUIRE(c.add(goal_id{i}, owner_id{i}, i, unit_vector(g, dim)));
    const auto centre = unit_vector(g, dim);
    for (std::uint64_t i = 0; i < copies; ++i)
      REQUIRE(c.add(goal_id{100 + i}, owner_id{100 + i}, 100 + i, centre));
    live = c.publish();
  }
};

} // namespace

TEST_CASE("bunches are found as creations come, move and go, and follow from what is live alone", "[space][bunches]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    ammo::test::dice d{splitmix64(seed)};
    std::vector<std::vector<float>> centres;
    for (int i = 0; i < 4; ++i)
      centres.push_back(unit_vector(d.g, dim));
    catalogue c(subspace_id{0}, {0, dim}, 1, 1u << 20, near);
    std::vector<std::pair<goal_id, creation_id>> live;
    std::size_t met = 0;
    for (std::uint64_t step = 0; step < 60; ++step) {
      for (auto n = 1 + d.below(8); n > 0; --n) {
        const goal_id who{step * 10 + n};
        if (live.size() < 60 || !d.one_in(3)) {
          live.emplace_back(who, c.add(who, owner_id{1}, 1, somewhere(d, centres)).value());
        } else if (auto& one = live[d.below(live.size())]; d.one_in(2)) {
          one.second = c.move(one.first, one.second, somewhere(d, centres)).value();
        } else {
          REQUIRE(c.retire(one.first, one.second));
          std::swap(one, live.back());
          live.pop_back();
        }
      }
      const auto version = c.publish();
      REQUIRE(found(*version) == expected(*version, near));
      met += found(*version).size();
    }
    CHECK(met > 100);
    const auto again = catalogue::restore(subspace_id{0}, {0, dim}, 1, 1u << 20, c.save(), near);
    REQUIRE(again);
    auto twin = *again;
    for (auto* both : {&c, &twin})
      (void)both->add(goal_id{7}, owner_id{1}, 1, centres[0]);
    CHECK(found(*c.publish()) == found(*twin.publish()));
  }
}

TEST_CASE("creations of length 0 are alike, and like nothing else; without a distance nobody looks", "[space][bunches]") {
  catalogue c(subspace_id{0}, {0, 2}, 1, 100, near), open(subspace_id{0}, {0, 2});
  for (auto* both : {&c, &open})
    for (const auto& e : std::vector<std::vector<float>>{{0, 0}, {1, 0}, {0, 0}, {0, 1}, {0.5f, 0}})
      REQUIRE(both->add(goal_id{1}, owner_id{1}, 1, e));
  const auto version = c.publish();
  CHECK(found(*version) == std::map<std::uint32_t, std::uint32_t>{{0, 0}, {2, 0}, {1, 1}, {4, 1}});
  CHECK(version->bunches()->followers().size() == 2);
  CHECK(std::ranges::count(version->bunches()->followers(), version->info(1).id) == 0); // the longest of its bunch stays
  CHECK(version->bunches()->of(4).size() == 2);
  CHECK(version->bunches()->of(3).empty());
  CHECK(open.publish()->bunches() == nullptr);
}

TEST_CASE("a bunch has one slot of a slate and one chance to get it, and its equals share that", "[slate][bunches]") {
  const auto policy = GENERATE(user_policy::sampled_ucb, user_policy::c2ucb, user_policy::thompson, user_policy::greedy, user_policy::epsilon_greedy);
  CAPTURE(name_of(policy));
  auto config = config_of(dim, {{"coin", {0, dim}}}, policy);
  config.exactly = true;
  const bunched world;
  std::map<std::uint64_t, int> shown;
  int first = 0, times = 0;
  for (std::uint64_t u = 1; u <= 600; ++u) {
    auto mind = mind_of(config, u);
    mind.see(world.live);
    const auto p = mind.propose(occasion::request, 0, 3).value();
    REQUIRE(p.candidates.size() == 3);
    int of_it = 0;
    for (const candidate& c : p.candidates)
      if (const auto content = world.live->find(c.creation)->content; content >= 100) {
        ++of_it;
        ++shown[content];
      }
    CHECK(of_it <= 1);
    times += of_it;
    first += world.live->find(p.candidates[0].creation)->content >= 100;
  }
  CHECK(times > 20);
  CHECK(times < 400); // a share of 3 of 10 is 180
  CHECK(first < 200); // one of 10 is 60
  CHECK(shown.size() > bunched::bunch / 3);
  for (const auto& [content, n] : shown)
    CHECK(n <= 3 + times / 8);
}

TEST_CASE("where distinct creations have run out, slots are filled with a bunch", "[slate][bunches]") {
  const auto policy = GENERATE(user_policy::sampled_ucb, user_policy::c2ucb, user_policy::thompson, user_policy::greedy, user_policy::epsilon_greedy);
  auto config = config_of(dim, {{"coin", {0, dim}}}, policy);
  config.exactly = true;
  const bunched world(20, 2);
  auto mind = mind_of(config);
  mind.see(world.live);
  for (int round = 0; round < 30; ++round) {
    const auto p = mind.propose(occasion::request, 0, 6).value();
    REQUIRE(p.candidates.size() == 6);
    std::set<creation_id> distinct;
    int others = 0;
    for (const candidate& c : p.candidates) {
      distinct.insert(c.creation);
      others += world.live->find(c.creation)->content < 100;
    }
    CHECK(distinct.size() == 6);
    CHECK(others == 2);
    CHECK(std::ranges::is_sorted(p.candidates, std::ranges::greater{}, &candidate::value));
    REQUIRE(mind.learn(reward_of(p, 0.5f)) == errc::ok);
  }
}

TEST_CASE("a bunch whose longest may not be shown competes all the same", "[slate][bunches]") {
  auto config = config_of(dim, {{"coin", {0, dim}}}, user_policy::sampled_ucb);
  config.exactly = true;
  const bunched world;
  auto mind = mind_of(config);
  mind.see(world.live);
  const auto only = eligibility::of({.contents = {0, 1, 101, 107, 108}}, {}).value();
  std::set<std::uint64_t> seen;
  for (int round = 0; round < 60; ++round) {
    const auto p = mind.propose({.why = occasion::request, .request = 0, .n = 3, .eligible = only}).value();
    REQUIRE(p.candidates.size() == 3);
    for (const candidate& c : p.candidates)
      seen.insert(world.live->find(c.creation)->content);
  }
  CHECK(seen == std::set<std::uint64_t>{0, 1, 101, 107, 108});
}
