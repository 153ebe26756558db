#include "actors/subspace/subspace_actor.hpp"
#include "actors/user_buddy/user_buddy_actor.hpp"
#include "tests/actor/fixture.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

/// A live Subspace, a Goal Buddy that has joined it, and so many User Buddies; the test receives for all of them.
struct published {
  static constexpr std::uint64_t users = 2'000;
  fixture f;

  published() {
    auto setup = std::make_shared<subspace_setup>();
    setup->ctx = f.ctx;
    setup->config = {.id = subspace_id{0}, .coordinates = {0, 2}};
    f.put(subspace_0, f.system.spawn(subspace, setup));
    f.listen(goal(1));
    for (std::uint64_t i = 0; i < users; ++i) {
      f.listen(user(i));
      f.send(user(i), subspace_0, join{user_id{i}});
    }
    f.send(goal(1), subspace_0, join_goal{goal_id{1}, owner_id{1}, 1'000});
    f.receive([](const join_goal&) {});
  }
  void offer(std::uint64_t key) {
    creation_offer o;
    o.goal = goal_id{1};
    o.key = key;
    o.e.values = o.grounded.values = {1, 0};
    f.send(goal(1), subspace_0, std::move(o));
  }
};

} // namespace

TEST_CASE("a verdict doesn't wait until every User Buddy was sent the news, and the board has its version", "[actor][subspace]") {
  published p;
  p.offer(1);
  std::uint64_t told = 0, told_before = 0;
  errc verdict = errc::internal;
  for (std::uint64_t i = 0; i < published::users + 1; ++i)
    p.f.receive([&](const catalogue_news& m) { told += m.snapshot->version() == 1; },
                [&](const creation_verdict& v) {
                  verdict = v.code;
                  told_before = told;
                  CHECK(p.f.ctx->catalogues.version(subspace_id{0}) == 1);
                  CHECK(p.f.ctx->catalogues.newest(subspace_id{0})->live() == 1);
                });
  CHECK(verdict == errc::ok);
  CHECK(told_before <= fan_out::chunk);
  CHECK(told == published::users);
}

TEST_CASE("MetaSpace grants what hangs on the board before it has been sent the news", "[actor][metaspace]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  f.listen(aipp_0);
  const auto live = f.snapshot(1);
  f.ctx->catalogues.post(live);
  f.send(user(1), metaspace_0, slate_proposal{user_id{1}, 1, occasion::push, 0, 1, {{live->info(0).id, 1.0f}}});
  f.receive([&](const slates_granted& all) {
    REQUIRE(all.slates.size() == 1);
    REQUIRE(all.slates[0].impressions.size() == 1);
    CHECK(all.slates[0].impressions[0].creation == live->info(0).id);
  });
}

TEST_CASE("a User Buddy proposes by the board's version before it has been sent the news", "[actor][user]") {
  fixture f;
  catalogue films(subspace_id{0}, {0, 2});
  REQUIRE(films.add(goal_id{1}, owner_id{1}, 1, std::vector<float>{1, 0}));
  auto config = std::make_shared<user_config>();
  config->space = f.space;
  auto links = std::make_shared<user_buddy_links>();
  links->ctx = f.ctx;
  links->config = config;
  links->metaspace = metaspace_0;
  f.put(user(1), f.system.spawn(user_buddy, links, user_id{1}, std::shared_ptr<user_mind>{}, std::uint64_t{0}));
  f.listen(metaspace_0, the_host);
  f.send(the_host, user(1), slate_request{.user = user_id{1}, .request = 1, .slots = 1});
  f.receive([](const slate_delivery& d) { CHECK(d.code == errc::no_catalogue); });
  f.ctx->catalogues.post(films.publish());
  f.send(the_host, user(1), slate_request{.user = user_id{1}, .request = 2, .slots = 1});
  f.receive([](const slate_proposal& p) { CHECK(p.candidates.size() == 1); });
}
