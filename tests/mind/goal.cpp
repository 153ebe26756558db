#include "actors/aipp/aipp_mind.hpp"
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "tests/mind/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <variant>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr goal_id me{1};
const std::vector<float> facts{0.0f, 0.8f};

goal_mind climber(goal_config config = {.policy = goal_policy::exploiter, .lambda = 0.1, .step = 0.2, .patience = 2}) {
  return {config, me, owner_id{1}, 9, facts};
}

/// Feedback in which the creation had `seen` of 100 rounds and demand points along the first axis.
regret_feedback feedback_of(creation_id creation, std::uint64_t seen, std::vector<float> demand = {1, 0}) {
  return {.subspace = subspace_id{0}, .period = 3, .rounds = 100, .demand = {std::move(demand)},
          .exposures = {{creation, seen, {}}}};
}

creation_verdict accepted(const creation_offer& o, creation_id id, std::int64_t cost = 10,
                          std::int64_t balance = 10'000) {
  return {{}, {id, cost, balance}, me, o.key};
}

creation_verdict refused(const creation_offer& o, errc code, std::int64_t balance = 10'000) {
  auto v = accepted(o, no_creation, 0, balance);
  v.code = code;
  return v;
}

/// The offer in an answer, where there is one.
const creation_offer* offered(const goal_answer& answer) {
  return std::get_if<creation_offer>(&answer);
}

/// A mind whose grounded facts are live as creation 50, and who then heard `patience` periods.
struct started {
  goal_mind mind = climber();
  goal_answer answer;
  explicit started(std::int64_t balance = 10'000, std::vector<float> demand = {1, 0}) {
    mind.told(accepted(mind.first(), creation_id{50}, 10, balance));
    REQUIRE_FALSE(offered(mind.hear(feedback_of(creation_id{50}, 40, demand))));
    answer = mind.hear(feedback_of(creation_id{50}, 40, demand));
  }
};

} // namespace

TEST_CASE("a Goal Buddy begins with its facts as they are", "[goal]") {
  auto g = climber();
  auto o = g.first();
  CHECK(o.goal == me);
  CHECK(o.content == 9);
  CHECK(o.replaces == no_creation);
  CHECK(o.e.values == facts);
  CHECK(o.grounded.values == facts);
  CHECK(g.creation() == no_creation);
  g.told(accepted(o, creation_id{50}));
  CHECK(g.creation() == creation_id{50});
  CHECK(g.balance_micros() == 10'000);
}

TEST_CASE("a static Goal Buddy leaves everything as it is", "[goal]") {
  goal_mind g{{.policy = goal_policy::fixed}, me, owner_id{1}, 9, facts};
  g.told(accepted(g.first(), creation_id{50}));
  for (int i = 0; i < 20; ++i) {
    auto answer = g.hear(feedback_of(creation_id{50}, 1));
    REQUIRE(std::holds_alternative<creation_pass>(answer));
    CHECK(std::get<creation_pass>(answer) == creation_pass{me, 3});
  }
}

TEST_CASE("an exploiter steps towards demand, and stays within the norm", "[goal]") {
  started s;
  const auto* o = offered(s.answer);
  REQUIRE(o);
  CHECK(o->replaces == creation_id{50});
  CHECK(o->period == 3);
  CHECK(o->key == 2);
  CHECK(o->e.values[0] == Approx(0.2));
  CHECK(o->e.values[1] == Approx(0.8));
  CHECK(s.mind.e() == facts); // not before the verdict
  CHECK_FALSE(offered(s.mind.hear(feedback_of(creation_id{50}, 40)))); // an offer is under way
  auto wide = climber({.policy = goal_policy::exploiter, .step = 5, .patience = 1});
  wide.told(accepted(wide.first(), creation_id{50}));
  auto far = wide.hear(feedback_of(creation_id{50}, 1));
  REQUIRE(offered(far));
  const auto& e = offered(far)->e.values;
  CHECK(std::hypot(e[0], e[1]) == Approx(1));
}

TEST_CASE("a step that doesn't pay is taken back, and the next one is half as long", "[goal]") {
  started s;
  auto& g = s.mind;
  g.told(accepted(*offered(s.answer), creation_id{51}));
  CHECK(g.e()[0] == Approx(0.2));
  (void)g.hear(feedback_of(creation_id{51}, 10));
  auto back = g.hear(feedback_of(creation_id{51}, 10));
  REQUIRE(offered(back));
  CHECK(offered(back)->e.values == facts);
  g.told(accepted(*offered(back), creation_id{52}));
  (void)g.hear(feedback_of(creation_id{52}, 40));
  auto again = g.hear(feedback_of(creation_id{52}, 40));
  REQUIRE(offered(again));
  CHECK(offered(again)->e.values[0] == Approx(0.1));
}

TEST_CASE("a step that pays is the start of the next one", "[goal]") {
  started s;
  auto& g = s.mind;
  g.told(accepted(*offered(s.answer), creation_id{51}));
  (void)g.hear(feedback_of(creation_id{51}, 60));
  auto next = g.hear(feedback_of(creation_id{51}, 60));
  REQUIRE(offered(next));
  CHECK(offered(next)->e.values[0] > 0.35f);
}

TEST_CASE("a refused offer leaves a Goal Buddy with what it has", "[goal]") {
  started s;
  s.mind.told(refused(*offered(s.answer), errc::budget_exceeded, 7));
  CHECK(s.mind.creation() == creation_id{50});
  CHECK(s.mind.e() == facts);
  CHECK(s.mind.balance_micros() == 7);
  auto g = climber();
  g.told(refused(g.first(), errc::catalogue_full));
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(offered(g.hear(feedback_of(no_creation, 0))));
  auto o = s.mind.first();
  auto stale = accepted(o, creation_id{99});
  stale.key = o.key - 1;
  s.mind.told(stale); // of an offer that nobody waits for
  CHECK(s.mind.creation() == creation_id{50});
}

TEST_CASE("a Goal Buddy tries nothing that it couldn't pay for, the way back included", "[goal]") {
  CHECK(offered(started{20}.answer));
  CHECK_FALSE(offered(started{19}.answer));
}

TEST_CASE("a Goal Buddy whose creation is gone tries to move it once, and no more", "[goal]") {
  for (errc why : {errc::unknown_creation, errc::budget_exceeded}) {
    started s;
    s.mind.told(refused(*offered(s.answer), why, 10'000));
    int offers = 0;
    for (int i = 0; i < 10; ++i) {
      const auto answer = s.mind.hear(feedback_of(creation_id{50}, 40));
      if (const auto* o = offered(answer)) {
        ++offers;
        s.mind.told(refused(*o, why, 10'000));
      }
    }
    CHECK((offers == 0) == (why == errc::unknown_creation));
  }
}

TEST_CASE("a Goal Buddy never offers what isn't finite", "[goal]") {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(offered(started{10'000, {bad, 0}}.answer)); // nothing to be learned from it: already at its facts
  CHECK_FALSE(offered(started{10'000, {1, 0, 0}}.answer));
  CHECK_FALSE(offered(started{10'000, {0, 0}}.answer));
}

TEST_CASE("goal policies have names", "[goal]") {
  for (auto p : {goal_policy::fixed, goal_policy::exploiter, goal_policy::explorer, goal_policy::adaptive, goal_policy::host})
    CHECK(*goal_policy_named(name_of(p)) == p);
  CHECK(name_of(goal_policy::fixed) == "static");
  CHECK(goal_policy_named("climb").code() == errc::bad_value);
}

namespace {

/// A closed loop without actors: 60 people who like the first axis best, eight static creations, and one climber.
struct closed_loop {
  static constexpr std::uint32_t dim = 4;
  std::int64_t budget;
  subspace_mind subspace{{.id = subspace_id{0}, .coordinates = {0, dim}}};
  metaspace_mind metaspace{metaspace_config{}};
  aipp_mind aipp{{.space = coin_layout(dim), .people = {.noise = 0.3}, .slots = 2}};
  goal_mind climber;
  std::vector<std::vector<float>> q;
  double visibility = 0; ///< of the climber, in the last period
  bool broadcast = true; ///< does the climber hear of demand and exposures?

  explicit closed_loop(std::int64_t micros)
    : budget(micros), climber({.policy = goal_policy::exploiter, .lambda = 0.05, .step = 0.2, .patience = 2}, me,
                              owner_id{1}, 0, {0, 0, 0, 0.9f}) {
    splitmix64 g{2};
    for (std::uint64_t u = 0; u < 60; ++u) {
      auto v = random_vector(g, dim, 0.6);
      v[0] += 0.8f;
      q.push_back(v);
      REQUIRE(aipp.add(user_id{u}, person{v, {}}));
    }
    for (std::uint64_t i = 0; i < 8; ++i) {
      REQUIRE(subspace.join({goal_id{10 + i}, owner_id{10 + i}, 10'000}));
      auto e = random_vector(g, dim, 0.8);
      auto v = subspace.offer({.goal = goal_id{10 + i}, .key = 1, .content = i, .e = {e}, .grounded = {e}});
      REQUIRE(v.code == errc::ok);
    }
    REQUIRE(subspace.join({me, owner_id{1}, budget}));
    climber.told(subspace.offer(climber.first()));
  }

  void period(std::uint64_t number) {
    auto c = subspace.publish().snapshot;
    metaspace.see(c);
    aipp.see(c);
    aipp.begin({number, 1});
    for (std::uint64_t u = 0; u < q.size(); ++u) {
      std::array<scored, 2> best;
      slate_proposal p{.user = user_id{u}, .round = number, .slots = 2, .candidates = {}};
      for (std::size_t n = top_n(*c, q[u], 2, best), i = 0; i < n; ++i)
        p.candidates.push_back({best[i].creation, best[i].score});
      aipp.granted(metaspace.grant(p));
    }
    auto f = subspace.merge(number, metaspace.close(aipp.close().report));
    visibility = 0;
    for (const auto& x : f.exposures)
      if (x.creation == climber.creation())
        visibility = static_cast<double>(x.impressions) / static_cast<double>(f.rounds);
    if (!broadcast) {
      std::ranges::fill(f.demand.values, 0.0f);
      f.exposures.clear();
    }
    auto answer = climber.hear(f);
    if (const auto* o = offered(answer))
      climber.told(subspace.offer(*o));
  }
  void play(std::uint64_t periods) {
    for (std::uint64_t i = 1; i <= periods; ++i)
      period(i);
  }
};

} // namespace

TEST_CASE("an exploiter climbs towards what people demand, and is seen more", "[goal]") {
  closed_loop w{10'000'000};
  w.period(1);
  const double before = w.visibility;
  w.play(80);
  CHECK(w.climber.e()[0] > 0.4f); // it began at 0
  CHECK(w.visibility > before + 0.3);
  CHECK(w.climber.balance_micros() == w.subspace.accounts().balance(me));
}

TEST_CASE("without the broadcast a Goal Buddy is seen less", "[goal]") {
  closed_loop with{10'000'000}, without{10'000'000};
  without.broadcast = false;
  with.play(80);
  without.play(80);
  CHECK(with.visibility > without.visibility + 0.3);
}

TEST_CASE("an exploiter never spends beyond its budget, and then stays where it is", "[goal]") {
  closed_loop w{12'000};
  w.play(80);
  CHECK(w.climber.balance_micros() >= 0);
  CHECK(w.subspace.accounts().spent() <= w.subspace.accounts().granted());
  auto e = w.climber.e();
  w.play(20);
  CHECK(w.climber.e() == e);
}

TEST_CASE("a climb is the same every time", "[goal]") {
  closed_loop a{1'000'000}, b{1'000'000};
  a.play(40);
  b.play(40);
  CHECK(a.climber.e() == b.climber.e());
  CHECK(a.climber.creation() == b.climber.creation());
}

TEST_CASE("a Goal Buddy that is paid by merit climbs by merit", "[goal]") {
  auto mind = climber({.policy = goal_policy::exploiter, .lambda = 0, .step = 0.2, .patience = 1, .by_merit = true});
  mind.told(accepted(mind.first(), creation_id{50}));
  const auto with_merit = [](creation_id id, std::uint64_t seen, std::int64_t merit) {
    auto f = feedback_of(id, seen);
    f.exposures.at(0).merit = {0, static_cast<std::uint64_t>(merit) << 32};
    return f;
  };
  const auto tried = mind.hear(with_merit(creation_id{50}, 90, 20));
  REQUIRE(offered(tried));
  const auto there = offered(tried)->e.values;
  mind.told(accepted(*offered(tried), creation_id{51}));
  const auto next = mind.hear(with_merit(creation_id{51}, 10, 40)); // fewer impressions, more merit: it stays there
  REQUIRE((!offered(next) || offered(next)->e.values != facts));
  CHECK(mind.e() == there);
}

TEST_CASE("a Goal Buddy goes on after a restart only where it was saved", "[mind][goal]") {
  auto mind = climber();
  const auto offer = mind.first();
  const creation_id made = make_creation_id(subspace_id{0}, 0, 1);
  (void)mind.told(accepted(offer, made));
  const auto saved = mind.save();
  const auto restored = [&] { return goal_mind::restore({.policy = goal_policy::exploiter, .lambda = 0.1, .step = 0.2, .patience = 2}, saved).value(); };
  auto standing = accepted(offer, made, 0, 7'000);
  auto again = restored();
  CHECK(again.goes_on(standing));
  CHECK(again.balance_micros() == 7'000);
  CHECK(again.creation() == made);
  standing.creation = make_creation_id(subspace_id{0}, 0, 2); // it has moved since
  CHECK_FALSE(restored().goes_on(standing));
  standing = accepted(offer, made);
  ++standing.key; // it has offered since
  CHECK_FALSE(restored().goes_on(standing));
}
