#include "tests/support/user_world.hpp"

#include <limits>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 10;

struct one_round {
  catalogue creations = random_catalogue(subspace_id{0}, {0, dim}, 40);
  std::shared_ptr<const catalogue_version> snapshot = creations.publish();
  user_config config = config_of(dim, {{"coin", {0, dim}}});
  user_mind mind = ready();
  slate_proposal p = mind.propose(occasion::round, 0, 4).value();

  user_mind ready() {
    config.exactly = true;
    user_mind m = mind_of(config);
    m.see(snapshot);
    return m;
  }
};

/// The same belief now, and the same slates from now on.
void check_same(user_mind a, user_mind b) {
  CHECK(a.believe() == b.believe());
  for (int i = 0; i < 3; ++i)
    CHECK(a.propose(occasion::round, 0, 4).value() == b.propose(occasion::round, 0, 4).value());
}

} // namespace

TEST_CASE_METHOD(one_round, "a reward that is wrong is refused by name and changes nothing", "[user_mind]") {
  const user_mind before = mind;
  reward r = reward_of(p, 0.5f);
  errc expected{};
  SECTION("someone else's") { r.user = user_id{2}, expected = errc::unknown_user; }
  SECTION("of a round to come") { r.round = 2, expected = errc::feedback_not_shown; }
  SECTION("of round 0") { r.round = 0, expected = errc::feedback_not_shown; }
  SECTION("for no creation") { r.entries.back().creation = no_creation, expected = errc::unknown_creation; }
  SECTION("for one that wasn't shown") {
    std::uint32_t row = 0;
    while (std::any_of(p.candidates.begin(), p.candidates.end(), [&](auto& c) { return row_of(c.creation) == row; }))
      ++row;
    r.entries.back().creation = snapshot->info(row).id;
    expected = errc::unknown_creation;
  }
  SECTION("twice in one message") { r.entries.push_back(r.entries.front()), expected = errc::feedback_twice; }
  SECTION("not finite") {
    r.entries.back().reward = GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
    expected = errc::not_finite;
  }
  SECTION("too large") { r.entries.back().reward = -1001, expected = errc::reward_out_of_range; }
  CHECK(mind.learn(r) == expected);
  check_same(mind, before);
  CHECK(mind.learn(reward_of(p, 0.5f)) == errc::ok);
}

TEST_CASE_METHOD(one_round, "feedback counts once", "[user_mind]") {
  reward first{p.user, p.round, {{p.candidates[0].creation, 1.0f}}};
  REQUIRE(mind.learn(first) == errc::ok);
  const user_mind before = mind;
  CHECK(mind.learn(first) == errc::feedback_twice);
  CHECK(mind.learn(reward_of(p, 1.0f)) == errc::feedback_twice); // all or none
  check_same(mind, before);
  CHECK(mind.believe().observations == 1);
  for (std::size_t i = 1; i < p.candidates.size(); ++i)
    CHECK(mind.learn({p.user, p.round, {{p.candidates[i].creation, 0.0f}}}) == errc::ok);
  CHECK(mind.learn(first) == errc::feedback_twice);
  CHECK(mind.believe().observations == 4);
}

TEST_CASE_METHOD(one_round, "an empty reward is none", "[user_mind]") {
  const user_mind before = mind;
  CHECK(mind.learn({p.user, p.round, {}}) == errc::ok);
  check_same(mind, before);
}

TEST_CASE_METHOD(one_round, "feedback may come out of order, and late feedback is refused", "[user_mind]") {
  config.remembered_slates = 3;
  mind = ready();
  std::vector<slate_proposal> rounds;
  for (int i = 0; i < 5; ++i)
    rounds.push_back(mind.propose(occasion::round, 0, 4).value());
  CHECK(mind.learn(reward_of(rounds[0], 1)) == errc::feedback_late);
  CHECK(mind.learn(reward_of(rounds[1], 1)) == errc::feedback_late);
  CHECK(mind.learn(reward_of(rounds[4], 0.3f)) == errc::ok);
  CHECK(mind.learn(reward_of(rounds[2], 0.1f)) == errc::ok);
  CHECK(mind.learn(reward_of(rounds[3], 0.2f)) == errc::ok);
  CHECK(mind.believe().observations == 12);
}

TEST_CASE_METHOD(one_round, "the order of rewards doesn't matter to what is believed", "[user_mind]") {
  user_mind other = mind;
  const auto second = mind.propose(occasion::round, 0, 4).value();
  REQUIRE(other.propose(occasion::round, 0, 4).value() == second);
  REQUIRE(mind.learn(reward_of(p, 1)) == errc::ok);
  REQUIRE(mind.learn(reward_of(second, -1)) == errc::ok);
  REQUIRE(other.learn(reward_of(second, -1)) == errc::ok);
  REQUIRE(other.learn(reward_of(p, 1)) == errc::ok);
  const auto a = mind.believe().mean.values, b = other.believe().mean.values;
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(a[i] == Approx(b[i]).margin(1e-5));
}

TEST_CASE_METHOD(one_round, "feedback counts for a creation that is gone by now", "[user_mind]") {
  user_mind reference = mind;
  for (const candidate& c : p.candidates)
    REQUIRE(creations.retire(creations.find(c.creation)->goal, c.creation));
  mind.see(creations.publish());
  splitmix64 g(5);
  for (int i = 0; i < 10; ++i) { // the rows are used again
    REQUIRE(creations.add(goal_id{9}, owner_id{9}, 0, unit_vector(g, dim)));
    mind.see(creations.publish());
  }
  std::weak_ptr<const catalogue_version> held = snapshot;
  snapshot.reset();
  REQUIRE(mind.learn(reward_of(p, 0.7f)) == errc::ok);
  REQUIRE(reference.learn(reward_of(p, 0.7f)) == errc::ok);
  CHECK(mind.believe().mean == reference.believe().mean);
  reference = mind;
  CHECK(held.expired()); // nothing holds on to it any longer
}

TEST_CASE_METHOD(one_round, "a snapshot that nothing waits for is let go", "[user_mind]") {
  REQUIRE(mind.learn(reward_of(p, 0.7f)) == errc::ok);
  std::weak_ptr<const catalogue_version> held = snapshot;
  snapshot.reset();
  CHECK_FALSE(held.expired());
  splitmix64 g(5);
  REQUIRE(creations.add(goal_id{9}, owner_id{9}, 0, unit_vector(g, dim)));
  mind.see(creations.publish());
  CHECK(held.expired());
}

TEST_CASE_METHOD(one_round, "an older snapshot is ignored, as is one that the layout doesn't have", "[user_mind]") {
  splitmix64 g(5);
  const auto added = creations.add(goal_id{9}, owner_id{9}, 0, unit_vector(g, dim)).value();
  CHECK_FALSE(mind.would_enter(std::vector{added}, 41)); // knows nothing of its person: no reason to disturb them
  REQUIRE(mind.learn(reward_of(p, 1)) == errc::ok);
  mind.see(creations.publish());
  user_mind same = mind;
  mind.see(snapshot);
  mind.see(nullptr);
  mind.see(random_catalogue(subspace_id{1}, {0, dim}, 40).publish());
  mind.see(random_catalogue(subspace_id{0}, {0, dim - 1}, 40).publish());
  check_same(mind, same);
  CHECK(mind.would_enter(std::vector{added}, 41));
}

TEST_CASE_METHOD(one_round, "only a creation that the user would like enters by push", "[user_mind]") {
  for (int i = 0; i < 30; ++i) {
    const auto slate = mind.propose(occasion::round, 0, 4).value();
    reward r{slate.user, slate.round, {}};
    for (const candidate& c : slate.candidates) {
      std::vector<float> e(dim);
      snapshot->embedding(row_of(c.creation), e);
      r.entries.push_back({c.creation, e[0]}); // q = (1, 0, …)
    }
    REQUIRE(mind.learn(r) == errc::ok);
  }
  std::vector<float> e(dim, 0.0f);
  e[0] = 1;
  const auto liked = creations.add(goal_id{9}, owner_id{9}, 0, e).value();
  e[0] = -1;
  const auto disliked = creations.add(goal_id{9}, owner_id{9}, 0, e).value();
  CHECK_FALSE(mind.would_enter(std::vector{liked}, 1)); // not seen yet
  mind.see(creations.publish());
  CHECK(mind.would_enter(std::vector{liked}, 1));
  CHECK(mind.would_enter(std::vector{disliked, liked}, 1));
  CHECK_FALSE(mind.would_enter(std::vector{disliked}, 4));
  CHECK_FALSE(mind.would_enter({}, 4));
  CHECK_FALSE(mind.would_enter(std::vector{liked}, 0));
}
