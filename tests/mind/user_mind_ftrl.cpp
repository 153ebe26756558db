#include "tests/support/user_world.hpp"

#include <algorithm>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 4, n = 2;

user_config adversarial() { return config_of(dim, {{"coin", {0, dim}}}, user_policy::ftrl); }

/// What each creation of the catalogue is worth: the first row much, the others nothing.
float worth(creation_id id) { return row_of(id) == 0 ? 1.0f : -1.0f; }

reward judged(const slate_proposal& p) {
  reward r{p.user, p.round, {}};
  for (const candidate& c : p.candidates)
    r.entries.push_back({c.creation, worth(c.creation)});
  return r;
}

int times_best_shown(user_mind& mind, int rounds) {
  int times = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    times += std::ranges::any_of(p.candidates, [](const candidate& c) { return row_of(c.creation) == 0; });
    REQUIRE(mind.learn(judged(p)) == errc::ok);
  }
  return times;
}

} // namespace

TEST_CASE("FTRL learns creation by creation, and from feedback however late", "[user_mind][ftrl]") {
  auto mind = mind_of(adversarial()), late = mind;
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 12).publish();
  mind.see(snapshot);
  late.see(snapshot);
  CHECK(times_best_shown(mind, 300) > 200);
  for (int batch = 0; batch < 10; ++batch) { // thirty rounds, then the feedback of all of them, the last one's first
    std::vector<reward> waiting;
    for (int i = 0; i < 30; ++i)
      waiting.push_back(judged(late.propose(occasion::round, 0, n).value()));
    std::ranges::reverse(waiting);
    for (const reward& r : waiting)
      REQUIRE(late.learn(r) == errc::ok);
  }
  CHECK(times_best_shown(mind, 300) > 270);
  CHECK(times_best_shown(late, 300) > 270);
}

TEST_CASE("FTRL keeps what it knows through the catalogue's versions", "[user_mind][ftrl]") {
  auto creations = random_catalogue(subspace_id{0}, {0, dim}, 12);
  auto mind = mind_of(adversarial());
  mind.see(creations.publish());
  times_best_shown(mind, 300);
  splitmix64 g(2);
  const auto awaited = mind.propose(occasion::round, 0, n).value();
  for (std::uint32_t row = 1; row < 6; ++row) {
    REQUIRE(creations.retire(goal_id{row}, creations.publish()->info(row).id));
    REQUIRE(creations.add(goal_id{100 + row}, owner_id{1}, 0, unit_vector(g, dim)));
  }
  mind.see(creations.publish());
  CHECK(mind.learn(judged(awaited)) == errc::ok); // also of what is gone
  CHECK(times_best_shown(mind, 200) > 170);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 400; ++i) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    for (const candidate& c : p.candidates) {
      CHECK(creations.find(c.creation));
      seen.insert(row_of(c.creation));
    }
  }
  CHECK(seen.size() > 6); // newcomers get their chance
}

TEST_CASE("to FTRL, what never had feedback isn't worth more than what had", "[user_mind][ftrl]") {
  auto config = adversarial();
  config.remembered_slates = 4;
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 12).publish());
  int mute = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto p = mind.propose(occasion::round, 0, 1).value();
    if (row_of(p.candidates.at(0).creation) != 5)
      REQUIRE(mind.learn(judged(p)) == errc::ok);
    else
      mute += i >= 500;
  }
  CHECK(mute < 150);
  CHECK(times_best_shown(mind, 200) > 170);
}
