// A User Buddy's mind that was saved and restored does what the one that was saved does.
#include "actors/protocol/state/user_state.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"
#include "tests/support/counting_policy.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <functional>
#include <string>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 9;

/// Another preference each time.
struct counting final : ammo::test::counting_policy {
  ranking choose(const slate_view& view) const override {
    const auto q = sampled_preference(view, splitmix64(view.randomness()() + ++chosen[view.user]));
    auto best = best_slate(view.options, view.snapshots, span_of(q), view.n);
    best.resize(std::min(best.size(), view.most()));
    return best;
  }
};

struct world {
  std::string name;
  std::function<void(user_config&)> with;
};

const std::vector<world> worlds{
  {"the default", [](user_config&) {}},
  {"caps and spares", [](user_config& c) { c.spare_candidates = 4; }},
  {"what the group likes", [](user_config& c) { c.group_weight = 0.8; }},
  {"ftrl", [](user_config& c) { c.policy = user_policy::ftrl; }},
  {"a host's policy", [](user_config& c) { c.policy = user_policy::host; }},
  {"restart", [](user_config& c) { c.drift = user_drift::restart; }},
  {"discount", [](user_config& c) { c.drift = user_drift::discount; c.discount = 0.99; }},
  {"logistic", [](user_config& c) { c.belief = user_belief_model::logistic; }},
  {"choice, discounted", [](user_config& c) { c.belief = user_belief_model::choice; c.drift = user_drift::discount; }},
  {"a prior of many", [](user_config& c) {
     c.prior = std::make_shared<const std::vector<ridge_posterior<float>>>(std::vector{
       ridge_posterior<float>(std::vector<float>(15, 1.5f), std::vector<float>(5, 0.2f)), ridge_posterior<float>(4, 2)});
   }},
};

/// Two subspaces whose creations come, move and go, and feedback that comes in any order, in parts, or never.
struct game {
  splitmix64 g;
  user_config config = config_of(dim, {{"coin", {0, 5}}, {"edu", {5, 4}}}, user_policy::sampled_ucb);
  std::vector<catalogue> homes{random_catalogue(subspace_id{0}, {0, 5}, 30, 3), random_catalogue(subspace_id{1}, {5, 4}, 20, 4)};
  std::vector<std::pair<std::uint64_t, std::vector<creation_id>>> awaited;

  game(const world& w, std::uint64_t seed) : g(seed) {
    config.seed = seed;
    w.with(config);
    if (config.policy == user_policy::host)
      config.host = std::make_shared<counting>();
  }
  std::uint64_t below(std::uint64_t n) { return g() % n; }
  [[nodiscard]] std::shared_ptr<const user_config> own_config() const {
    auto c = config;
    if (c.host)
      c.host = std::make_shared<counting>();
    c.embeddings = std::make_shared<embedding_store>();
    return std::make_shared<const user_config>(c);
  }

  reward next_reward() {
    const std::size_t at = below(awaited.size());
    auto& [round, creations] = awaited[at];
    reward r{user_id{1}, round, {}};
    for (auto n = 1 + below(creations.size()); n > 0; --n) {
      r.entries.push_back({creations.back(), static_cast<float>(below(3)) / 2});
      creations.pop_back();
    }
    if (creations.empty() || below(8) == 0)
      awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(at));
    return r;
  }

  void move_one() {
    auto& c = homes[below(2)];
    const auto now = c.publish();
    std::uint32_t row = 0;
    do
      row = static_cast<std::uint32_t>(below(now->live()));
    while (now->info(row).id == no_creation);
    const auto info = now->info(row);
    REQUIRE(c.move(info.goal, info.id, unit_vector(g, now->coordinates().width)));
  }

  /// The next thing that happens, to each of `minds` the same; all answer alike.
  void play(const std::vector<user_mind*>& minds) {
    const auto same = [&](auto ask) {
      const auto first = ask(*minds.front());
      for (user_mind* m : minds)
        if (m != minds.front() && !(ask(*m) == first))
          FAIL("answers differ");
      return first;
    };
    switch (below(10)) {
      case 0: case 1: case 2: {
        const auto n = static_cast<std::uint32_t>(1 + below(5));
        const auto p = same([&](user_mind& m) { return m.propose(occasion::round, 0, n).value(); });
        auto& [round, creations] = awaited.emplace_back(p.round, std::vector<creation_id>{});
        for (const candidate& c : p.candidates)
          creations.push_back(c.creation);
        if (creations.empty())
          awaited.pop_back();
        break;
      }
      case 3: case 4: case 5: {
        if (awaited.empty())
          return;
        const reward r = next_reward();
        same([&](user_mind& m) { return m.learn(r); });
        break;
      }
      case 6: {
        if (awaited.size() < 2)
          return;
        const auto& [a, of_a] = awaited[below(awaited.size())];
        const auto& [b, of_b] = awaited[below(awaited.size())];
        const comparison c{user_id{1}, of_a.front(), of_b.back(), a, b};
        same([&](user_mind& m) { return m.learn(c); });
        break;
      }
      case 7: case 8: {
        move_one();
        for (const auto& version : {homes[0].publish(), homes[1].publish()})
          for (user_mind* m : minds)
            m->see(version);
        break;
      }
      default: {
        if (below(20) == 0) {
          const auto v = unit_vector(g, 4);
          same([&](user_mind& m) { return m.take_interest(subspace_id{1}, v, 0.5); });
        }
        const shared_consensus group{std::make_shared<const consensus>(consensus{{unit_vector(g, 5)}, uniform01(g)})};
        same([&](user_mind& m) { return m.hear(subspace_id{0}, group); });
        same([](const user_mind& m) { return m.believe(); });
        same([](const user_mind& m) { return m.watching(3, 0.1f); });
        same([](const user_mind& m) { return m.moments(std::vector{flat_prior(5, 0.2), flat_prior(4, 0.25)}); });
      }
    }
  }
};

void check_same(const user_mind& a, const user_mind& b) {
  const auto x = a.save(), y = b.save();
  CHECK(x.rounds == y.rounds);
  CHECK(x.observations == y.observations);
  CHECK(x.explores == y.explores);
  CHECK((x.prior == y.prior));
  CHECK((x.belief == y.belief));
  CHECK(std::ranges::equal(x.gone, y.gone, [](const auto& g, const auto& h) {
    return g->creation == h->creation && g->e == h->e;
  }));
  CHECK((x.slates == y.slates));
  CHECK((x.policy == y.policy));
}

} // namespace

TEST_CASE("a mind that was saved and restored does what the one that was saved does", "[user_mind][state]") {
  const world& w = worlds[GENERATE(range(std::size_t{0}, std::size_t{10}))];
  INFO(w.name);
  game play(w, 5);
  user_mind mind(play.own_config(), user_id{1});
  for (auto& home : play.homes)
    mind.see(home.publish());
  mind.adopt({0.4, 0.1, 2});
  for (int i = 0; i < 400; ++i)
    play.play({&mind});
  const auto state = mind.save();
  auto again = user_mind::restore(play.own_config(), state);
  REQUIRE(again.code() == errc::ok);
  check_same(mind, *again);
  user_mind copy = mind;
  if (play.config.policy == user_policy::host) // both copies would count as one
    copy = user_mind::restore(play.own_config(), state).value();
  for (int i = 0; i < 400; ++i)
    play.play({&mind, &*again, &copy});
  check_same(mind, *again);
}

TEST_CASE("what a mind refers to is held once by all who share a store, and not in old catalogues", "[user_mind][state]") {
  const world& w = worlds[GENERATE(0, 6)];
  game play(w, 8);
  const auto shared = play.own_config();
  user_mind one(shared, user_id{1}), two(shared, user_id{1});
  std::weak_ptr<const catalogue_version> first = play.homes[0].publish();
  for (auto& home : play.homes)
    for (user_mind* m : {&one, &two})
      m->see(home.publish());
  for (int i = 0; i < 200; ++i)
    play.play({&one, &two});
  CHECK(first.expired());
  const auto held = one.save().gone.size(); // a state holds on to them, too
  CHECK(held > 0);
  CHECK(shared->embeddings->size() >= held);
  CHECK(shared->embeddings->size() <= held + 80); // until the next release
  for (int i = 0; i < 40; ++i)                           // nobody answers any more
    for (user_mind* m : {&one, &two})
      REQUIRE(m->propose(occasion::round, 0, 5));
  one = user_mind(shared, user_id{1});
  two = one;
  CHECK(shared->embeddings->size() == 0);
}

TEST_CASE("a state that contradicts itself is refused by name", "[user_mind][state]") {
  game play(worlds[GENERATE(0, 3, 5, 8)], 6);
  user_mind mind(play.own_config(), user_id{1});
  for (auto& home : play.homes)
    mind.see(home.publish());
  for (int i = 0; i < 300; ++i)
    play.play({&mind});
  const auto good = mind.save();
  const auto refused = [&](auto&& spoil) {
    auto s = good;
    spoil(s);
    return user_mind::restore(play.own_config(), s).code();
  };
  REQUIRE(refused([](user_mind_state&) {}) == errc::ok);
  CHECK(refused([](user_mind_state& s) { s.belief = {}; }) == errc::bad_state);
  CHECK(refused([](user_mind_state& s) { s.catalogues.clear(); }) == errc::bad_state);
  CHECK(refused([](user_mind_state& s) { s.catalogues.push_back(nullptr); }) == errc::bad_state);
  CHECK(refused([](user_mind_state& s) { std::ranges::reverse(s.slates); }) == errc::bad_state);
  CHECK(refused([](user_mind_state& s) { s.rounds = 1; }) == errc::bad_state);
  CHECK(refused([](user_mind_state& s) { s.prior.resize(1); }) == errc::bad_state);
  if (!good.gone.empty()) {
    CHECK(refused([](user_mind_state& s) { s.gone.clear(); }) == errc::bad_state);
    CHECK(refused([](user_mind_state& s) { s.gone.front() = nullptr; }) == errc::bad_state);
    CHECK(refused([](user_mind_state& s) {
            auto wider = *s.gone.front();
            wider.e.push_back(1);
            s.gone.front() = std::make_shared<const held_embedding>(std::move(wider));
          }) == errc::bad_state);
  }
  if (!good.policy.ftrl.empty())
    CHECK(refused([](user_mind_state& s) { s.policy.ftrl.clear(); }) == errc::bad_state);
}
