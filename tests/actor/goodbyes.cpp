#include "actors/aipp/aipp_actor.hpp"
#include "actors/subspace/subspace_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <limits>

using namespace ammo;
using namespace ammo::test;

TEST_CASE("a slate for a user who has left is answered, and refused once", "[actor][aipp]") {
  fixture f;
  aipp_setup setup{.ctx = f.ctx, .config = {.space = f.space, .people = {}}, .host = the_host, .people = {}};
  f.put(aipp_0, f.system.spawn(aipp, std::make_shared<aipp_setup>(setup)));
  f.listen(the_host);
  f.send(metaspace_0, aipp_0, slates_granted{{{user_id{7}, 1, occasion::request, 42, errc::ok, {}}}});
  f.receive([](const slate_delivery& d) {
    CHECK(d.request == 42);
    CHECK(d.code == errc::unknown_user);
  });
  f.send(the_host, aipp_0, statistics_request{});
  f.receive([](const statistics& s) { CHECK(s.request == 0); });
  CHECK(f.ctx->count.of(counter::slates) == 0);
  CHECK(f.ctx->count.refused(errc::unknown_user) == 1);
}

TEST_CASE("a subspace gets its own attention, though one before it hasn't published", "[actor][metaspace]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  auto live = f.snapshot(2, subspace_id{1});
  f.listen(aipp_0, address_of<role::subspace>(1));
  f.send(address_of<role::subspace>(1), metaspace_0, catalogue_news{live, {}});
  regret_report all{.period = 1, .rounds = 3, .stated = {}, .slate = {}, .exposures = {}};
  all.exposures.push_back({live->info(0).id, 5, {}});
  f.send(aipp_0, metaspace_0, all);
  f.receive([&](const attention_report& r) {
    REQUIRE(r.exposures.size() == 1);
    CHECK(r.exposures[0].creation == live->info(0).id);
    CHECK(r.exposures[0].impressions == 5);
  });
}

TEST_CASE("everyone forgets a user whose buddy keeps failing", "[actor][supervisor]") {
  fixture f;
  auto links = std::make_shared<user_buddy_links>(user_buddy_links{
    .ctx = f.ctx, .config = std::make_shared<user_config>(user_config{{.space = f.space}, {}}), .metaspace = metaspace_0, .slots = 3});
  supervisor_setup setup{.ctx = f.ctx, .users = {links}, .goals = {}, .restarts = 0};
  f.put(the_supervisor, f.system.spawn(supervisor, std::make_shared<supervisor_setup>(setup)));
  f.listen(metaspace_0, aipp_0);
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 0});
  for (int i = 0; i < 2; ++i)
    f.receive([](const join&) {});
  const auto buddy = f.ctx->routes.find(user(1));
  caf::anon_send_exit(buddy, caf::exit_reason::kill);
  for (int i = 0; i < 2; ++i) // AiPP and MetaSpace
    f.receive([](const leave& m) { CHECK(m.user == user_id{1}); });
  CHECK(f.ctx->count.refused(errc::actor_failed) == 1);
}

TEST_CASE("a Goal Buddy that can't join is told why", "[actor][subspace]") {
  fixture f;
  subspace_setup setup{};
  setup.ctx = f.ctx;
  setup.config.coordinates = {0, 2};
  f.put(subspace_0, f.system.spawn(subspace, std::make_shared<subspace_setup>(setup)));
  f.listen(goal(1), goal(2));
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  f.send(goal(1), subspace_0, join_goal{goal_id{1}, owner_id{1}, most});
  f.receive([](const join_goal& m) { CHECK(m.goal == goal_id{1}); });
  f.send(goal(2), subspace_0, join_goal{goal_id{2}, owner_id{1}, most});
  f.receive([](const creation_verdict& v) {
    CHECK(v.goal == goal_id{2});
    CHECK(v.code == errc::budget_overflow);
  });
  CHECK(f.ctx->count.refused(errc::budget_overflow) == 1);
}

TEST_CASE("a User Buddy whose hello comes after its goodbye is no member", "[actor][subspace][metaspace]") {
  fixture f;
  subspace_setup setup{};
  setup.ctx = f.ctx;
  setup.config.coordinates = {0, 2};
  setup.host = the_host;
  f.put(subspace_0, f.system.spawn(subspace, std::make_shared<subspace_setup>(setup)));
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  f.listen(the_host);
  const auto told = [](std::uint64_t life) { return [life](const join& m) { CHECK(m == join{user_id{1}, life}); }; };
  f.send(user(1), subspace_0, join{user_id{1}, 2});
  f.receive(told(2));
  f.send(user(1), subspace_0, leave{user_id{1}, 1}); // of the life before
  f.send(user(1), subspace_0, join{user_id{1}, 2});
  f.receive(told(2));
  f.send(user(1), subspace_0, leave{user_id{1}, 2});
  f.send(user(1), subspace_0, join{user_id{1}, 2});
  f.send(user(1), metaspace_0, leave{user_id{1}, 2});
  f.send(user(1), metaspace_0, join{user_id{1}, 1});
  CHECK(f.nothing_of<join>());
  CHECK(f.ctx->count.refused(errc::stale_epoch) == 2);
  f.send(user(1), subspace_0, join{user_id{1}, 3});
  f.receive(told(3));
}

TEST_CASE("places of members who have left are used up by nobody", "[actor][fan-out]") {
  fan_out_to<role::user_buddy> group;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    group.add(i, user(i));
    group.remove(i);
  }
  CHECK(group.size() == 0);
  CHECK(group.places() < 100);
}
