#include "actors/aipp/aipp_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "tests/mind/world.hpp"

#include <algorithm>
#include <limits>
#include <map>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1}, bob{2};

/// Impressions of those creations, numbered from `counter` on.
slate_granted grant(user_id user, std::uint64_t round, std::uint64_t counter, std::vector<creation_id> creations,
                    occasion why = occasion::request) {
  slate_granted g{.user = user, .round = round, .why = why, .request = 42, .impressions = {}};
  for (auto c : creations)
    g.impressions.push_back({make_impression_id(0, counter++), c, {}});
  return g;
}

feedback on(user_id user, std::uint64_t counter, double value = 0.5) {
  return {.user = user, .impression = make_impression_id(0, counter), .value = value, .request = 0};
}

std::shared_ptr<const catalogue_version> three() {
  return period_of({{goal_id{1}, owner_id{1}, {1, 0}},
                   {goal_id{2}, owner_id{1}, {0, 1}},
                   {goal_id{3}, owner_id{2}, {-0.6f, 0.8f}}});
}

aipp_config two_slots() {
  aipp_config c{.space = coin_layout(2), .people = {}};
  c.slots = 2;
  c.people.noise = 0;
  return c;
}

/// A slate that its person is shown.
aipp_mind::outcome shown(aipp_mind& m, const slate_granted& g) {
  auto out = m.granted(g);
  if (out.delivered)
    CHECK(m.take(slate_outcome{g.user, out.delivered->delivery, true}));
  return out;
}

double value_of(const fixed_sum& f) { return sum_of(f).value(); }

} // namespace

TEST_CASE("a host's person is delivered what was granted, and feedback becomes a reward once", "[aipp]") {
  aipp_mind m{two_slots()};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  auto out = shown(m, grant(ann, 4, 1, {at(*c, 1), at(*c, 0)}));
  CHECK_FALSE(out.learned);
  REQUIRE(out.delivered);
  const slate_delivery expected{.user = ann, .round = 4, .why = occasion::request, .request = 42, .code = errc::ok,
                                .slate = {{make_impression_id(0, 1), at(*c, 1), goal_id{2}, 101, {}, 0, c->subspace()},
                                          {make_impression_id(0, 2), at(*c, 0), goal_id{1}, 100, {}, 1, c->subspace()}},
                                .delivery = 1};
  CHECK(*out.delivered == expected);
  auto r = m.take(on(ann, 1, -0.25));
  REQUIRE(r);
  CHECK(*r == reward{.user = ann, .round = 4, .entries = {{at(*c, 1), -0.25f}}});
  CHECK(m.take(on(ann, 1)).code() == errc::feedback_twice);
  CHECK(m.take(on(ann, 2)).code() == errc::ok);
  auto report = m.close().report;
  CHECK(report.rounds == 1);
  CHECK(report.rounds_known == 0);
  REQUIRE(report.exposures.size() == 2);
  CHECK(report.exposures[1].impressions == 1);
  CHECK(value_of(report.exposures[1].engagement) == -0.25);
}

TEST_CASE("rewards of a person's first four slates are votes, and none of later ones, however many", "[aipp]") {
  auto config = two_slots();
  config.open_impressions = 200;
  aipp_mind m{config};
  auto c = three();
  m.see(c);
  for (user_id user : {ann, bob})
    REQUIRE(m.add(user, {}));
  std::uint64_t counter = 1;
  for (std::uint64_t round = 1; round <= 50; ++round) {
    shown(m, grant(ann, round, counter, {at(*c, 0), at(*c, 1)}));
    REQUIRE(m.take(on(ann, counter, 40)));
    REQUIRE(m.take(on(ann, counter + 1, -40)));
    counter += 2;
  }
  shown(m, grant(bob, 1, counter, {at(*c, 1)}));
  const auto before = m.close().report;
  CHECK(before.exposures.size() == 2);
  CHECK(before.exposures[0].impressions == 50);
  REQUIRE(before.votes.size() == 2);
  CHECK((before.votes[0].impressions == 4 && before.votes[1].impressions == 4));
  CHECK((value_of(before.votes[0].engagement) <= 4 && value_of(before.votes[1].engagement) >= -4));
  REQUIRE(m.take(on(bob, counter, 0.25))); // a vote counts when it comes
  const auto after = m.close().report;
  REQUIRE(after.votes.size() == 1);
  CHECK((after.votes[0].creation == at(*c, 1) && after.votes[0].impressions == 1));
}

TEST_CASE("a slate that nobody was shown counts for nothing", "[aipp]") {
  aipp_mind m{two_slots()};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  REQUIRE(m.add(bob, {}));
  const auto first = m.granted(grant(ann, 1, 1, {at(*c, 0)})).delivered->delivery;
  CHECK(m.take(on(ann, 1)).code() == errc::unknown_impression); // nobody can have seen it yet
  CHECK_FALSE(m.take(slate_outcome{bob, first, true}));
  CHECK_FALSE(m.take(slate_outcome{ann, first, false}));
  CHECK_FALSE(m.take(slate_outcome{ann, first, true})); // revoked for good
  CHECK(m.take(on(ann, 1)).code() == errc::unknown_impression);
  const auto second = m.granted(grant(ann, 2, 2, {at(*c, 1)})).delivered->delivery;
  const auto push = m.granted(grant(bob, 1, 3, {at(*c, 1)}, occasion::push)).delivered->delivery;
  CHECK(m.take(slate_outcome{ann, second, true}));
  CHECK_FALSE(m.take(slate_outcome{ann, second, true})); // once
  REQUIRE(m.remove(bob));
  CHECK_FALSE(m.take(slate_outcome{bob, push, true}));
  CHECK(m.take(on(ann, 2)));
  const auto report = m.close().report;
  CHECK(report.rounds == 1);
  REQUIRE(report.exposures.size() == 1);
  CHECK((report.exposures[0].creation == at(*c, 1) && report.exposures[0].impressions == 1));
  auto refused = grant(ann, 3, 4, {});
  refused.code = errc::no_catalogue;
  CHECK(m.granted(refused).delivered->delivery == 0);
}

TEST_CASE("feedback that doesn't count is refused by name and changes nothing", "[aipp]") {
  auto config = two_slots();
  config.open_impressions = 2;
  aipp_mind m{config};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  REQUIRE(m.add(bob, {}));
  shown(m, grant(ann, 1, 1, {at(*c, 0)}));
  shown(m, grant(bob, 1, 2, {at(*c, 0)}));
  shown(m, grant(ann, 2, 3, {at(*c, 0), at(*c, 1)})); // ann's first has expired
  const auto not_a_number = std::numeric_limits<double>::quiet_NaN();
  struct {
    feedback f;
    errc code;
  } cases[] = {
    {on(user_id{9}, 1), errc::unknown_user},
    {on(ann, 1), errc::feedback_late},
    {on(ann, 2), errc::feedback_not_shown},
    {on(bob, 3), errc::feedback_not_shown},
    {on(ann, 5), errc::unknown_impression},
    {on(ann, 0), errc::unknown_impression},
    {on(ann, 3, not_a_number), errc::not_finite},
    {on(ann, 3, 1.01e15), errc::reward_out_of_range},
    {on(ann, 3, -2e15), errc::reward_out_of_range},
    {{.user = ann, .impression = make_impression_id(1, 3), .value = 1}, errc::feedback_not_shown},
  };
  for (const auto& [f, code] : cases) {
    INFO(name_of(code));
    auto before = m.refused().waiting()[static_cast<std::size_t>(code)];
    CHECK(m.take(f).code() == code);
    CHECK(m.refused().waiting()[static_cast<std::size_t>(code)] == before + 1);
  }
  CHECK(m.take(on(ann, 3)));
  CHECK(m.take(on(ann, 4)));
  CHECK(m.take(on(bob, 2)));
  CHECK(m.take(on(ann, 3)).code() == errc::feedback_twice);
}

TEST_CASE("an impression expires after its days, and is counted", "[aipp]") {
  auto config = two_slots();
  config.open_impressions = 3;
  config.impression_days = 30;
  aipp_mind m{config};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  REQUIRE(m.add(bob, {}));
  m.at(20'000);
  shown(m, grant(ann, 1, 1, {at(*c, 0)}));
  shown(m, grant(bob, 1, 2, {at(*c, 0)}));
  CHECK(m.take(on(bob, 2)));
  m.at(20'010);
  shown(m, grant(ann, 2, 3, {at(*c, 1)}));
  m.at(20'029);
  CHECK(m.take_expired() == 0);
  m.at(20'030);
  CHECK(m.take_expired() == 1); // bob's has had its feedback
  CHECK(m.take(on(ann, 1)).code() == errc::feedback_late);
  CHECK(m.take(on(ann, 3)));
  for (std::uint64_t i = 0; i < 5; ++i)
    shown(m, grant(ann, 3 + i, 4 + i, {at(*c, 0)}));
  CHECK(m.take_expired() == 2); // more than are kept
  CHECK(m.take(on(ann, 5)).code() == errc::feedback_late);
  CHECK(m.take(on(ann, 6)));
}

TEST_CASE("an impression older than the shard remembers is late", "[aipp]") {
  auto config = two_slots();
  config.open_impressions = 1;
  aipp_mind m{config};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  REQUIRE(m.add(bob, {}));
  shown(m, grant(ann, 1, 1, {at(*c, 0)}));
  for (std::uint64_t i = 2; i <= impression_log::issued_remembered + 2; ++i)
    shown(m, grant(bob, i, i, {at(*c, 0)}));
  CHECK(m.take(on(bob, 1)).code() == errc::feedback_late);
  CHECK(m.take(on(ann, 1))); // still in her own ring: no bustle elsewhere makes her feedback late
}

TEST_CASE("people are added and removed by name", "[aipp]") {
  aipp_mind m{two_slots()};
  REQUIRE(m.add(ann, person{{1, 0}, {}}));
  CHECK(m.add(ann, {}).code() == errc::duplicate_user);
  CHECK(m.add(bob, person{{1, 0, 0}, {}}).code() == errc::wrong_dimension);
  CHECK(m.add(bob, person{{std::numeric_limits<float>::infinity(), 0}, {}}).code() == errc::not_finite);
  CHECK(m.remove(bob).code() == errc::unknown_user);
  CHECK(m.people() == 1);
  auto out = shown(m, grant(bob, 1, 1, {}));
  CHECK(out.code == errc::unknown_user);
  CHECK_FALSE(out.delivered);
  CHECK_FALSE(out.learned);
  REQUIRE(m.remove(ann));
  CHECK(m.people() == 0);
  CHECK(m.take(on(ann, 1)).code() == errc::unknown_user);
}

TEST_CASE("a simulated person answers at once, with the rewards of every slot", "[aipp]") {
  aipp_mind m{two_slots()};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, person{{0.5f, 0.25f}, {101}}));
  m.begin({7, 2});
  auto out = shown(m, grant(ann, 1, 1, {at(*c, 1), at(*c, 2)}, occasion::round));
  CHECK_FALSE(out.delivered);
  REQUIRE(out.learned);
  CHECK(out.learned->round == 1);
  REQUIRE(out.learned->entries.size() == 2);
  CHECK(out.learned->entries[0] == earned{at(*c, 1), 0.25f});
  CHECK(out.learned->entries[1].reward == Approx(-0.3 + 0.2));
  CHECK_FALSE(out.finished);
  CHECK(m.take(on(ann, 1)).code() == errc::feedback_twice);
  CHECK(shown(m, grant(ann, 2, 3, {at(*c, 0)}, occasion::round)).finished);
  auto [report, played] = m.close();
  CHECK(report.period == 7);
  CHECK(report.rounds_known == 2);
  CHECK(played.period == 7);
  REQUIRE(played.slate.size() == 2);
  CHECK(value_of(played.slate[0]) == Approx(0.75 - 0.15));
  CHECK(value_of(played.stated[0]) == Approx(0.5 - 0.15));
  CHECK(value_of(played.slate[1]) == Approx(0.75 - 0.5));
  CHECK(value_of(report.slate) == Approx(0.6 + 0.25));
  CHECK(played.hit_slates == 2);
  CHECK(played.hits == 1); // content 101 was held out, and shown in the first slate
}

TEST_CASE("a slot may stay empty where nothing is worth it, unless all must be filled", "[aipp]") {
  for (bool exactly : {false, true}) {
    auto config = two_slots();
    config.exactly = exactly;
    aipp_mind m{config};
    auto c = period_of({{goal_id{1}, owner_id{1}, {1, 0}}, {goal_id{2}, owner_id{1}, {-0.5f, 0}}});
    m.see(c);
    REQUIRE(m.add(ann, person{{1, 0}, {}}));
    m.begin({1, 1});
    shown(m, grant(ann, 1, 1, {at(*c, 1)}, occasion::round));
    CHECK(value_of(m.close().report.slate) == Approx(exactly ? 0.5 + 0.5 : 1 + 0.5));
  }
}

TEST_CASE("an empty slot is worth what the host says, also in regret", "[aipp][empty_slot]") {
  auto config = two_slots();
  config.empty_slot_worth = 0.6;
  if (GENERATE(false, true))
    config.caps.per_owner = 5; // another way to the best slate
  aipp_mind m{config};
  auto c = period_of({{goal_id{1}, owner_id{1}, {1, 0}}, {goal_id{2}, owner_id{1}, {-0.5f, 0}}});
  m.see(c);
  REQUIRE(m.add(ann, person{{1, 0}, {}}));
  m.begin({1, 2});
  shown(m, grant(ann, 1, 1, {at(*c, 1)}, occasion::round));
  shown(m, grant(ann, 2, 2, {at(*c, 0)}, occasion::round));
  const auto played = m.close().played;
  CHECK(value_of(played.slate[0]) == Approx((1 + 0.6) - (0.6 - 0.5)));
  CHECK(value_of(played.slate[1]) == Approx(0).margin(1e-6));
}

TEST_CASE("a refused or an empty slate still completes the round", "[aipp]") {
  aipp_mind m{two_slots()};
  REQUIRE(m.add(ann, person{{0.5f, 0.25f}, {}}));
  m.begin({1, 2});
  auto g = grant(ann, 1, 1, {}, occasion::round);
  g.code = errc::no_catalogue;
  auto out = shown(m, g);
  REQUIRE(out.learned);
  CHECK(out.learned->entries.empty());
  m.see(three());
  out = shown(m, grant(ann, 2, 1, {}, occasion::round));
  REQUIRE(out.learned);
  CHECK(out.finished);
  CHECK(value_of(m.close().report.slate) == Approx(0.75)); // she missed the best slate
}

TEST_CASE("a period ends when everyone who is waited for has played", "[aipp]") {
  aipp_mind m{two_slots()};
  m.begin({1, 3});
  CHECK(m.finished());
  REQUIRE(m.add(ann, person{{1, 0}, {}}));
  REQUIRE(m.add(bob, person{{1, 0}, {}}));
  CHECK(m.finished()); // who comes during a period isn't waited for
  m.begin({2, 1});
  CHECK_FALSE(m.finished());
  CHECK_FALSE(shown(m, grant(ann, 1, 1, {}, occasion::round)).finished);
  CHECK_FALSE(shown(m, grant(ann, 2, 1, {}, occasion::round)).finished); // one more than was asked for
  REQUIRE(m.remove(bob));
  CHECK(m.finished());
}

TEST_CASE("a slate from the snapshot before is still answered; what nobody knows is left out", "[aipp]") {
  catalogue c{subspace_id{0}, {0, 2}};
  auto old = *c.add(goal_id{1}, owner_id{1}, 1, std::vector{1.0f, 0.0f});
  aipp_mind m{two_slots()};
  m.see(c.publish());
  auto moved = *c.move(goal_id{1}, old, std::vector{0.0f, 1.0f});
  m.see(c.publish());
  m.see(nullptr);
  REQUIRE(m.add(ann, person{{0.5f, 0.25f}, {}}));
  m.begin({1, 1});
  auto out = shown(m, grant(ann, 1, 1, {old, moved, creation_id{777}}, occasion::round));
  REQUIRE(out.learned);
  REQUIRE(out.learned->entries.size() == 2);
  CHECK(out.learned->entries[0] == earned{old, 0.5f});
  CHECK(out.learned->entries[1] == earned{moved, 0.25f, 1});
  CHECK(m.refused().waiting()[static_cast<std::size_t>(errc::not_live)] == 1);
  auto exposures = m.close().report.exposures;
  REQUIRE(exposures.size() == 2); // two generations of one row, counted apart
  CHECK(exposures[0].creation == old);
  CHECK(exposures[1].creation == moved);
}

TEST_CASE("a snapshot of other coordinates than the layout's is refused", "[aipp]") {
  aipp_mind m{two_slots()};
  m.see(period_of({{goal_id{1}, owner_id{1}, {1, 0, 0}}}, subspace_id{0}, {0, 3}));
  m.see(period_of({{goal_id{1}, owner_id{1}, {1, 0}}}, subspace_id{1}));
  CHECK(m.refused().waiting()[static_cast<std::size_t>(errc::wrong_dimension)] == 1);
  CHECK(m.refused().waiting()[static_cast<std::size_t>(errc::unknown_subspace)] == 1);
}

namespace {

/// 200 people over two subspaces who overlap in a coordinate; every slate is random.
struct crowd {
  layout space = *layout::make(5, {{"coin", {0, 3}}, {"job", {2, 3}}});
  std::vector<std::shared_ptr<const catalogue_version>> periods;
  std::vector<std::vector<float>> q;

  crowd() {
    splitmix64 g{5};
    for (std::uint16_t s = 0; s < 2; ++s) {
      std::vector<made> all(40);
      for (auto& x : all)
        x = {goal_id{g()}, owner_id{1}, random_vector(g, 3)};
      periods.push_back(period_of(all, subspace_id{s}, space.coordinates(subspace_id{s})));
    }
    for (int u = 0; u < 200; ++u)
      q.push_back(random_vector(g, 5));
  }
  [[nodiscard]] aipp_mind people() const {
    aipp_mind m{{.space = space, .people = {}, .slots = 4}};
    for (std::uint64_t u = 0; u < q.size(); ++u)
      REQUIRE(m.add(user_id{u}, person{q[u], {100 + u % 40}}));
    for (const auto& c : periods)
      m.see(c);
    return m;
  }
  /// Where a round is played: four creations that depend on (user, round) alone.
  [[nodiscard]] slate_granted slate(std::uint64_t user, std::uint64_t round, std::uint64_t counter) const {
    auto g = generator(8, stream::policy, user, round);
    std::vector<creation_id> chosen;
    while (chosen.size() < 4) {
      const auto& c = *periods[g() % 2];
      auto id = at(c, static_cast<std::uint32_t>(g() % 40));
      if (!std::count(chosen.begin(), chosen.end(), id))
        chosen.push_back(id);
    }
    return grant(user_id{user}, round, counter, chosen, occasion::round);
  }
  [[nodiscard]] double utility(std::uint64_t user, const catalogue_version& c, std::uint32_t row) const {
    auto [offset, width] = c.coordinates();
    return c.dot(row, std::span{q[user]}.subspan(offset, width));
  }
};

} // namespace

TEST_CASE("what a period reports doesn't depend on the order of the people", "[aipp]") {
  crowd w;
  auto forward = w.people(), backward = w.people();
  std::uint64_t counter = 1;
  for (auto* m : {&forward, &backward})
    m->begin({1, 3});
  for (std::uint64_t round = 1; round <= 3; ++round)
    for (std::uint64_t u = 0; u < w.q.size(); ++u, counter += 4)
      forward.granted(w.slate(u, round, counter));
  counter = 1;
  for (auto u = w.q.size(); u-- > 0;)
    for (std::uint64_t round = 1; round <= 3; ++round, counter += 4)
      CHECK(backward.granted(w.slate(u, round, counter)).finished == (u == 0 && round == 3));
  auto a = forward.close(), b = backward.close();
  CHECK(a.report == b.report);
  CHECK(a.played == b.played);
}

TEST_CASE("reported regret is the sum over people and rounds of what they missed", "[aipp]") {
  crowd w;
  auto m = w.people();
  REQUIRE(m.remove(user_id{3})); // somebody else takes the place
  m.begin({1, 2});
  exact_sum stated, slate;
  std::uint64_t counter = 1, hits = 0;
  for (std::uint64_t round = 1; round <= 2; ++round)
    for (std::uint64_t u = 0; u < w.q.size(); ++u, counter += 4) {
      if (u == 3)
        continue;
      auto g = w.slate(u, round, counter);
      shown(m, g);
      std::vector<double> all;
      for (const auto& c : w.periods)
        for (std::uint32_t row = 0; row < 40; ++row)
          all.push_back(w.utility(u, *c, row));
      std::sort(all.rbegin(), all.rend());
      double got = 0, could = 0;
      bool hit = false;
      for (const auto& i : g.impressions) {
        got += w.utility(u, *w.periods[raw(subspace_of(i.creation))], row_of(i.creation));
        hit = hit || row_of(i.creation) == u % 40;
      }
      for (int i = 0; i < 4; ++i)
        could += std::max(all[static_cast<std::size_t>(i)], 0.0);
      stated.add(all.front() - got);
      slate.add(could - got);
      hits += hit;
    }
  auto [report, played] = m.close();
  CHECK(report.rounds_known == 2 * 199);
  CHECK(value_of(report.stated) == Approx(stated.value()).margin(1e-6));
  CHECK(value_of(report.slate) == Approx(slate.value()).margin(1e-6));
  CHECK(played.hits == hits);
  CHECK(played.hit_slates == 2 * 199);
}

TEST_CASE("users are found whatever their numbers, and however many come and go", "[aipp]") {
  user_index index;
  splitmix64 g{1};
  std::map<std::uint64_t, std::uint32_t> expected;
  for (int step = 0; step < 20'000; ++step) {
    auto user = g() % 3 ? g() % 500 : (g() % 500) << 40;
    if (g() % 2) {
      auto value = static_cast<std::uint32_t>(g() % 1000);
      index.set(user_id{user}, value);
      expected[user] = value;
    } else {
      index.erase(user_id{user});
      expected.erase(user);
    }
  }
  CHECK(index.size() == expected.size());
  for (std::uint64_t u = 0; u < 500; ++u)
    for (auto user : {u, u << 40}) {
      auto found = expected.find(user);
      CHECK(index.find(user_id{user}) == (found == expected.end() ? user_index::none : found->second));
    }
}

TEST_CASE("a delivered slate tells its impressions' propensities", "[aipp]") {
  aipp_mind m{two_slots()};
  auto c = three();
  m.see(c);
  REQUIRE(m.add(ann, {}));
  auto granted = grant(ann, 1, 1, {at(*c, 1), at(*c, 0)});
  granted.impressions[1].propensity = {0.25f, propensity_source::resampled};
  const auto out = shown(m, granted);
  REQUIRE(out.delivered);
  CHECK_FALSE(out.delivered->slate.at(0).propensity.known());
  CHECK(out.delivered->slate.at(1).propensity == propensity{0.25f, propensity_source::resampled});
}
