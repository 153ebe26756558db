#include "actors/metaspace/metaspace_mind.hpp"

#include "actors/diagnosis/normal_form.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "tests/mind/world.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

using namespace ammo;
using namespace ammo::testing;

namespace {

slate_proposal proposal(std::uint32_t slots, std::initializer_list<candidate> candidates) {
  return {.user = user_id{1}, .round = 1, .slots = slots, .candidates = candidates};
}

std::vector<creation_id> creations_of(const slate_granted& g) {
  std::vector<creation_id> out;
  for (const auto& i : g.impressions)
    out.push_back(i.creation);
  return out;
}

std::uint64_t refused(const metaspace_mind& m, errc code) { return m.refused().waiting()[static_cast<std::size_t>(code)]; }

/// Four creations: goals 1, 1, 2, 3; owners 1, 1, 1, 2.
std::shared_ptr<const catalogue_version> four() {
  return period_of({{goal_id{1}, owner_id{1}, {1, 0}},
                   {goal_id{1}, owner_id{1}, {0, 1}},
                   {goal_id{2}, owner_id{1}, {0.6f, 0.8f}},
                   {goal_id{3}, owner_id{2}, {0.8f, 0.6f}}});
}

/// A random world of two subspaces, in which each owner is in one subspace and each Goal Buddy has one owner.
struct random_world {
  std::vector<std::shared_ptr<const catalogue_version>> periods;
  slate_proposal p;
  slate_caps caps;

  explicit random_world(splitmix64& g) {
    for (std::uint16_t s = 0; s < 2; ++s) {
      std::vector<made> all(3 + g() % 3);
      for (auto& m : all) {
        auto goal = g() % 4 + 10 * s;
        m = {goal_id{goal}, owner_id{goal / 2}, {1, 0}};
      }
      periods.push_back(period_of(all, subspace_id{s}));
      for (std::uint32_t row = 0; row < all.size(); ++row)
        p.candidates.push_back({at(*periods[s], row), static_cast<float>(1 + g() % 1000) / 1000});
    }
    p.slots = static_cast<std::uint32_t>(1 + g() % 5);
    auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(g() % n); };
    caps = {.slots = 8, .per_goal = below(3), .per_owner = below(4), .per_subspace = {below(4), below(4)}};
  }

  [[nodiscard]] const creation_info& info(creation_id id) const { return *periods[raw(subspace_of(id))]->find(id); }

  /// The value of a set of candidates (a bit each), or -1 where it breaks a cap.
  [[nodiscard]] double value(std::uint32_t set) const {
    std::map<std::uint64_t, std::uint32_t> goals, owners, subspaces;
    std::uint32_t size = 0;
    double sum = 0;
    auto over = [](std::uint32_t count, std::uint32_t cap) { return cap > 0 && count > cap; };
    for (std::uint32_t i = 0; i < p.candidates.size(); ++i) {
      if (!(set >> i & 1))
        continue;
      const auto& c = p.candidates[i];
      const auto& x = info(c.creation);
      auto s = raw(subspace_of(c.creation));
      if (over(++goals[raw(x.goal)], caps.per_goal) || over(++owners[raw(x.owner)], caps.per_owner) ||
          over(++subspaces[s], caps.per_subspace[s]) || ++size > p.slots)
        return -1;
      sum += c.value;
    }
    return sum;
  }
};

} // namespace

TEST_CASE("the best N live candidates are granted, in order, each as an impression of its own", "[metaspace]") {
  metaspace_mind m({});
  auto c = four();
  m.see(c);
  auto g = m.grant(proposal(2, {{at(*c, 0), 0.3f}, {at(*c, 2), 0.9f}, {at(*c, 3), 0.5f}}));
  CHECK(g.code == errc::ok);
  CHECK(creations_of(g) == std::vector{at(*c, 2), at(*c, 3)});
  CHECK(raw(g.impressions[0].id) != 0);
  CHECK(g.impressions[0].id != g.impressions[1].id);
  m.refused().take([](errc, auto) { FAIL("a spare is no refusal"); });
}

TEST_CASE("candidates of equal value keep the order of the proposal", "[metaspace]") {
  metaspace_mind m({});
  auto c = four();
  m.see(c);
  auto g = m.grant(proposal(3, {{at(*c, 3), 0.1f}, {at(*c, 2), 0.5f}, {at(*c, 0), 0.5f}}));
  CHECK(creations_of(g) == std::vector{at(*c, 2), at(*c, 0), at(*c, 3)});
}

TEST_CASE("a candidate that can't be shown is refused by name, and the rest goes on", "[metaspace]") {
  auto c = four();
  struct {
    slate_caps caps;
    candidate bad;
    errc code;
  } cases[] = {
    {{}, {at(*c, 1), std::numeric_limits<float>::quiet_NaN()}, errc::not_finite},
    {{}, {at(*c, 1), std::numeric_limits<float>::infinity()}, errc::not_finite},
    {{}, {make_creation_id(subspace_id{0}, 1, 99), 0.8f}, errc::not_live},
    {{}, {make_creation_id(subspace_id{0}, 1u << 27, 1), 0.8f}, errc::not_live},
    {{}, {no_creation, 0.8f}, errc::not_live},
    {{}, {make_creation_id(subspace_id{5}, 1, 1), 0.8f}, errc::unknown_subspace},
    {{}, {at(*c, 0), 0.8f}, errc::duplicate_in_slate},
    {{.per_goal = 1}, {at(*c, 1), 0.8f}, errc::cap_goal},
    {{.per_owner = 1}, {at(*c, 2), 0.8f}, errc::cap_owner},
  };
  for (const auto& [caps, bad, code] : cases) {
    INFO(name_of(code));
    metaspace_mind m({.caps = caps});
    m.see(c);
    auto g = m.grant(proposal(3, {{at(*c, 0), 0.9f}, bad, {at(*c, 3), 0.1f}}));
    CHECK(g.code == errc::ok);
    CHECK(creations_of(g) == std::vector{at(*c, 0), at(*c, 3)});
    CHECK(refused(m, code) == 1);
  }
  metaspace_mind m({.caps = {.per_subspace = {1}}});
  m.see(c);
  CHECK(m.grant(proposal(3, {{at(*c, 0), 0.9f}, {at(*c, 3), 0.1f}})).impressions.size() == 1);
  CHECK(refused(m, errc::cap_subspace) == 1);
}

TEST_CASE("a whole proposal is refused by name and grants nothing", "[metaspace]") {
  auto c = four();
  metaspace_mind m({.caps = {.slots = 4}});
  CHECK(m.grant(proposal(2, {{at(*c, 0), 1}})).code == errc::no_catalogue);
  m.see(c);
  CHECK(m.grant(proposal(0, {{at(*c, 0), 1}})).code == errc::no_slots);
  auto g = m.grant(proposal(5, {{at(*c, 0), 1}}));
  CHECK(g.code == errc::too_many_slots);
  CHECK(g.impressions.empty());
  for (auto code : {errc::no_catalogue, errc::no_slots, errc::too_many_slots})
    CHECK(refused(m, code) == 1);
  CHECK(m.close({}).at(0).slots_offered == 0);
}

TEST_CASE("an older snapshot doesn't replace a newer one", "[metaspace]") {
  catalogue c{subspace_id{0}, {0, 2}};
  auto id = c.add(goal_id{1}, owner_id{1}, 1, std::vector{1.0f, 0.0f});
  auto first = c.publish();
  auto moved = c.move(goal_id{1}, *id, std::vector{0.0f, 1.0f});
  auto second = c.publish();
  metaspace_mind m({});
  m.see(second);
  m.see(first);
  m.see(nullptr);
  CHECK(creations_of(m.grant(proposal(2, {{*id, 1}, {*moved, 0.5f}}))) == std::vector{*moved});
}

TEST_CASE("impressions of different shards never collide", "[metaspace]") {
  auto c = four();
  std::set<impression_id> ids;
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    metaspace_mind m({.shard = shard, .shards = 3});
    m.see(c);
    for (int i = 0; i < 100; ++i)
      for (const auto& x : m.grant(proposal(2, {{at(*c, 0), 1}, {at(*c, 1), 1}})).impressions) {
        CHECK(ids.insert(x.id).second);
        CHECK(shard_of(x.id) == shard);
      }
  }
}

TEST_CASE("greedy by value is the best slate that nested caps allow", "[metaspace]") {
  splitmix64 g{3};
  for (int trial = 0; trial < 300; ++trial) {
    random_world w{g};
    metaspace_mind m({.caps = w.caps});
    for (const auto& c : w.periods)
      m.see(c);
    double best = 0;
    for (std::uint32_t set = 0; set < 1u << w.p.candidates.size(); ++set)
      best = std::max(best, w.value(set));
    auto granted = creations_of(m.grant(w.p));
    std::uint32_t set = 0;
    for (std::uint32_t i = 0; i < w.p.candidates.size(); ++i)
      if (std::count(granted.begin(), granted.end(), w.p.candidates[i].creation))
        set |= 1u << i;
    CHECK(w.value(set) == Approx(best));
  }
}

TEST_CASE("whatever is proposed, a slate has at most N creations, live and distinct", "[metaspace]") {
  splitmix64 g{4};
  auto c = four();
  metaspace_mind m({});
  m.see(c);
  for (int trial = 0; trial < 2'000; ++trial) {
    auto p = proposal(static_cast<std::uint32_t>(1 + g() % 6), {});
    for (auto n = g() % 12; n > 0; --n)
      p.candidates.push_back({g() % 4 ? at(*c, static_cast<std::uint32_t>(g() % 4)) : creation_id{g()},
                              g() % 8 ? static_cast<float>(uniform01(g)) : std::numeric_limits<float>::quiet_NaN()});
    auto slate = creations_of(m.grant(p));
    CHECK(slate.size() <= p.slots);
    CHECK(std::set<creation_id>(slate.begin(), slate.end()).size() == slate.size());
    CHECK(std::all_of(slate.begin(), slate.end(), [&](auto id) { return c->find(id) != nullptr; }));
  }
}

TEST_CASE("a period's attention is reported to each subspace", "[metaspace]") {
  auto coin = period_of({{goal_id{1}, owner_id{1}, {1, 0}}});
  auto job = period_of({{goal_id{2}, owner_id{2}, {1, 0}}}, subspace_id{1}, {2, 2});
  metaspace_mind m({.shard = 2, .shards = 4});
  m.see(coin);
  m.see(job);
  m.grant(proposal(3, {{at(*coin, 0), 1}, {at(*job, 0), 1}}));
  m.grant(proposal(3, {{at(*coin, 0), 1}}));
  const regret_report r{.period = 6, .shard = 2, .rounds = 2, .rounds_known = 1, .stated = {-1, 5}, .slate = {0, 7},
                        .exposures = {{at(*coin, 0), 2, {1, 0}}, {at(*job, 0), 1, {0, 9}}}};
  auto reports = m.close(r);
  REQUIRE(reports.size() == 2);
  attention_report expected{.period = 6, .shard = 2, .rounds = 2, .rounds_known = 1, .stated = {-1, 5}, .slate = {0, 7},
                            .slots_offered = 6, .slots_granted = 2, .exposures = {r.exposures[0]}};
  CHECK(reports[0] == expected);
  expected.slots_granted = 1;
  expected.exposures = {r.exposures[1]};
  CHECK(reports[1] == expected);
  CHECK(m.close({}).at(0).slots_offered == 0);
}

TEST_CASE("an impression keeps its candidate's propensity, unless caps had a say", "[metaspace]") {
  const auto c = four();
  const propensity half{0.5f, propensity_source::exact}, tenth{0.1f, propensity_source::resampled};
  const auto p = proposal(2, {{at(*c, 0), 2, half}, {at(*c, 3), 1, tenth}});
  metaspace_mind m({.caps = {.slots = 4}});
  m.see(c);
  const auto g = m.grant(p);
  REQUIRE(g.impressions.size() == 2);
  CHECK(g.impressions[0].propensity == half);
  CHECK(g.impressions[1].propensity == tenth);

  metaspace_mind capped({.caps = {.slots = 4, .per_goal = 1}});
  capped.see(c);
  for (const auto& i : capped.grant(p).impressions)
    CHECK_FALSE(i.propensity.known());
}

TEST_CASE("a candidate whose propensity is no probability is refused by name", "[metaspace]") {
  const auto c = four();
  metaspace_mind m({.caps = {.slots = 4}});
  m.see(c);
  const auto exactly = [](float value) { return propensity{value, propensity_source::exact}; };
  const auto g = m.grant(
    proposal(4, {{at(*c, 0), 3, exactly(0)}, {at(*c, 1), 2, exactly(1.5f)}, {at(*c, 2), 1, exactly(1)}}));
  CHECK(creations_of(g) == std::vector{at(*c, 2)});
  CHECK(refused(m, errc::bad_propensity) == 2);
}

namespace {

/// Two creators choose what to be about, for three people in one slot each, of whom two prefer topic 0 to 1, two 1 to 2 and
/// two 2 to 0. What a creator earns is what MetaSpace's report says of its creation.
payoff_function granted_game(reward_rule rule) {
  return [rule](std::size_t creator, const pure_profile& topics) {
    constexpr std::array<std::array<float, 3>, 3> worth{{{.9f, .6f, .3f}, {.3f, .9f, .6f}, {.6f, .3f, .9f}}};
    const auto c = period_of({{goal_id{0}, owner_id{0}, {1, 0}}, {goal_id{1}, owner_id{1}, {0, 1}}});
    metaspace_mind m({.rewards = rule});
    m.see(c);
    std::map<creation_id, std::uint64_t> shown;
    for (const auto& person : worth)
      for (auto id : creations_of(m.grant(proposal(1, {{at(*c, 0), person[topics[0]]}, {at(*c, 1), person[topics[1]]}}))))
        ++shown[id];
    regret_report r{.stated = {}, .slate = {}, .exposures = {}};
    for (const auto& [id, times] : shown)
      r.exposures.push_back({id, times, {}});
    const auto own = at(*c, static_cast<std::uint32_t>(creator));
    const auto reports = m.close(r);
    for (const auto& x : reports.at(0).exposures)
      if (x.creation == own)
        return rule == reward_rule::backward ? sum_of(x.merit).value() : static_cast<double>(x.impressions);
    return 0.0;
  };
}

} // namespace

TEST_CASE("creators who are paid by impressions circle, by backward rewards they settle", "[metaspace][reward_rule]") {
  const std::array<std::size_t, 2> topics{3, 3};
  for (std::size_t start = 0; start < 9; ++start) {
    const pure_profile from{start / 3, start % 3};
    CHECK_FALSE(best_response_path(topics, granted_game(reward_rule::exposure), from).cycle.empty());
    CHECK(best_response_path(topics, granted_game(reward_rule::backward), from, 100'000, 1e-6).settled);
  }
}

TEST_CASE("a merit is what the slate would lose without the creation", "[metaspace][reward_rule]") {
  const auto c = four();
  metaspace_mind m({.rewards = reward_rule::backward});
  m.see(c);
  m.grant(proposal(2, {{at(*c, 0), .9f}, {creation_id{77}, .8f}, {at(*c, 1), .7f}, {at(*c, 2), .4f}, {at(*c, 3), .1f}}));
  m.grant(proposal(2, {{at(*c, 0), .5f}, {at(*c, 2), -.5f}})); // nobody else in line
  m.grant(proposal(1, {{at(*c, 3), -.5f}, {at(*c, 2), -.7f}}));
  const auto merit = [](const attention_report& a, std::size_t i) { return sum_of(a.exposures.at(i).merit).value(); };
  regret_report r{.stated = {}, .slate = {}, .exposures = {{at(*c, 0), 2, {}}, {at(*c, 1), 1, {}}, {at(*c, 2), 1, {}}, {at(*c, 3), 1, {}}}};
  const auto first = m.close(r).at(0);
  CHECK(merit(first, 0) == Approx(.5 + .5));
  CHECK(merit(first, 1) == Approx(.3));
  CHECK(merit(first, 2) == 0);
  CHECK(merit(first, 3) == 0);
  CHECK(merit(m.close(r).at(0), 0) == 0); // told once
}

TEST_CASE("behind caps, the next in line is the next that slots could go to", "[metaspace][reward_rule]") {
  const auto c = four();
  metaspace_mind m({.caps = {.per_goal = 1}, .rewards = reward_rule::backward});
  m.see(c);
  m.grant(proposal(2, {{at(*c, 0), .9f}, {at(*c, 1), .8f}, {at(*c, 2), .6f}, {at(*c, 3), .5f}}));
  const auto a = m.close({.stated = {}, .slate = {}, .exposures = {{at(*c, 0), 1, {}}, {at(*c, 2), 1, {}}}}).at(0);
  CHECK(sum_of(a.exposures.at(0).merit).value() == Approx(.4));
  CHECK(sum_of(a.exposures.at(1).merit).value() == Approx(.1));
}
