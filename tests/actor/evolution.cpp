#include "actors/aipp/aipp_actor.hpp"
#include "actors/evolution/evolution_actor.hpp"
#include "actors/goal_buddy/goal_buddy_actor.hpp"
#include "actors/user_buddy/user_buddy_actor.hpp"
#include "tests/actor/fixture.hpp"
#include "tests/support/allocations.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

strain_news strains(double noise) { return {1, {{1, buddy_kind::user, {}, {{gene::noise, noise}}}}}; }

/// MetaSpace answers to say that it goes on.
void goes_on(fixture& f) {
  f.send(the_host, metaspace_0, statistics_request{5});
  f.receive([](const statistics& m) { CHECK(m.request == 5); });
}

} // namespace

TEST_CASE("MetaSpace passes strains on, to who comes later as well, and refuses bad ones by name", "[actor][evolution][bad-input]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  f.listen(the_host, user(1), user(2));
  f.send(user(1), metaspace_0, join{user_id{1}});
  f.send(the_evolution, metaspace_0, strains(0.5));
  f.receive([](const strain_news& got) { CHECK(got == strains(0.5)); });
  auto twins = strains(0.5);
  twins.strains.push_back(twins.strains.front());
  f.send(the_evolution, metaspace_0, strain_news{});
  f.send(the_evolution, metaspace_0, strains(99));
  f.send(the_evolution, metaspace_0, twins);
  goes_on(f); // and nothing of them came before
  CHECK(f.ctx->count.refused(errc::empty_population) == 1);
  CHECK(f.ctx->count.refused(errc::gene_out_of_range) == 1);
  CHECK(f.ctx->count.refused(errc::duplicate_lineage) == 1);
  f.send(user(2), metaspace_0, join{user_id{2}});
  f.receive([](const strain_news& got) { CHECK(got == strains(0.5)); });
}

TEST_CASE("a User Buddy refuses a bad strain by name, and plays on", "[actor][evolution][bad-input]") {
  fixture f;
  auto links = std::make_shared<user_buddy_links>(user_buddy_links{
    .ctx = f.ctx, .config = std::make_shared<user_config>(user_config{{.space = f.space}, {}}), .metaspace = metaspace_0, .slots = 2});
  f.put(user(1), f.system.spawn(user_buddy, links, user_id{1}, std::shared_ptr<user_mind>{}, std::uint64_t{0}));
  f.listen(metaspace_0);
  auto live = f.snapshot(4);
  f.send(subspace_0, user(1), catalogue_news{live, {}});
  f.send(metaspace_0, user(1), strains(99));
  f.send(metaspace_0, user(1), strains(0.5));
  f.send(metaspace_0, user(1), clock_tick{1, 1});
  f.receive([](const slate_proposal& p) { CHECK(p.round == 1); });
  CHECK(f.ctx->count.refused(errc::gene_out_of_range) == 1);
}

TEST_CASE("Evolution ends a generation when the clock says so, tells the hubs first, and counts bad reports", "[actor][evolution]") {
  fixture f;
  auto mind = evolution_mind::found({.strains = 3, .user_genes = {gene::noise}}).value();
  const auto founders = mind.news();
  f.put(the_evolution, f.system.spawn(evolution, std::make_shared<evolution_setup>(
                                                   evolution_setup{.ctx = f.ctx, .mind = std::move(mind), .shards = 1, .subspaces = 1})));
  f.listen(metaspace_0, aipp_0, subspace_0, the_clock);
  strain_report r{1, 0, buddy_kind::user, {}, 0, std::vector<strain_tally>(3)};
  f.send(aipp_0, the_evolution, r);
  r.strains.pop_back();
  f.send(aipp_0, the_evolution, r);
  f.send(the_clock, the_evolution, period_close{1});
  for (int to = 0; to < 4; ++to) // the hubs, then the clock
    f.receive([&](const strain_news& m) {
      CHECK(m.generation == 1);
      CHECK(m.strains == founders.strains); // too young to be judged
    });
  CHECK(f.ctx->count.refused(errc::wrong_dimension) == 1);
  f.send(the_clock, the_evolution, evolution_request{8});
  f.receive([](const evolution_report& m) {
    CHECK((m.request == 8 && m.generation == 1));
    REQUIRE(m.kinds.size() == 1);
    CHECK(m.kinds.front().lineage.size() == 3);
    CHECK(m.kinds.front().generations.front().complete);
  });
}

TEST_CASE("live, Evolution ends generations by itself, and counts who doesn't report", "[actor][evolution]") {
  fixture f;
  auto mind = evolution_mind::found({.strains = 3, .user_genes = {gene::noise}}).value();
  f.put(the_evolution, f.system.spawn(evolution, std::make_shared<evolution_setup>(evolution_setup{
                                                   .ctx = f.ctx, .mind = std::move(mind), .shards = 1, .subspaces = 0, .interval = std::chrono::milliseconds{1}})));
  f.listen(metaspace_0);
  for (std::uint64_t generation = 1; generation <= 3; ++generation)
    f.receive([&](const strain_news& m) { CHECK(m.generation == generation); });
  CHECK(f.ctx->count.refused(errc::timed_out) >= 3);
}

TEST_CASE("Evolution that fails goes on from its last generation, whatever it failed at", "[actor][evolution][failures]") {
  fixture f;
  auto mind = evolution_mind::found({.strains = 3, .user_genes = {gene::noise}}).value();
  const auto founders = mind.news();
  f.put(the_evolution, f.system.spawn(evolution, std::make_shared<evolution_setup>(evolution_setup{
                                                   .ctx = f.ctx, .mind = std::move(mind), .shards = 1, .subspaces = 0, .interval = std::chrono::hours{1'000}})));
  f.listen(metaspace_0, aipp_0, the_clock);
  const auto generation = [&] { return f.ask<evolution_report>(the_clock, the_evolution, evolution_request{8}).generation; };
  std::uint64_t failed = 0;
  for (std::size_t at = 0;; ++at) {
    f.advance(std::chrono::minutes{1}); // a failure a minute isn't often
    const auto before = f.ctx->count.of(counter::restarts);
    (void)hand_over(*f.ctx, the_evolution, generation_due{.late = true});
    fail_allocation_after(at);
    f.settle();
    const bool spared = spare_allocations();
    failed += f.ctx->count.of(counter::restarts) - before;
    f.advance(std::chrono::seconds{2});
    if (spared)
      break;
  }
  CHECK(failed > 10);
  CHECK_FALSE(f.ctx->failures.holds(the_evolution));
  const auto now = generation();
  CHECK(now > failed); // what failed was done a second later
  f.send(the_clock, the_evolution, period_close{1});
  bool same = false;
  for (int to = 0; to < 3; ++to)
    f.receive([&](const strain_news& m) { same = m.strains == founders.strains; });
  CHECK(same);
}
