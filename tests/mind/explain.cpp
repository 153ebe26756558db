// Why a User Buddy showed what it did: parts that add up, in the host's unit, from what was really learned.
#include "actors/protocol/state/user_state.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>

using namespace ammo_test;

namespace {

/// Creations at (1, 0), (0.8, 0.6), (0, 1), (−1, 0): the second is near the first, the third says nothing of it, the fourth is its opposite.
struct four {
  catalogue creations{subspace_id{0}, {0, 2}};
  std::shared_ptr<const catalogue_version> seen;
  user_config config = config_of(2, {{"film", {0, 2}}}, user_policy::greedy);
  std::optional<user_mind> mind;

  explicit four(user_learner learner = user_learner::people) {
    const std::vector<std::vector<float>> places{{1, 0}, {0.8f, 0.6f}, {0, 1}, {-1, 0}};
    for (std::size_t i = 0; i < places.size(); ++i)
      REQUIRE(creations.add(goal_id{10 + i}, owner_id{1}, 100 + i, places[i]));
    seen = creations.publish();
    config.exactly = true;
    config.learner = learner;
    mind = mind_of(config);
    mind->see(seen);
  }
  creation_id film(std::uint32_t row) const { return seen->info(row).id; }
  /// All four are shown, and earn this.
  slate_proposal round(const std::vector<double>& rewards) {
    auto p = mind->propose(occasion::request, 0, 4).value();
    reward r{p.user, p.round, {}};
    std::uint32_t slot = 0;
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, rewards[row_of(c.creation)], slot++});
    REQUIRE(mind->learn(r) == errc::ok);
    return p;
  }
  impression_question question(creation_id of) const {
    return {.user = user_id{1}, .impression = impression_id{7 << 10}, .request = 0, .creation = of, .round = mind->rounds(), .slot = 2, .answered = true};
  }
  explanation why(std::uint32_t row) const { return mind->explain(question(film(row))).value(); }
};

void adds_up(const explanation& e) {
  CHECK(e.low <= e.expected);
  CHECK(e.expected <= e.high);
  CHECK(e.expected - e.usual == Approx(e.from_group + e.from_rewards + e.from_other).margin(1e-9));
  CHECK(std::ranges::is_sorted(e.reasons, std::greater{}, [](const reason& r) { return std::abs(r.contribution); }));
}

/// What the rewards of a creation contribute, if it is among the reasons.
std::optional<double> part(const explanation& e, creation_id of) {
  const auto r = std::ranges::find(e.reasons, of, &reason::creation);
  return r == e.reasons.end() ? std::nullopt : std::optional(r->contribution);
}

} // namespace

TEST_CASE("of somebody of whom nothing is known there is no reason", "[explain]") {
  four f;
  (void)f.mind->propose(occasion::request, 0, 4).value();
  const auto e = f.why(0);
  adds_up(e);
  CHECK(e.rewards == 0);
  CHECK(e.reasons.empty());
  CHECK(e.expected == e.usual);
  CHECK(e.from_rewards == 0);
  CHECK(e.low == e.high); // no two rewards differ, so nobody knows on what scale they are
}

TEST_CASE("what was rewarded near a creation is why it is shown, and an opposite that was disliked is, too", "[explain]") {
  four f;
  slate_proposal last{};
  const auto stars = [&](int i) { // around 3, give or take 0.4
    const auto noise = [i](int k) { return 0.2 * ((i * 7 + k * 3) % 5 - 2); };
    last = f.round({5 + noise(0), 4.5 + noise(1), 3 + noise(2), 1 + noise(3)});
  };
  for (int i = 0; i < 10; ++i)
    stars(i);
  const auto e = f.why(0);
  adds_up(e);
  CHECK(e.creation == f.film(0));
  CHECK(e.goal == goal_id{10});
  CHECK(e.content == 100);
  CHECK((e.round == 10 && e.slot == 2 && e.answered && e.impression == impression_id{7 << 10}));
  CHECK(e.policy == "greedy");
  CHECK_FALSE(e.by_chance);
  CHECK(e.expected == Approx(5).margin(0.4));
  CHECK(e.usual == Approx(13.5 / 4).margin(0.2));
  CHECK(e.rewards == 40);
  REQUIRE(e.reasons.size() == 4);
  CHECK(e.reasons[0].rewards >= 9); // of so few rounds the learner may let go of the first
  // Nearly all of it comes of rewards: the prior of the intercept has what is left.
  CHECK(e.from_rewards == Approx(e.expected - e.usual).margin(0.15));
  CHECK(e.from_group == 0);
  CHECK(part(e, f.film(0)).value() > 0.3);
  CHECK(part(e, f.film(1)).value() > 0.1);
  CHECK(part(e, f.film(3)).value() > 0.3); // it was worse than usual, on the other side
  CHECK(std::abs(part(e, f.film(2)).value()) < 0.2);
  const auto own = std::ranges::find(e.reasons, f.film(0), &reason::creation);
  CHECK(own->mean == Approx(5).margin(0.1));
  CHECK((own->goal == goal_id{10} && own->content == 100));
  // More rewards, more certainty.
  const double before = e.high - e.low;
  for (int i = 10; i < 40; ++i)
    stars(i);
  CHECK(f.why(0).high - f.why(0).low < before);
  const auto score = std::ranges::find(last.candidates, f.film(0), &candidate::creation)->value;
  CHECK(f.why(0).score == double{score});
}

TEST_CASE("clicks are explained as probabilities", "[explain]") {
  four f;
  for (int i = 0; i < 24; ++i)
    f.round({i % 4 != 0 ? 1.0 : 0.0, i % 3 != 0 ? 1.0 : 0.0, i % 2 ? 1.0 : 0.0, 0});
  const auto liked = f.why(0), disliked = f.why(3);
  for (const auto& e : {liked, disliked}) {
    adds_up(e);
    CHECK(e.low >= 0);
    CHECK(e.high <= 1);
  }
  CHECK(liked.expected > 0.5);
  CHECK(disliked.expected < 0.25);
  CHECK(part(liked, f.film(0)).value() > 0);
  CHECK(part(disliked, f.film(3)).value() < 0);
  CHECK(liked.from_rewards > std::abs(liked.from_other));
}

TEST_CASE("revenue is explained in the host's unit", "[explain]") {
  four f;
  for (int i = 0; i < 24; ++i)
    f.round({i % 3 ? 900.0 * (1 + i % 5) : 0.0, i % 3 ? 90.0 : 5.0, i % 2 ? 20.0 : 0.0, i % 2 ? 1.0 + i % 3 : 0.0});
  const auto e = f.why(0);
  adds_up(e);
  CHECK(e.expected > f.why(3).expected);
  CHECK(part(e, f.film(0)).value() > 0);
}

TEST_CASE("what the group likes has its own part", "[explain]") {
  four f;
  f.config.group_weight = 1;
  f.mind = mind_of(f.config);
  f.mind->see(f.seen);
  for (int i = 0; i < 3; ++i)
    f.round({3.2, 3.0, 2.8, 3.1});
  REQUIRE(f.mind->hear(subspace_id{0}, {std::make_shared<const consensus>(consensus{{{1, 0}}, 0.9})}));
  CHECK(f.why(0).from_group > 0.01);
  CHECK(f.why(3).from_group < -0.01);
  CHECK(std::abs(f.why(2).from_group) < f.why(0).from_group / 2);
  adds_up(f.why(0));
}

TEST_CASE("what the person said they like isn't taken for a reward", "[explain]") {
  four f;
  REQUIRE(f.mind->take_interest(subspace_id{0}, std::vector<float>{1, 0}, 0.9) == errc::ok);
  f.round({3, 3, 3, 3.1});
  const auto e = f.why(0);
  adds_up(e);
  CHECK(e.from_other > std::abs(e.from_rewards));
}

TEST_CASE("a classic learner says what it expects, and keeps no rewards to name", "[explain]") {
  four f(user_learner::classic);
  for (int i = 0; i < 10; ++i)
    f.round({0.8, 0.6, 0, -0.8});
  const auto e = f.why(0);
  adds_up(e);
  CHECK(e.expected == Approx(0.8).margin(0.1));
  CHECK(e.from_other == e.expected);
  CHECK(e.rewards == 40);
  CHECK(e.reasons.empty());
}

TEST_CASE("what was drawn at random is said to be", "[explain]") {
  four f;
  const auto drawn = [&](user_policy policy, double epsilon) {
    f.config.policy = policy;
    f.config.epsilon = epsilon;
    f.mind = mind_of(f.config);
    f.mind->see(f.seen);
    (void)f.mind->propose(occasion::request, 0, 2).value();
    return f.why(0).by_chance;
  };
  CHECK(drawn(user_policy::uniform, 0.1));
  CHECK(drawn(user_policy::epsilon_greedy, 1));
  CHECK_FALSE(drawn(user_policy::epsilon_greedy, 0));
  CHECK_FALSE(drawn(user_policy::sampled_ucb, 0.1));
}

TEST_CASE("an explanation outlives a restart, and its score the slate alone", "[explain]") {
  four f;
  f.config.policy = user_policy::uniform;
  f.mind = mind_of(f.config);
  f.mind->see(f.seen);
  for (int i = 0; i < 5; ++i)
    f.round({5, 4, 3, 1});
  const auto asked = f.question(f.film(1));
  const auto now = f.mind->explain(asked).value();
  CHECK(now.by_chance);
  REQUIRE(now.score);
  const auto again = user_mind::restore(std::make_shared<const user_config>(f.config), f.mind->save());
  REQUIRE(again);
  CHECK(again->explain(asked).value() == now);
  (void)f.mind->propose(occasion::request, 0, 4).value(); // the slate before had all its feedback
  const auto later = f.mind->explain(asked).value();
  CHECK_FALSE(later.score);
  CHECK_FALSE(later.by_chance);
  CHECK(later.expected == now.expected);
}

TEST_CASE("only what is known of this user is explained", "[explain]") {
  four f;
  f.round({5, 4, 3, 1});
  auto other = f.question(f.film(0));
  other.user = user_id{2};
  CHECK(f.mind->explain(other).code() == errc::unknown_user);
  CHECK(f.mind->explain(f.question(make_creation_id(subspace_id{0}, 99, 1))).code() == errc::unknown_creation);
  CHECK(f.mind->explain(f.question(make_creation_id(subspace_id{9}, 0, 1))).code() == errc::unknown_creation);
  // One that has gone is, as long as its rewards are remembered, without who made it.
  const auto gone = f.film(0);
  REQUIRE(f.creations.retire(goal_id{10}, gone));
  f.mind->see(f.creations.publish());
  const auto e = f.mind->explain(f.question(gone)).value();
  CHECK(e.goal == goal_id{0});
  CHECK(e.rewards == 4);
}
