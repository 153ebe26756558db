#include "ammo/simulation.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>

using namespace ammo;
using namespace ammo::testing;

namespace {

options evolving() {
  auto o = real_game("coin", 30, 60);
  o.simulation.rounds_per_epoch = 3;
  o.simulation.baselines = false;
  o.evolution.strains = 6;
  o.evolution.generation_epochs = 2;
  o.evolution.patience = 1;
  o.threads = 2;
  return o;
}

} // namespace

TEST_CASE("evolution gives the same report with one thread or two, and through the wire", "[evolution]") {
  auto o = evolving();
  const auto two = without_timings(played(o));
  o.threads = 1;
  CHECK(without_timings(played(o)) == two);
  o.wire_check = true;
  CHECK(without_timings(played(o)) == two);
}

TEST_CASE("both kinds of buddy evolve while they play, and the report says how", "[evolution]") {
  const auto r = played(evolving());
  REQUIRE(r.evolved.size() == 2);
  CHECK(r.evolved[0].name == "User Buddies");
  CHECK(r.evolved[0].hyper_parameters == std::vector<std::string>{"noise", "optimism"});
  CHECK(r.evolved[1].name == "Goal Buddies of coin");
  CHECK(r.evolved[1].hyper_parameters == std::vector<std::string>{"step", "patience"});
  for (const auto& e : r.evolved) {
    REQUIRE(e.generations.size() == 10);
    std::uint64_t replaced = 0;
    for (const auto& g : e.generations) {
      CHECK(g.diversity >= r.diversity_floor);
      replaced += g.replaced;
    }
    CHECK(replaced > 0);
    CHECK(e.lineage.size() == 6 + replaced);
    CHECK(e.best_values.size() == e.hyper_parameters.size());
  }
  CHECK(r.refused.empty());
  CHECK(r.slots_granted > 0);
}

TEST_CASE("the strains' game differs from the one without, and founders who stay play the same one again", "[evolution]") {
  auto o = evolving();
  o.evolution.truncation = 0;
  const auto still = played(o);
  CHECK(still.evolved[0].lineage.size() == 6);
  CHECK(still.evolved[0].generations.front().welfare == played(evolving()).evolved[0].generations.front().welfare);
  o.evolution.strains = 0;
  const auto plain = played(o);
  CHECK(plain.evolved.empty());
  CHECK(plain.main.slate != still.main.slate);
}

TEST_CASE("a live runtime evolves in the background, and serves as ever", "[evolution][runtime]") {
  options o;
  o.slots = 2;
  o.threads = 2;
  o.subspaces.push_back({.name = "film", .width = 2});
  o.goal.policy = "exploiter";
  o.evolution.strains = 3;
  auto rt = runtime::start(o);
  REQUIRE(rt);
  for (int i = 0; i < 6; ++i)
    REQUIRE((*rt)->add_goal({.goal = goal_id(i), .owner = owner_id(i), .subspace = "film",
                             .grounded = {0.1f * static_cast<float>(i), 0.5f}, .content = std::uint64_t(i)}));
  REQUIRE((*rt)->add_user(user_id{1}));
  for (int round = 0; round < 20; ++round) {
    const auto shown = (*rt)->ask(user_id{1});
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      REQUIRE((*rt)->feedback(user_id{1}, x.impression, 0.5));
  }
  for (errc bad : {errc::gene_out_of_range, errc::duplicate_lineage, errc::empty_population, errc::frame_unknown_type})
    CHECK(refusals(**rt, bad) == 0);
}

TEST_CASE("a host sees what evolution has brought, from the founders on", "[evolution][runtime]") {
  options o;
  o.threads = 2;
  o.subspaces.push_back({.name = "film", .width = 2});
  o.goal.policy = "exploiter";
  o.evolution.strains = 4;
  o.evolution.generation_epochs = 1;
  auto rt = runtime::start(o);
  REQUIRE(rt);
  const auto founded = (*rt)->evolution().value();
  CHECK(founded.diversity_floor == o.evolution.diversity_floor);
  REQUIRE(founded.kinds.size() == 2);
  const auto& users = founded.kinds[0];
  CHECK((users.name == "User Buddies" && users.subspace.empty()));
  CHECK((founded.kinds[1].name == "Goal Buddies of film" && founded.kinds[1].subspace == "film"));
  CHECK(users.hyper_parameters == std::vector<std::string>{"noise", "optimism"});
  CHECK(users.diversity > 0);
  REQUIRE(users.strains.size() == 4);
  for (const auto& s : users.strains)
    CHECK((s.lineage != 0 && s.parent == 0 && s.hyper_parameters.size() == 2));

  REQUIRE((*rt)->add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}}));
  REQUIRE((*rt)->add_user(user_id{1}));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  evolution_standing now;
  do { // until somebody's score is known: two generations, of a second each
    const auto shown = (*rt)->ask(user_id{1});
    REQUIRE(shown);
    REQUIRE((*rt)->feedback(user_id{1}, shown->creations.at(0).impression, 0.5));
    now = (*rt)->evolution(use_future).get().value();
  } while (now.kinds[0].best == 0 && std::chrono::steady_clock::now() < deadline);
  CHECK(now.generation >= 2);
  CHECK(now.kinds[0].generations.size() == now.generation);
  REQUIRE(now.kinds[0].strains.size() == 4);
  CHECK(now.kinds[0].strains.front().lineage == now.kinds[0].best);
  CHECK(now.kinds[0].strains.front().hyper_parameters == now.kinds[0].best_values);
  CHECK(now.kinds[0].strains.front().score.has_value());

  std::promise<std::size_t> told;
  (*rt)->evolution([&](result<evolution_standing> r) { told.set_value(r ? r->kinds.size() : 0); });
  CHECK(told.get_future().get() == 2);
  (*rt)->stop();
  CHECK((*rt)->evolution().code() == errc::stopped);
}

TEST_CASE("where nothing evolves, asking what has evolved is refused by name", "[evolution][runtime][bad-input]") {
  options o;
  o.subspaces.push_back({.name = "film", .width = 2});
  auto rt = runtime::start(o);
  REQUIRE(rt);
  CHECK((*rt)->evolution().code() == errc::empty_population);
  CHECK(refusals(**rt, errc::empty_population) == 1);
}

TEST_CASE("how Goal Buddies write evolves with them where they write", "[evolution][writing]") {
  auto o = evolving();
  o.simulation.rounds = 12;
  o.goal.generator = "template";
  o.goal.share = 0.1;
  CHECK(played(o).evolved.at(1).hyper_parameters == std::vector<std::string>{"step", "patience", "reach", "length"});
}

TEST_CASE("where no policy has anything to evolve, a game is refused by name", "[evolution][bad-input]") {
  auto o = evolving();
  o.user.policy = "greedy";
  o.goal.policy = "static";
  CHECK(simulate(o).code() == errc::empty_population);
  o = evolving();
  o.evolution.strains = 1;
  CHECK(simulate(o).code() == errc::bad_value);
}
