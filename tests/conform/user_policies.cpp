/// What every policy of a User Buddy promises, whatever it thinks is best.
#include "tests/support/user_world.hpp"

#include <limits>
#include <set>

using namespace ammo_test;

namespace {

constexpr std::uint32_t n = 4, spare = 3;

/// A host's policy that keeps the rules: Thompson sampling with numbers of its own.
struct well_behaved final : slate_policy {
  ranking choose(const slate_view& view) const override {
    const auto q = sampled_preference(view, splitmix64(view.randomness()() + 1));
    auto chosen = best_slate(view.options, view.snapshots, span_of(q), view.n);
    chosen.resize(std::min(chosen.size(), view.most()));
    return chosen;
  }
};

/// Two subspaces of one space, so that slates are chosen across catalogues and coordinates.
struct one_policy {
  user_policy policy = GENERATE(user_policy::thompson, user_policy::greedy, user_policy::uniform,
                                user_policy::epsilon_greedy, user_policy::c2ucb, user_policy::sampled_ucb,
                                user_policy::ftrl, user_policy::host);
  bool exactly = GENERATE(false, true);
  catalogue films = random_catalogue(subspace_id{0}, {0, 6}, 30, 3), songs = random_catalogue(subspace_id{1}, {6, 4}, 20, 4);
  std::vector<float> q{0.5f, -0.5f, 0.5f, 0, 0, 0, 0, 0.3f, -0.4f, 0};

  user_config config(std::uint64_t seed = 1) const {
    auto c = config_of(10, {{"film", {0, 6}}, {"song", {6, 4}}}, policy);
    c.exactly = exactly;
    c.spare_candidates = spare;
    c.seed = seed;
    if (policy == user_policy::host)
      c.host = std::make_shared<well_behaved>();
    return c;
  }

  user_mind ready(std::uint64_t seed = 1) {
    auto mind = mind_of(config(seed));
    mind.see(films.publish());
    mind.see(songs.publish());
    return mind;
  }

  [[nodiscard]] const catalogue& home_of(creation_id id) const { return raw(subspace_of(id)) == 0 ? films : songs; }

  /// The person's answer to a slate: e·q of each creation that is shown.
  reward answer_to(const slate_proposal& p) {
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, utility(*(raw(subspace_of(c.creation)) == 0 ? films : songs).publish(), c.creation, q)});
    return r;
  }

  void check_proposal(const slate_proposal& p) const {
    std::set<creation_id> seen;
    CHECK(p.slots == n);
    CHECK(p.candidates.size() <= 2 * (n + spare)); // of each subspace
    if (exactly)
      CHECK(p.candidates.size() >= n + spare);
    for (std::size_t i = 0; i < p.candidates.size(); ++i) {
      const auto& c = p.candidates[i];
      CHECK(std::isfinite(c.value));
      CHECK((i == 0 || c.value <= p.candidates[i - 1].value));
      CHECK(home_of(c.creation).find(c.creation));
      CHECK(seen.insert(c.creation).second);
    }
  }
};

/// Do both propose the same from now on? On copies: nobody is moved.
bool same_future(user_mind a, user_mind b) {
  bool same = a.believe() == b.believe();
  for (int i = 0; i < 5; ++i)
    same = same && a.propose(occasion::round, 0, n).value() == b.propose(occasion::round, 0, n).value();
  return same;
}

} // namespace

TEST_CASE_METHOD(one_policy, "whatever is learned, and whoever comes and goes, a slate is live, distinct and best first",
                 "[conform][user_policy]") {
  INFO(name_of(policy));
  auto mind = ready();
  for (std::uint64_t round = 1; round <= 120; ++round) {
    auto p = mind.propose(occasion::round, 0, n);
    REQUIRE(p);
    CHECK(p->round == round);
    check_proposal(*p);
    REQUIRE(mind.learn(answer_to(*p)) == errc::ok);
    if (round % 10 == 0 && !p->candidates.empty()) { // what was shown first goes, another comes
      auto gone = p->candidates.front().creation;
      auto& home = raw(subspace_of(gone)) == 0 ? films : songs;
      REQUIRE(home.retire(home.find(gone)->goal, gone));
      splitmix64 g(round);
      REQUIRE(home.add(goal_id{round}, owner_id{round}, round, unit_vector(g, raw(subspace_of(gone)) == 0 ? 6 : 4)));
      mind.see(home.publish());
    }
  }
  CHECK(mind.rounds() == 120);
}

TEST_CASE_METHOD(one_policy, "the same seed proposes the same after the same feedback, another seed doesn't",
                 "[conform][user_policy]") {
  INFO(name_of(policy));
  auto one = ready(1), two = ready(1), other = ready(2);
  bool same = true, apart = false;
  for (int round = 0; round < 100; ++round) {
    auto p = one.propose(occasion::round, 0, n).value();
    same = same && p == two.propose(occasion::round, 0, n).value();
    auto theirs = other.propose(occasion::round, 0, n).value();
    apart = apart || p.candidates != theirs.candidates;
    REQUIRE(one.learn(answer_to(p)) == errc::ok);
    REQUIRE(two.learn(answer_to(p)) == errc::ok);
    REQUIRE(other.learn(answer_to(theirs)) == errc::ok);
  }
  CHECK(same);
  CHECK(apart);
  CHECK(same_future(one, two));
}

TEST_CASE_METHOD(one_policy, "without spares a slate has no more than N creations", "[conform][user_policy]") {
  INFO(name_of(policy));
  auto c = config();
  c.spare_candidates = 0;
  c.diversity = GENERATE(0.0, 0.2);
  auto mind = mind_of(c);
  mind.see(films.publish());
  mind.see(songs.publish());
  for (std::uint32_t slots : {1u, 4u, 9u, 64u})
    for (int round = 0; round < 10; ++round) {
      const auto p = mind.propose(occasion::round, 0, slots).value();
      CHECK(p.candidates.size() <= slots);
      if (exactly)
        CHECK(p.candidates.size() == std::min(slots, 50u));
      REQUIRE(mind.learn(answer_to(p)) == errc::ok);
    }
}

TEST_CASE_METHOD(one_policy, "who learns from the answers regrets less than who doesn't", "[conform][user_policy]") {
  INFO(name_of(policy));
  if (policy == user_policy::uniform || !exactly)
    return;
  const auto worth_of_slates = [&](user_policy which) {
    auto c = config();
    c.policy = which;
    c.spare_candidates = 0;
    auto mind = mind_of(c);
    mind.see(films.publish());
    mind.see(songs.publish());
    double sum = 0;
    for (int round = 0; round < 400; ++round) {
      const auto r = answer_to(mind.propose(occasion::round, 0, n).value());
      for (const earned& e : r.entries)
        sum += round >= 200 ? e.reward : 0;
      REQUIRE(mind.learn(r) == errc::ok);
    }
    return sum / 200;
  };
  const double uniform = worth_of_slates(user_policy::uniform);
  CHECK(worth_of_slates(policy) > uniform + 0.5); // of four rewards within ±1 each
}

TEST_CASE_METHOD(one_policy, "what is refused has its name and changes nothing", "[conform][user_policy]") {
  INFO(name_of(policy));
  CHECK(mind_of(config()).propose(occasion::request, 1, n).code() == errc::no_catalogue);

  auto mind = ready();
  slate_proposal p;
  while (p.candidates.empty())
    p = mind.propose(occasion::round, 0, n).value();
  const auto before = mind;
  CHECK(mind.propose(occasion::request, 1, 0).code() == errc::no_slots);
  CHECK(mind.propose(occasion::request, 1, max_slots + 1).code() == errc::too_many_slots);

  auto refused = [&](auto&& spoil) {
    auto r = answer_to(p);
    spoil(r);
    return mind.learn(r);
  };
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused([](reward& r) { r.user = user_id{99}; }) == errc::unknown_user);
  CHECK(refused([](reward& r) { r.round += 1; }) == errc::feedback_not_shown);
  CHECK(refused([](reward& r) { r.entries.back().creation = no_creation; }) == errc::unknown_creation);
  CHECK(refused([](reward& r) { r.entries.push_back(r.entries.front()); }) == errc::feedback_twice);
  CHECK(refused([](reward& r) { r.entries.back().reward = nan; }) == errc::not_finite);
  CHECK(refused([](reward& r) { r.entries.back().reward = 1e6f; }) == errc::reward_out_of_range);
  CHECK(same_future(mind, before));

  REQUIRE(mind.learn(answer_to(p)) == errc::ok);
  const auto learned = mind;
  CHECK(mind.learn(answer_to(p)) == errc::feedback_twice);
  CHECK(same_future(mind, learned));
}
