#include "actors/population/population_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"
#include "tests/support/allocations.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

/// A User Buddy in name: adds (1, 2, 3, …) to every sum.
caf::behavior honest(caf::event_based_actor*, context_ptr ctx, user_id me) {
  return {[ctx, me](delivery<prior_sum>& d) {
    auto& m = d.body;
    for (std::size_t i = 0; i < m.sums.size(); ++i)
      m.sums[i] += (i < 2 ? std::uint64_t{1} : std::uint64_t{2}) << 32;
    const auto from = user(raw(me));
    if (m.next.empty()) {
      send_as(from, *ctx, the_population, std::move(m));
      return;
    }
    const auto next = user(raw(m.next.back()));
    m.next.pop_back();
    send_as(from, *ctx, next, std::move(m));
  }};
}
/// Takes a sum and says nothing more.
caf::behavior silent(caf::event_based_actor*, int) {
  return {[](const delivery<prior_sum>&) {}};
}

void spawn_population(fixture& f, std::uint32_t cohort) {
  auto config = std::make_shared<user_config>(user_config{{.space = f.space}, {}});
  population_setup setup{.ctx = f.ctx, .config = config, .cohort = cohort, .interval = std::chrono::milliseconds{1}, .timeout = std::chrono::milliseconds{50}};
  f.put(the_population, f.system.spawn(population, std::make_shared<population_setup>(std::move(setup))));
  f.listen(the_supervisor);
}

void join_as(fixture& f, std::uint64_t id, caf::actor buddy) {
  f.put(user(id), std::move(buddy));
  f.send(user(id), the_population, join{user_id{id}});
}

} // namespace

TEST_CASE("a ring of User Buddies tells the Supervisor what people are like", "[actor][prior]") {
  fixture f;
  spawn_population(f, 4);
  for (std::uint64_t id = 0; id < 4; ++id)
    join_as(f, id, f.system.spawn(honest, f.ctx, user_id{id}));
  f.receive([](const prior_news& m) {
    CHECK(m.people == 4);
    REQUIRE(m.priors.size() == 1);
    CHECK(m.priors[0].mean[0] == Approx(4.0 / 5)); // 4 people at 1, one at 0
    CHECK(m.priors[0].mean[1] == Approx(4.0 / 5));
  });
}

TEST_CASE("what people's rewards are like goes to the users of every shard, and to the clock that asked", "[actor][prior]") {
  fixture f;
  user_config config{{.space = f.space}, {}};
  config.learner = user_learner::people;
  population_setup setup{.ctx = f.ctx, .config = std::make_shared<user_config>(config), .cohort = 2, .interval = std::chrono::milliseconds{0}, .shards = 1, .timeout = std::chrono::milliseconds{50}};
  f.put(the_population, f.system.spawn(population, std::make_shared<population_setup>(std::move(setup))));
  f.listen(metaspace_0, the_clock);
  f.send(the_clock, the_population, period_close{1});
  f.receive([](const people_news& m) { CHECK(m.of.empty()); }); // nobody is there
  const auto links = std::make_shared<const user_buddy_links>(
    user_buddy_links{.ctx = f.ctx, .config = std::make_shared<user_config>(config), .metaspace = metaspace_0, .slots = 3});
  for (std::uint64_t id = 0; id < 4; ++id)
    join_as(f, id, f.system.spawn(user_buddy, links, user_id{id}, std::shared_ptr<user_mind>{}, std::uint64_t{0}));
  f.send(the_clock, the_population, period_close{2});
  for (int who = 0; who < 2; ++who)
    f.receive([](const people_news& m) {
      REQUIRE(m.of.size() == 1);
      CHECK(m.of[0].people == 4);
    });
}

TEST_CASE("a ring that doesn't come back is counted, and others are tried", "[actor][prior]") {
  fixture f;
  spawn_population(f, 2);
  for (std::uint64_t id = 0; id < 7; ++id)
    join_as(f, id, f.system.spawn(honest, f.ctx, user_id{id}));
  join_as(f, 7, f.system.spawn(silent, 0));
  std::uint64_t passes = 0;
  while (f.ctx->count.refused(errc::timed_out) == 0)
    f.receive([&](const prior_news& m) { CHECK(m.people % 2 == 0); ++passes; });
  f.send(user(7), the_population, leave{user_id{7}});
  f.receive([](const prior_news& m) { CHECK(m.people >= 6); });
}

TEST_CASE("new User Buddies start from the newest prior", "[actor][prior]") {
  fixture f;
  auto config = std::make_shared<user_config>(user_config{{.space = f.space}, {}});
  auto links = std::make_shared<user_buddy_links>(
    user_buddy_links{.ctx = f.ctx, .config = config, .metaspace = metaspace_0, .slots = 3});
  f.put(the_supervisor, f.system.spawn(supervisor, std::make_shared<supervisor_setup>(supervisor_setup{
                                                     .ctx = f.ctx, .users = {links}, .goals = {}})));
  f.listen(metaspace_0, aipp_0, the_host);
  f.send(the_population, the_supervisor, prior_news{1, 16, {{{0.5, 0.25}, {0.1, 0, 0.1}}}});
  f.send(the_population, the_supervisor, prior_news{2, 16, {{{0.9, 0.25}, {0.1, 9, 0.1}}}}); // no covariance: refused, the one before stays
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 1});
  f.receive_all(3, [](const join&) {}, [](const admission&) {});
  f.send(the_host, user(1), belief_request{user_id{1}, 1});
  f.receive([](const belief& b) { CHECK(b.mean.values == std::vector{0.5f, 0.25f}); });
  CHECK(f.ctx->count.refused(errc::posterior_not_definite) == 1);

  // A stated interest is learned, and answered.
  f.send(the_host, user(1), interest_statement{user_id{1}, 7, 0.9, {{subspace_id{0}, {{0, 1}}}}});
  f.receive([](const feedback_verdict& v) { CHECK((v.request == 7 && v.code == errc::ok)); });
  f.send(the_host, user(1), interest_statement{user_id{1}, 8, 0.9, {{subspace_id{0}, {{0, 1}}}, {subspace_id{3}, {{0, 1}}}}});
  f.receive([](const feedback_verdict& v) { CHECK((v.request == 8 && v.code == errc::unknown_subspace)); });
}

TEST_CASE("a Population that fails at a pass begins it a second later, and the next ones, too", "[actor][prior][failures]") {
  fixture f;
  auto config = std::make_shared<user_config>(user_config{{.space = f.space}, {}});
  population_setup setup{.ctx = f.ctx, .config = config, .cohort = 2, .interval = std::chrono::hours{1'000}, .timeout = std::chrono::milliseconds{50}};
  f.put(the_population, f.system.spawn(population, std::make_shared<population_setup>(std::move(setup))));
  f.listen(the_supervisor, user(0), user(1));
  for (std::uint64_t id = 0; id < 2; ++id)
    f.send(user(id), the_population, join{user_id{id}});
  f.settle();
  std::uint64_t failed = 0, pass = 0;
  for (std::uint64_t due = 1; failed + 1 == due; ++due) { // at each piece of memory that it takes
    (void)hand_over(*f.ctx, the_population, pass_due{.number = due});
    fail_allocation_after(failed);
    f.settle();
    failed += !spare_allocations();
    f.advance(std::chrono::seconds(30)); // the ring doesn't come back
    const auto before = pass;
    while (!f.nothing_of<prior_sum>())
      ++pass;
    CHECK(pass > before);
  }
  CHECK(failed > 3);
}
