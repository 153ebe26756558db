// Memory runs out at each point of what a User Buddy's mind does, once: it is as it was before, and does it when it is asked again.
#include "actors/protocol/state_codec.hpp"
#include "actors/space/eligibility.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/user_world.hpp"

#include <functional>
#include <new>
#include <string>

using namespace ammo_test;
using ammo::test::fail_allocation_after;
using ammo::test::fail_allocations_from;
using ammo::test::spare_allocations;

namespace {

struct world {
  std::string name;
  std::function<void(user_config&)> with = [](user_config&) {};
  bool shared = false; ///< both subspaces are of one factor
  std::uint32_t dim = 9;
  int before = 0; ///< rounds in which memory doesn't run out
  bool hears_of_people = true;
  int rounds = 20;
};

const std::vector<world> worlds{
  {.name = "the default"},
  {.name = "one factor", .shared = true},
  {.name = "128 coordinates and more", .dim = 150, .before = 8, .rounds = 12},
  {.name = "slots that stay empty, with 128 coordinates and more",
   .with = [](user_config& c) { c.exactly = false; c.policy = user_policy::thompson; c.empty_slot_worth = 0.2; },
   .dim = 150,
   .before = 8,
   .rounds = 12},
  {.name = "somebody of long standing", .shared = true, .before = 120, .hears_of_people = false, .rounds = 40},
  {.name = "caps, spares and a group", .with = [](user_config& c) { c.spare_candidates = 4; c.group_weight = 0.8; }},
  {.name = "slots that stay empty", .with = [](user_config& c) { c.exactly = false; c.empty_slot_worth = 0.2; }},
  {.name = "a share of control, and chances told", .with = [](user_config& c) { c.control_share = 0.3; c.propensity_draws = 8; }},
  {.name = "classic", .with = [](user_config& c) { c.learner = user_learner::classic; c.group_weight = 0.8; }},
  {.name = "ftrl", .with = [](user_config& c) { c.policy = user_policy::ftrl; }},
  {.name = "restart", .with = [](user_config& c) { c.learner = user_learner::classic; c.drift = user_drift::restart; }},
  {.name = "discount", .with = [](user_config& c) { c.learner = user_learner::classic; c.drift = user_drift::discount; c.discount = 0.99; }},
  {.name = "logistic", .with = [](user_config& c) { c.learner = user_learner::classic; c.belief = user_belief_model::logistic; }},
  {.name = "choice, discounted",
   .with = [](user_config& c) { c.learner = user_learner::classic; c.belief = user_belief_model::choice; c.drift = user_drift::discount; }},
};

/// Two minds to which the same happens: memory runs out for one of them, again and again.
struct pair_of_minds {
  explicit pair_of_minds(const world& w) {
    const std::uint32_t d = w.dim;
    auto c = config_of(d, {{"coin", {0, d - 4}}, {"edu", {w.shared ? 0 : d - 4, w.shared ? d - 4 : 4}}}, user_policy::sampled_ucb);
    c.learner = user_learner::people;
    w.with(c);
    config = c;
    homes = {random_catalogue(subspace_id{0}, {0, d - 4}, 24, 3), random_catalogue(subspace_id{1}, c.space.coordinates(subspace_id{1}), 16, 4)};
    for (auto* mind : {&failing, &other}) {
      config.embeddings = std::make_shared<embedding_store>();
      mind->emplace(std::make_shared<const user_config>(config), user_id{1});
    }
  }

  /// All that it is, once it has learned what it has put off.
  static frame all_of(const user_mind& m) {
    (void)m.believe();
    return encode_state(m.save_own());
  }

  /// For once, or for good.
  void run_out_after(std::size_t pieces) const { (steps % 2 == 0 ? fail_allocation_after : fail_allocations_from)(pieces); }
  /// What `step` answers, from a mind for which each of its allocations fails before it succeeds.
  template <class F>
  auto each_fails(F step) {
    put_off = false;
    if (spared)
      return step(*failing);
    const auto before = all_of(*failing);
    for (std::size_t at = 0;; ++at) {
      run_out_after(at);
      try {
        auto answer = step(*failing);
        put_off = !spare_allocations();
        return answer;
      } catch (const std::bad_alloc&) {
        spare_allocations();
        ++failures;
        if (all_of(*failing) != before)
          FAIL("after " << at << " allocations it isn't as it was before");
      }
    }
  }
  /// The same to both. They answer alike, and are alike.
  template <class F>
  auto both(const std::string& what, F step) {
    INFO(what << ", step " << ++steps);
    auto answer = each_fails(step);
    CHECK(answer == step(*other));
    if (put_off)
      other.emplace(*failing);
    else if (!spared && all_of(*failing) != all_of(*other))
      FAIL("they are no longer alike");
    return answer;
  }
  void changes(const std::string& what, const std::function<void(user_mind&)>& step) {
    (void)both(what, [&](user_mind& m) { step(m); return true; });
  }

  user_config config;
  std::vector<catalogue> homes;
  std::optional<user_mind> failing, other;
  bool spared = false;
  bool put_off = false; ///< the last step has done all but tidy up
  std::size_t failures = 0, steps = 0;
};

struct shown {
  std::uint64_t round;
  std::vector<creation_id> creations;
};

} // namespace

TEST_CASE("where memory runs out a User Buddy's mind is as it was before the message", "[user_mind][no-memory]") {
  const world& w = worlds[GENERATE(range(std::size_t{0}, std::size_t{14}))];
  INFO(w.name);
  pair_of_minds minds(w);
  splitmix64 g(7);
  const auto below = [&g](std::uint64_t n) { return g() % n; };
  std::vector<shown> awaited;
  const auto see = [&] {
    for (const auto& version : {minds.homes[0].publish(), minds.homes[1].publish()})
      minds.changes("news", [&](user_mind& m) { m.see(version); });
  };
  see();
  shown first;
  for (int i = 0; i < w.before + w.rounds; ++i) {
    minds.spared = i < w.before;
    slate_wish wish{.n = static_cast<std::uint32_t>(1 + below(4)), .situation = static_cast<std::uint32_t>(below(3)), .now_s = i};
    if (below(4) == 0)
      wish.at_most = {2, 20 + below(60)};
    if (below(8) == 0)
      wish.eligible = eligibility::of({}, {.contents = {below(24)}}).value();
    const auto p = minds.both("a slate", [&](user_mind& m) { return m.propose(wish).value(); });
    (void)minds.both("a watch", [](const user_mind& m) { return m.watching(3, 0.1f); });
    const std::vector fresh{minds.homes[0].publish()->info(3).id};
    (void)minds.both("what would enter", [&](const user_mind& m) { return m.would_enter(fresh, 3); });
    (void)minds.both("a belief", [](const user_mind& m) { return m.believe(); });
    if (p.wants_grant)
      minds.changes("a grant", [&](user_mind& m) { m.granted(p.round, {}); });
    shown s{p.round, {}};
    for (std::size_t k = 0; k < std::min<std::size_t>(wish.n, p.candidates.size()); ++k)
      s.creations.push_back(p.candidates[k].creation);
    if (i == 0)
      first = s;
    else if (!s.creations.empty())
      awaited.push_back(s);
    while (awaited.size() > 4 || (!awaited.empty() && below(2) == 0)) { // in any order, in parts, or never
      auto at = awaited.begin() + static_cast<std::ptrdiff_t>(below(awaited.size()));
      if (below(6) != 0) {
        reward r{user_id{1}, at->round, {}};
        for (auto left = 1 + below(at->creations.size()); left > 0; --left) {
          r.entries.push_back({at->creations.back(), static_cast<float>(below(3)) / 2});
          at->creations.pop_back();
        }
        minds.both("a reward", [&](user_mind& m) { return m.learn(r); });
      } else {
        at->creations.clear();
      }
      if (at->creations.empty())
        awaited.erase(at);
    }
    if (awaited.size() > 1 && below(6) == 0) {
      const comparison c{user_id{1}, awaited[0].creations.front(), awaited[1].creations.back(), awaited[0].round, awaited[1].round};
      minds.both("a comparison", [&](user_mind& m) { return m.learn(c); });
      awaited.clear();
    }
    if (below(8) == 0) {
      auto& home = minds.homes[below(2)];
      const auto now = home.publish();
      const auto info = now->info(static_cast<std::uint32_t>(below(now->rows())));
      if (info.id != no_creation)
        REQUIRE(home.move(info.goal, info.id, unit_vector(g, now->coordinates().width)));
      see();
    }
    if (below(12) == 0) {
      const auto v = unit_vector(g, minds.config.space.coordinates(subspace_id{1}).width);
      const auto situation = static_cast<std::uint32_t>(below(3));
      minds.both("an interest", [&](user_mind& m) { return m.take_interest(subspace_id{1}, v, 0.5, situation); });
    }
    if (below(6) == 0) {
      const shared_consensus group{std::make_shared<const consensus>(consensus{{unit_vector(g, minds.config.space.coordinates(subspace_id{0}).width)}, uniform01(g)})};
      minds.both("what the group likes", [&](user_mind& m) { return m.hear(subspace_id{0}, group); });
    }
    if (below(8) == 0 && w.hears_of_people) {
      auto sums = minds.other->statistics();
      for (pooled_sums& one : sums)
        for (int doubled = 0; doubled < 6; ++doubled) // 64 like this one
          one += pooled_sums(one);
      minds.both("what people are like", [&](user_mind& m) { return m.hear_people(sums); });
    }
    if (below(10) == 0) {
      const exploration strain{uniform01(g), 0.1, 2};
      minds.changes("a strain", [&](user_mind& m) { m.adopt(strain); });
    }
  }
  minds.both("a reward of long ago", [&](user_mind& m) { return m.learn(reward{user_id{1}, first.round, {{first.creations.front(), 0.5f}}}); });
  INFO(minds.failures << " failures in " << minds.steps << " steps");
  CHECK(minds.failures > 100);
}
