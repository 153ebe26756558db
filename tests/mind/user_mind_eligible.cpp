/// A User Buddy that is told what its person may be shown.
#include "actors/protocol/state_codec.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 4;
constexpr std::array every_policy{user_policy::thompson, user_policy::greedy, user_policy::uniform, user_policy::epsilon_greedy,
                                  user_policy::c2ucb, user_policy::sampled_ucb, user_policy::ftrl};

user_config two_subspaces(user_policy policy) {
  auto c = config_of(2 * dim, {{"film", {0, dim}}, {"song", {dim, dim}}}, policy);
  c.exactly = true;
  return c;
}

user_mind ready(const user_config& c) {
  auto mind = mind_of(c);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 300, 1).publish());
  mind.see(random_catalogue(subspace_id{1}, {dim, dim}, 20, 2).publish());
  return mind;
}

slate_wish wish(std::uint32_t n, content_set only, content_set except = {}) {
  return {.n = n, .eligible = eligibility::of(std::move(only), std::move(except)).value()};
}

/// Contents are numbers from 0 in each subspace: a row's own.
std::set<std::uint32_t> contents_of(const slate_proposal& p) {
  std::set<std::uint32_t> out;
  for (const candidate& c : p.candidates)
    out.insert(row_of(c.creation));
  return out;
}

} // namespace

TEST_CASE("no policy shows what the ask rules out, and each fills the slate with the rest", "[user_mind][eligibility]") {
  auto config = two_subspaces(GENERATE(from_range(every_policy)));
  INFO(name_of(config.policy));
  config.diversity = config.policy == user_policy::ftrl ? 0 : GENERATE(0.0, 0.3);
  auto mind = ready(config);
  std::vector<std::uint64_t> bought;
  for (std::uint64_t i = 0; i < 300; ++i)
    if (i % 50 != 7)
      bought.push_back(i);
  for (int round = 0; round < 60; ++round) { // six films and a song are left
    const auto p = mind.propose(wish(5, {}, {.contents = bought})).value();
    CHECK(contents_of(p).size() >= 4); // 7 twice: of both subspaces
    CHECK(p.candidates.size() == 5);
    for (std::uint32_t content : contents_of(p))
      CHECK(content % 50 == 7);
    REQUIRE(mind.learn(reward_of(p, 0.5f)) == errc::ok);
  }
  CHECK(mind.propose(wish(64, {}, {.contents = bought})).value().candidates.size() == 7);
  CHECK(mind.propose(wish(5, {.contents = {11, 12}})).value().candidates.size() == 4);
  CHECK(mind.propose(wish(5, {.contents = {4'711}})).value().candidates.empty());
  CHECK(mind.propose(wish(5, {})).value().candidates.size() == 5);
}

TEST_CASE("greedy shows the best of what is eligible", "[user_mind][eligibility]") {
  auto mind = ready(two_subspaces(user_policy::greedy));
  for (int round = 0; round < 20; ++round) {
    auto p = mind.propose(occasion::round, 0, 5).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, 0.1 * (row_of(c.creation) % 10)});
    REQUIRE(mind.learn(r) == errc::ok);
  }
  const auto best = mind.propose(occasion::round, 0, 10).value();
  const auto first = row_of(best.candidates[0].creation);
  const auto rest = mind.propose(wish(9, {}, {.creations = {best.candidates[0].creation}})).value();
  for (std::size_t i = 0; i < 9; ++i)
    CHECK(rest.candidates[i].creation == best.candidates[i + 1].creation);
  CHECK(first < 300);
}

TEST_CASE("propensities are given what is eligible", "[user_mind][eligibility][propensity]") {
  content_set songs;
  for (std::uint64_t i = 20; i < 300; ++i) // films without the first twenty; 20 films and 20 songs are left
    songs.contents.push_back(i);
  SECTION("uniform: N of those") {
    auto mind = ready(two_subspaces(user_policy::uniform));
    std::array<int, 40> shown{};
    for (int round = 0; round < 4'000; ++round) {
      const auto p = mind.propose(wish(4, {}, songs)).value();
      REQUIRE(p.candidates.size() == 4);
      for (const candidate& c : p.candidates) {
        REQUIRE(c.propensity.value == Approx(0.1));
        ++shown[20 * raw(subspace_of(c.creation)) + row_of(c.creation)];
      }
    }
    for (int times : shown)
      CHECK(times == Approx(400).margin(100)); // five deviations
  }
  SECTION("ftrl: its marginals add up to N over what may be shown") {
    auto mind = ready(two_subspaces(user_policy::ftrl));
    double arms = 0; // 1 / propensity of what is shown is an unbiased count of what may be
    for (int round = 0; round < 2'000; ++round) {
      const auto p = mind.propose(wish(4, {}, songs)).value();
      REQUIRE(p.candidates.size() == 4);
      for (const candidate& c : p.candidates)
        arms += 1 / c.propensity.value;
      REQUIRE(mind.learn(reward_of(p, 0.5f)) == errc::ok);
    }
    CHECK(arms / 2'000 == Approx(40).epsilon(0.05));
  }
  SECTION("greedy: 1, as soon as nothing but values decided") {
    auto mind = ready(two_subspaces(user_policy::greedy));
    const auto p = mind.propose(wish(4, {}, songs)).value();
    REQUIRE(mind.learn(reward_of(p, 0.5f)) == errc::ok);
    const auto again = mind.propose(wish(4, {}, songs)).value();
    for (const candidate& c : again.candidates)
      CHECK(c.propensity == propensity{1, propensity_source::exact});
  }
}

TEST_CASE("what was away isn't thought to be better for it", "[user_mind][eligibility][ftrl]") {
  auto config = two_subspaces(user_policy::ftrl);
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 10, 1).publish());
  const auto play = [&](const slate_wish& w) {
    const auto p = mind.propose(w).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, row_of(c.creation) == 3 ? 0.9 : row_of(c.creation) == 9 ? -0.9 : 0.0});
    REQUIRE(mind.learn(r) == errc::ok);
    return row_of(p.candidates.front().creation);
  };
  for (int round = 0; round < 1'000; ++round)
    REQUIRE(play(wish(1, {}, {.contents = {9}})) != 9);
  int worst = 0;
  for (int round = 0; round < 300; ++round)
    worst += play(wish(1, {})) == 9;
  CHECK(worst < 30); // had its losses stood still it would have all three hundred
}

TEST_CASE("believed regret compares with what was eligible", "[user_mind][eligibility][regret]") {
  auto mind = ready(two_subspaces(user_policy::greedy));
  for (int round = 0; round < 30; ++round) {
    const auto p = mind.propose(occasion::round, 0, 5).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, 0.1 * (row_of(c.creation) % 10)});
    REQUIRE(mind.learn(r) == errc::ok);
  }
  content_set worse;
  for (std::uint64_t i = 100; i < 110; ++i)
    worse.contents.push_back(i);
  REQUIRE(mind.propose(wish(5, worse)));
  CHECK(mind.believe().believed_regret == Approx(0).margin(1e-5)); // of ten films the five best
  const auto bound = mind.believe().regret_bound;
  auto other = mind;
  REQUIRE(other.propose(wish(5, {.contents = worse.contents}, {})));
  CHECK(bound == Approx(other.believe().regret_bound));
  CHECK(bound >= 0);
  // Against all 320 creations the same slate would regret something.
  REQUIRE(other.propose(occasion::round, 0, 5));
  CHECK(other.eligible() == nullptr);
}

TEST_CASE("a push goes by what the last ask ruled out, also after a restart", "[user_mind][eligibility][push]") {
  const auto config = std::make_shared<const user_config>(two_subspaces(user_policy::thompson));
  user_mind mind(config, user_id{1});
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 10, 1).publish());
  REQUIRE(mind.propose(occasion::round, 0, 5));
  const auto first = mind.propose(wish(10, {}, {.contents = {3, 4}})).value();
  REQUIRE(mind.learn(reward_of(first, 0.5f)) == errc::ok);
  const auto saved = mind.save();
  REQUIRE(saved.asked);
  CHECK(saved.asked->except == content_set{.contents = {3, 4}});
  for (user_mind m : {mind, user_mind::restore(config, saved).value()}) {
    CHECK_FALSE(m.would_enter(std::array{make_creation_id(subspace_id{0}, 3, 1)}, 10));
    CHECK(m.would_enter(std::array{make_creation_id(subspace_id{0}, 2, 1)}, 10));
    const auto push = m.propose({.why = occasion::push, .n = 10}).value();
    CHECK(push.candidates.size() == 8);
    CHECK_FALSE(contents_of(push).contains(3));
    CHECK(m.propose(occasion::request, 0, 10).value().candidates.size() == 10);
  }
}

namespace {

slate_wish limited(std::uint32_t n, std::uint32_t times, std::uint64_t within_s, std::int64_t now_s) {
  return {.n = n, .at_most = {times, within_s}, .now_s = now_s};
}

} // namespace

TEST_CASE("a creation is shown as often as is allowed, and again when the time is over", "[user_mind][eligibility][showings]") {
  auto config = two_subspaces(GENERATE(from_range(every_policy)));
  INFO(name_of(config.policy));
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 10, 1).publish());
  std::map<creation_id, int> shown;
  std::size_t all = 0;
  for (std::int64_t now = 0; now < 20; ++now) {
    const auto p = mind.propose(limited(5, 2, 100, now)).value();
    all += p.candidates.size();
    for (const candidate& c : p.candidates)
      CHECK(++shown[c.creation] <= 2);
  }
  CHECK(all == 20); // ten creations, twice each
  CHECK(mind.propose(limited(10, 2, 100, 99)).value().candidates.empty());
  CHECK(mind.propose(limited(5, 4, 100, 99)).value().candidates.size() == 5);
  CHECK(mind.propose(occasion::request, 0, 5).value().candidates.size() == 5); // without a limit
  CHECK(mind.propose(limited(10, 1, 100, 150)).value().candidates.size() == 5);
  CHECK(mind.propose(limited(10, 2, 100, 1'000)).value().candidates.size() == 10);
}

TEST_CASE("a creation that moves is still the one that was shown", "[user_mind][eligibility][showings]") {
  auto home = random_catalogue(subspace_id{0}, {0, dim}, 3, 1);
  auto mind = mind_of(two_subspaces(user_policy::greedy));
  mind.see(home.publish());
  REQUIRE(mind.propose(limited(3, 1, 100, 0)).value().candidates.size() == 3);
  const auto moved = home.move(goal_id{1}, make_creation_id(subspace_id{0}, 1, 1), std::vector<float>{1, 0, 0, 0}).value();
  REQUIRE(home.retire(goal_id{2}, make_creation_id(subspace_id{0}, 2, 1)));
  const auto fresh = home.add(goal_id{7}, owner_id{7}, 7, std::vector<float>{0, 1, 0, 0}).value();
  CHECK(row_of(fresh) == 2); // the row of another's, who is gone
  mind.see(home.publish());
  const auto p = mind.propose(limited(3, 1, 100, 1)).value();
  REQUIRE(p.candidates.size() == 1);
  CHECK(p.candidates[0].creation == fresh);
  CHECK(moved != no_creation);
}

TEST_CASE("of a proposal with spares all counts until it is known what was granted", "[user_mind][eligibility][showings]") {
  auto config = two_subspaces(user_policy::thompson);
  config.spare_candidates = 5;
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 20, 1).publish());
  CHECK_FALSE(mind.propose(occasion::request, 0, 5).value().wants_grant);
  const auto first = mind.propose(limited(5, 1, 100, 0)).value();
  CHECK(first.wants_grant);
  REQUIRE(first.candidates.size() == 10);
  CHECK(mind.propose(limited(5, 1, 100, 1)).value().candidates.size() == 10); // the other ten
  CHECK(mind.propose(limited(5, 1, 100, 1)).value().candidates.empty());
  const std::vector<impression> granted{{impression_id{1}, first.candidates[0].creation}, {impression_id{2}, first.candidates[9].creation}};
  mind.granted(first.round, granted);
  const auto rest = mind.propose(limited(5, 1, 100, 2)).value();
  CHECK(rest.candidates.size() == 8);
  for (const candidate& c : rest.candidates)
    CHECK((c.creation != first.candidates[0].creation && c.creation != first.candidates[9].creation));
}

TEST_CASE("showings are kept through a restart, and bounded", "[user_mind][eligibility][showings]") {
  const auto config = std::make_shared<const user_config>(two_subspaces(user_policy::uniform));
  user_mind mind(config, user_id{1});
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, 200, 1).publish());
  for (std::int64_t now = 0; now < 200; ++now)
    REQUIRE(mind.propose(limited(64, 1'000'000, 1'000'000, now)));
  CHECK(mind.save().showings->shown.size() == showing_log::most);
  REQUIRE(mind.propose(limited(64, 1, 1, 250)));
  auto back = user_mind::restore(config, decode_state<user_mind_state>(encode_state(mind.save())).value()).value();
  CHECK(back.propose(limited(64, 50, 1'000, 250)).value() == mind.propose(limited(64, 50, 1'000, 250)).value());
  auto bad = mind.save();
  bad.showings->shown.front().place = make_creation_id(subspace_id{0}, 1, 1);
  CHECK(user_mind::restore(config, bad).code() == errc::bad_state);
  bad = mind.save();
  bad.showings->shown.resize(showing_log::most + 1, bad.showings->shown.back());
  CHECK(user_mind::restore(config, bad).code() == errc::bad_state);
  bad = mind.save();
  bad.asked->over = {creation_id{2}, creation_id{1}};
  CHECK(user_mind::restore(config, bad).code() == errc::bad_state);
}

TEST_CASE("a log has what an ask ruled out where it is something else than before", "[user_mind][eligibility][state]") {
  const auto config = std::make_shared<const user_config>(two_subspaces(user_policy::thompson));
  user_mind mind(config, user_id{1}), copy(config, user_id{1});
  const auto films = random_catalogue(subspace_id{0}, {0, dim}, 10, 1).publish();
  for (user_mind* m : {&mind, &copy})
    m->see(films);
  const auto repeated = [&](const slate_wish& w) {
    const auto p = mind.propose(w).value();
    const auto frame = decode_state<slate_frame>(encode_state(mind.frame_of(p, w.situation))).value();
    REQUIRE(copy.repeat(frame, {}));
    CHECK(same(copy.eligible(), mind.eligible()));
    return frame.asked.has_value();
  };
  CHECK_FALSE(repeated(wish(5, {})));
  CHECK(repeated(wish(5, {}, {.contents = {3, 4}})));
  CHECK_FALSE(repeated(wish(5, {}, {.contents = {4, 3}})));
  CHECK_FALSE(repeated({.why = occasion::push, .n = 5}));
  const auto p = copy.propose({.why = occasion::push, .n = 10}).value();
  CHECK(p.candidates.size() == 8); // after a restart, too, nobody is pushed what they may not see
  REQUIRE(mind.propose({.why = occasion::push, .n = 10}));
  CHECK(repeated(wish(5, {.contents = {1, 2}})));
  CHECK(repeated(wish(5, {})));
  CHECK(copy.eligible() == nullptr);
  auto bad = mind.frame_of(mind.propose(wish(5, {.contents = {1}})).value(), 0);
  bad.asked->over = {creation_id{2}, creation_id{1}};
  CHECK(copy.repeat(bad, {}).code() == errc::bad_state);
}
