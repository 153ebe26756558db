#include "actors/aipp/aipp_actor.hpp"
#include "actors/evolution/evolution_actor.hpp"
#include "actors/goal_buddy/goal_buddy_actor.hpp"
#include "actors/user_buddy/user_buddy_actor.hpp"
#include "tests/actor/fixture.hpp"

using namespace ammo;
using ammo::test::fixture;

namespace {

strain_news strains(double noise) { return {1, {{1, buddy_kind::user, {}, {{gene::noise, noise}}}}}; }

/// A shard of AiPP or MetaSpace, or a User Buddy, that answers to say that it goes on.
void goes_on(fixture& f, const caf::actor& who) {
  f.self->send(who, statistics_request{5});
  f.receive([](const statistics& m) { CHECK(m.request == 5); });
}

} // namespace

TEST_CASE("MetaSpace passes strains on, to who comes later as well, and refuses bad ones by name", "[actor][evolution][bad-input]") {
  fixture f;
  auto m = f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{f.ctx, {}, reward_rule::exposure, 0, 1, f.me(), {}}));
  f.spawned.push_back(m);
  f.self->send(m, join{user_id{1}});
  f.self->send(m, strains(0.5));
  f.receive([](const strain_news& got) { CHECK(got == strains(0.5)); });
  auto twins = strains(0.5);
  twins.strains.push_back(twins.strains.front());
  f.self->send(m, strain_news{});
  f.self->send(m, strains(99));
  f.self->send(m, twins);
  goes_on(f, m); // and nothing of them came before
  CHECK(f.ctx->count.refused(errc::empty_population) == 1);
  CHECK(f.ctx->count.refused(errc::gene_out_of_range) == 1);
  CHECK(f.ctx->count.refused(errc::duplicate_lineage) == 1);
  f.self->send(m, join{user_id{2}});
  f.receive([](const strain_news& got) { CHECK(got == strains(0.5)); });
}

TEST_CASE("a User Buddy refuses a bad strain by name, and plays on", "[actor][evolution][bad-input]") {
  fixture f;
  auto links = std::make_shared<user_buddy_links>(
    user_buddy_links{f.ctx, std::make_shared<user_config>(user_config{{.space = f.space}, {}}), f.me(), 2, false});
  auto buddy = f.system.spawn(user_buddy, links, user_id{1});
  f.spawned.push_back(buddy);
  auto live = f.snapshot(4);
  f.self->send(buddy, catalogue_news{live, {}});
  f.self->send(buddy, strains(99));
  f.self->send(buddy, strains(0.5));
  f.self->send(buddy, clock_tick{1, 1});
  f.receive([](const slate_proposal& p) { CHECK(p.round == 1); });
  CHECK(f.ctx->count.refused(errc::gene_out_of_range) == 1);
}

TEST_CASE("Evolution ends a generation when the clock says so, tells the hubs first, and counts bad reports", "[actor][evolution]") {
  fixture f;
  auto mind = evolution_mind::found({.strains = 3, .user_genes = {gene::noise}}).value();
  const auto founders = mind.news();
  auto hub = f.me();
  auto e = f.system.spawn(evolution, std::make_shared<evolution_setup>(evolution_setup{f.ctx, std::move(mind), {hub}, {}}));
  f.spawned.push_back(e);
  strain_report r{1, 0, buddy_kind::user, {}, 0, std::vector<strain_tally>(3)};
  f.self->send(e, r);
  r.strains.pop_back();
  f.self->send(e, r);
  f.self->send(e, period_close{1});
  for (int to = 0; to < 2; ++to) // the hub, then the clock
    f.receive([&](const strain_news& m) {
      CHECK(m.generation == 1);
      CHECK(m.strains == founders.strains); // too young to be judged
    });
  CHECK(f.ctx->count.refused(errc::wrong_dimension) == 1);
  f.self->send(e, evolution_request{8});
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
  auto e = f.system.spawn(evolution, std::make_shared<evolution_setup>(
                                       evolution_setup{f.ctx, std::move(mind), {f.me()}, std::chrono::milliseconds{1}}));
  f.spawned.push_back(e);
  for (std::uint64_t generation = 1; generation <= 3; ++generation)
    f.receive([&](const strain_news& m) { CHECK(m.generation == generation); });
  CHECK(f.ctx->count.refused(errc::timed_out) >= 3);
}
