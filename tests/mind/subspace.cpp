#include "actors/protocol/fixed_sums.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "tests/mind/world.hpp"

#include <limits>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr goal_id coin{7};
constexpr owner_id chain{70};
constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Price 1,000 and 100,000 a unit of ½|e − grounded|², two coordinates.
subspace_config small() { return {.id = subspace_id{0}, .coordinates = {0, 2}}; }

subspace_mind joined(const subspace_config& config, std::int64_t budget = 1'000'000) {
  subspace_mind s{config};
  REQUIRE(s.join({coin, chain, budget}));
  return s;
}

creation_offer offer(std::uint64_t key, std::vector<float> e, std::vector<float> grounded,
                     creation_id replaces = no_creation) {
  return {.goal = coin, .key = key, .replaces = replaces, .content = 5, .e = {e}, .grounded = {grounded}};
}

fixed_sum fixed(double x) {
  exact_sum s;
  s.add(x);
  return wire_of(s);
}

} // namespace

TEST_CASE("an offer costs its price and its distance from the facts, and is live in the next period", "[subspace]") {
  auto s = joined(small());
  auto v = s.offer(offer(1, {0.5f, 0}, {1, 0})); // ½ · 0.25 · 100,000
  CHECK(v.code == errc::ok);
  CHECK(v.key == 1);
  CHECK(v.cost_micros == 1'000 + 12'500);
  CHECK(v.balance_micros == 1'000'000 - 13'500);
  CHECK(s.accounts().spent() == 13'500);
  auto news = s.publish();
  CHECK(news.fresh == std::vector{v.creation});
  REQUIRE(news.snapshot->find(v.creation));
  CHECK(*news.snapshot->find(v.creation) == creation_info{v.creation, coin, chain, 5});
  auto again = s.publish();
  CHECK(again.snapshot == news.snapshot);
  CHECK(again.fresh.empty());
}

TEST_CASE("a part of a micro-unit is charged as a whole one", "[subspace]") {
  auto config = small();
  config.distance_price_micros = 3;
  auto s = joined(config);
  CHECK(s.offer(offer(1, {0.5f, 0}, {1, 0})).cost_micros == 1'001);
  CHECK(s.offer(offer(2, {1, 0}, {1, 0})).cost_micros == 1'000);
}

TEST_CASE("the same offer again is answered as the first time and charged once", "[subspace]") {
  auto s = joined(small());
  auto first = s.offer(offer(1, {1, 0}, {1, 0}));
  s.offer(offer(2, {0, 1}, {0, 1}));
  CHECK(s.offer(offer(1, {1, 0}, {1, 0})) == first);
  CHECK(s.offer(offer(1, {0, 1}, {1, 0})) == first); // the key decides
  auto refused = s.offer(offer(3, {9, 0}, {9, 0}));
  CHECK(refused.code == errc::norm_over_cap);
  CHECK(s.offer(offer(3, {1, 0}, {1, 0})) == refused);
  CHECK(s.live() == 2);
  CHECK(s.accounts().spent() == 2'000);
}

TEST_CASE("a key older than all that are remembered is refused", "[subspace]") {
  auto s = joined(small());
  auto id = s.offer(offer(1, {1, 0}, {1, 0})).creation;
  for (std::uint64_t key = 2; key <= subspace_mind::remembered + 2; ++key)
    id = s.offer(offer(key, {1, 0}, {1, 0}, id)).creation;
  auto spent = s.accounts().spent();
  CHECK(s.offer(offer(1, {1, 0}, {1, 0})).code == errc::bad_value);
  CHECK(s.accounts().spent() == spent);
  CHECK(s.live() == 1);
}

TEST_CASE("what a subspace refuses changes nothing", "[subspace]") {
  auto config = small();
  config.capacity = 2;
  config.creations_per_owner = 2;
  auto s = joined(config);
  REQUIRE(s.join({goal_id{8}, owner_id{80}, 1'500}));
  auto mine = s.offer(offer(1, {1, 0}, {1, 0})).creation;
  auto other = offer(1, {1, 0}, {1, 0});
  other.goal = goal_id{8};
  auto theirs = s.offer(other).creation;
  auto dear = offer(2, {1, 0}, {1, 0}, theirs);
  dear.goal = goal_id{8};
  auto stranger = offer(2, {1, 0}, {1, 0});
  stranger.goal = goal_id{9};
  const auto before = s.publish();
  const auto spent = s.accounts().spent();
  struct {
    creation_offer o;
    errc code;
  } cases[] = {
    {stranger, errc::unknown_goal},
    {offer(10, {1, 0}, {1, 0}, creation_id{12345}), errc::unknown_creation},
    {offer(11, {1, 0}, {1, 0}, theirs), errc::not_owner},
    {offer(12, {1}, {1, 0}), errc::wrong_dimension},
    {offer(13, {1, 0}, {1, 0, 0}), errc::wrong_dimension},
    {offer(14, {not_a_number, 0}, {1, 0}), errc::not_finite},
    {offer(15, {1, 0}, {std::numeric_limits<float>::infinity(), 0}), errc::not_finite},
    {offer(16, {1, 1}, {1, 1}), errc::norm_over_cap},
    {offer(17, {1, 0}, {1e30f, 0}), errc::budget_overflow},
    {offer(18, {1, 0}, {1, 40}), errc::budget_exceeded},
    {dear, errc::budget_exceeded},
    {offer(19, {1, 0}, {1, 0}), errc::catalogue_full},
  };
  for (const auto& [o, code] : cases) {
    INFO(name_of(code) << ", key " << o.key);
    auto v = s.offer(o);
    CHECK(v.code == code);
    CHECK_FALSE(v.detail.empty());
    CHECK(v.creation == no_creation);
    CHECK(v.cost_micros == 0);
    CHECK(v.balance_micros == s.accounts().balance(o.goal));
    CHECK(s.accounts().spent() == spent);
    CHECK(s.accounts().reserved() == 0);
    CHECK(s.publish().snapshot == before.snapshot);
  }
  CHECK(s.withdraw({goal_id{9}, mine}).code == errc::unknown_goal);
  CHECK(s.withdraw({coin, theirs}).code == errc::not_owner);
  CHECK(s.withdraw({coin, creation_id{12345}}).code == errc::unknown_creation);
  CHECK(s.join({coin, chain, 5}).code() == errc::duplicate_goal);
  CHECK(s.join({goal_id{10}, chain, -5}).code() == errc::budget_negative);
  CHECK(s.join({goal_id{10}, chain, most}).code() == errc::budget_overflow);
  CHECK_FALSE(s.accounts().has(goal_id{10}));
  CHECK(s.publish().snapshot == before.snapshot);
}

TEST_CASE("an owner's quota counts all of its Goal Buddies, and frees what is withdrawn", "[subspace]") {
  auto config = small();
  config.creations_per_owner = 1;
  auto s = joined(config);
  REQUIRE(s.join({goal_id{8}, chain, 10'000}));
  auto id = s.offer(offer(1, {1, 0}, {1, 0})).creation;
  auto sibling = offer(1, {0, 1}, {0, 1});
  sibling.goal = goal_id{8};
  CHECK(s.offer(sibling).code == errc::cap_owner);
  CHECK(s.offer(offer(2, {0, 1}, {0, 1}, id)).code == errc::ok); // a move takes no more room
  CHECK(s.withdraw({coin, id}).code == errc::unknown_creation);  // it has moved
  id = s.offer(offer(2, {}, {})).creation;
  CHECK(s.withdraw({coin, id}).code == errc::ok);
  sibling.key = 2;
  CHECK(s.offer(sibling).code == errc::ok);
}

TEST_CASE("news name only what is live", "[subspace]") {
  auto s = joined(small());
  auto first = s.offer(offer(1, {1, 0}, {1, 0})).creation;
  auto moved = s.offer(offer(2, {0, 1}, {0, 1}, first)).creation;
  auto gone = s.offer(offer(3, {0, 1}, {0, 1})).creation;
  s.withdraw({coin, gone});
  CHECK(s.publish().fresh == std::vector{moved});
}

TEST_CASE("the regret broadcast is the same in whatever order the shards report", "[subspace]") {
  auto s = joined(small());
  auto x = s.offer(offer(1, {1, 0}, {1, 0})).creation;
  auto y = s.offer(offer(2, {0, 0.5f}, {0, 0.5f})).creation;
  s.publish();
  const creation_id old{12345};
  attention_report a{.period = 3, .shard = 0, .rounds = 10, .rounds_known = 10, .stated = fixed(-2), .slate = fixed(1),
                     .exposures = {{old, 100, fixed(100)}, {x, 4, fixed(2)}, {y, 2, fixed(-1)}}};
  attention_report b{.period = 3, .shard = 1, .rounds = 6, .rounds_known = 2, .stated = fixed(-4), .slate = fixed(0.5),
                     .exposures = {{y, 2, fixed(3)}}};
  attention_report stale = a;
  stale.period = 2;
  auto f = s.merge(3, {a, b, stale});
  CHECK(f == s.merge(3, {b, stale, a}));
  CHECK(f.rounds == 16);
  CHECK(f.stated == Approx(-0.5));
  CHECK(f.slate == Approx(0.125));
  CHECK(f.exposures == std::vector<exposure>{{old, 100, fixed(100)}, {x, 4, fixed(2)}, {y, 4, fixed(2)}});
  CHECK(f.demand.values == std::vector{2.0f / 8, 1.0f / 8}); // what is no longer live has no part in it
}

TEST_CASE("without any report there is no demand and no regret", "[subspace]") {
  auto f = joined(small()).merge(1, {});
  CHECK(f.rounds == 0);
  CHECK(f.stated == 0);
  CHECK(f.demand.values == std::vector{0.0f, 0.0f});
}

TEST_CASE("a Goal Buddy of which nothing was ever taken joins anew, with its new budget", "[subspace]") {
  subspace_mind s({.coordinates = {0, 2}, .capacity = 1});
  const goal_id first{1}, second{2};
  REQUIRE(s.join({first, owner_id{1}, 5'000}));
  REQUIRE(s.join({second, owner_id{2}, 5'000}));
  const auto taken = s.offer({first, 1, no_creation, 0, {{1, 0}}, {{1, 0}}, 0});
  REQUIRE(taken.code == errc::ok);
  CHECK(s.offer({second, 1, no_creation, 0, {{1, 0}}, {{1, 0}}, 0}).code == errc::catalogue_full);
  REQUIRE(s.withdraw({first, taken.creation}).code == errc::ok);
  REQUIRE(s.join({second, owner_id{2}, 7'000}));
  CHECK(s.accounts().granted() == 12'000);
  CHECK(s.accounts().balance(second) == 7'000);
  CHECK(s.offer({second, 1, no_creation, 0, {{1, 0}}, {{1, 0}}, 0}).code == errc::ok);
  CHECK(s.join({second, owner_id{2}, 1}).code() == errc::duplicate_goal);
  CHECK(s.join({first, owner_id{1}, 1}).code() == errc::duplicate_goal);
}

TEST_CASE("who writes is told what others offer close by, as far as it is public", "[subspace][writing]") {
  auto s = joined(small());
  const auto add = [&s](std::uint64_t id, std::string title, std::vector<float> e, std::uint64_t key = 1) {
    if (key == 1)
      REQUIRE(s.join({.goal = goal_id{id}, .owner = chain, .budget_micros = 1'000'000, .title = std::move(title)}));
    auto o = offer(key, e, e);
    o.goal = goal_id{id};
    REQUIRE(s.offer(o).code == errc::ok);
  };
  REQUIRE(s.offer(offer(1, {1, 0}, {1, 0})).code == errc::ok);
  add(1, "Near", {1, 0});
  add(2, "Further", {0.6f, 0.8f});
  add(2, "", {-1, 0}, 2); // its other creation, at the other end
  add(3, "", {1, 0});     // has no name
  CHECK(s.nearby(coin, std::vector<float>{1, 0})->empty()); // nothing is published yet
  (void)s.publish();

  const auto near = s.nearby(coin, std::vector<float>{1, 0}).value();
  REQUIRE(near.size() == 2); // each once, the one who asks not
  CHECK(near[0] == neighbour{"Near", 0});
  CHECK(near[1].title == "Further");
  CHECK(near[1].distance == Approx(std::sqrt(0.8)));
  CHECK(s.nearby(goal_id{1}, std::vector<float>{1, 0})->size() == 1);

  for (std::uint64_t id = 10; id < 30; ++id)
    add(id, std::string(1'000, 'x') + "\x1b[2J", {0, 1});
  (void)s.publish();
  const auto crowd = s.nearby(coin, std::vector<float>{0, 1}).value();
  CHECK(crowd.size() == most_neighbours);
  CHECK(crowd[0].title.size() == longest_neighbour);
  CHECK(s.nearby(coin, std::vector<float>{1}).code() == errc::wrong_dimension);
  CHECK(s.nearby(coin, std::vector<float>{1, not_a_number}).code() == errc::not_finite);
}

TEST_CASE("a Goal Buddy that is removed leaves nothing, and may join anew", "[subspace]") {
  auto config = small();
  config.goals_per_owner = 1;
  config.creations_per_owner = 2;
  auto s = joined(config);
  REQUIRE(s.offer(offer(1, {1, 0}, {1, 0})).code == errc::ok);
  const auto second = s.offer(offer(2, {0, 1}, {0, 1}));
  REQUIRE(s.offer(offer(3, {0.5f, 0}, {0.5f, 0}, second.creation)).code == errc::ok);
  s.publish();
  CHECK(s.remove(coin));
  CHECK_FALSE(s.remove(coin));
  CHECK(s.live() == 0);
  CHECK((s.accounts().accounts() == 0 && s.accounts().granted() == 0 && s.accounts().spent() == 0));
  CHECK(s.publish().snapshot->live() == 0);
  CHECK(s.offer(offer(4, {1, 0}, {1, 0})).code == errc::unknown_goal);
  REQUIRE(s.join({coin, chain, 5'000}));
  const auto anew = s.offer(offer(1, {1, 0}, {1, 0})); // the key is a new one's
  CHECK((anew.code == errc::ok && anew.balance_micros == 4'000));
  CHECK(s.offer(offer(2, {1, 0}, {1, 0})).code == errc::ok);
  CHECK(s.offer(offer(3, {1, 0}, {1, 0})).code == errc::cap_owner);
}

TEST_CASE("all that a Goal Buddy has live is withdrawn at once", "[subspace]") {
  auto s = joined(small());
  REQUIRE(s.join({goal_id{8}, chain, 5'000}));
  auto others = offer(1, {1, 0}, {1, 0});
  others.goal = goal_id{8};
  REQUIRE(s.offer(others).code == errc::ok);
  const auto first = s.offer(offer(1, {1, 0}, {1, 0}));
  REQUIRE(s.offer(offer(2, {0, 1}, {0, 1}, first.creation)).code == errc::ok);
  REQUIRE(s.offer(offer(3, {0, 1}, {0, 1})).code == errc::ok);
  CHECK(s.withdraw({coin, no_creation, 1}).code == errc::ok);
  CHECK(s.live() == 1);
  CHECK(s.withdraw({coin, no_creation, 2}).code == errc::unknown_creation);
  CHECK(s.withdraw({goal_id{9}, no_creation, 3}).code == errc::unknown_goal);
  CHECK(s.withdraw({goal_id{8}, no_creation, 4}).code == errc::ok);
  CHECK(s.live() == 0);
}
