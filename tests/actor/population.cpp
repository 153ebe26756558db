#include "actors/population/population_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"

using namespace ammo;
using ammo::test::fixture;

namespace {

/// A User Buddy in name: adds (1, 2, 3, …) to every sum.
caf::behavior honest(caf::event_based_actor* self, context_ptr ctx) {
  return {[self, ctx](ring_turn& m) {
    for (std::size_t i = 0; i < m.sum.sums.size(); ++i)
      m.sum.sums[i] += (i < 2 ? std::uint64_t{1} : std::uint64_t{2}) << 32;
    pass_on(self, *ctx, std::move(m));
  }};
}
/// Takes a sum and says nothing more.
caf::behavior silent(caf::event_based_actor*, int) {
  return {[](const ring_turn&) {}};
}

caf::actor spawned_population(fixture& f, std::uint32_t cohort) {
  auto config = std::make_shared<user_config>(user_config{{.space = f.space}, {}});
  auto p = f.system.spawn(population, std::make_shared<population_setup>(population_setup{
                                        f.ctx, config, cohort, 8, std::chrono::milliseconds{1}, std::chrono::milliseconds{50}}));
  f.spawned.push_back(p);
  f.self->send(p, prior_news{});
  return p;
}

void join_as(fixture& f, const caf::actor& p, std::uint64_t user, caf::actor buddy) {
  f.spawned.push_back(buddy);
  caf::send_as(buddy, p, join{user_id{user}});
}

} // namespace

TEST_CASE("a ring of User Buddies tells the Supervisor what people are like", "[actor][prior]") {
  fixture f;
  auto p = spawned_population(f, 4);
  for (std::uint64_t user = 0; user < 4; ++user)
    join_as(f, p, user, f.system.spawn(honest, f.ctx));
  f.receive([](const prior_news& m) {
    CHECK(m.people == 4);
    REQUIRE(m.priors.size() == 1);
    CHECK(m.priors[0].mean[0] == Approx(4.0 / 5)); // 4 people at 1, one at 0
    CHECK(m.priors[0].mean[1] == Approx(4.0 / 5));
  });
}

TEST_CASE("a ring that doesn't come back is counted, and others are tried", "[actor][prior]") {
  fixture f;
  auto p = spawned_population(f, 2);
  for (std::uint64_t user = 0; user < 7; ++user)
    join_as(f, p, user, f.system.spawn(honest, f.ctx));
  join_as(f, p, 7, f.system.spawn(silent, 0));
  std::uint64_t passes = 0;
  while (f.ctx->count.refused(errc::timed_out) == 0)
    f.receive([&](const prior_news& m) { CHECK(m.people % 2 == 0); ++passes; });
  caf::send_as(f.spawned.back(), p, leave{user_id{7}});
  f.receive([](const prior_news& m) { CHECK(m.people >= 6); });
}

TEST_CASE("new User Buddies start from the newest prior", "[actor][prior]") {
  fixture f;
  auto config = std::make_shared<user_config>(user_config{{.space = f.space}, {}});
  auto links = std::make_shared<user_buddy_links>(user_buddy_links{f.ctx, config, f.me(), 3, false});
  auto s = f.system.spawn(supervisor, std::make_shared<supervisor_setup>(supervisor_setup{
                                        .ctx = f.ctx, .users = {links}, .aipp = {f.me()}, .subspaces = {}, .goals = {}, .host = nullptr}));
  f.spawned.push_back(s);
  f.self->send(s, prior_news{1, 16, {{{0.5, 0.25}, {0.1, 0, 0.1}}}});
  f.self->send(s, prior_news{2, 16, {{{0.9, 0.25}, {0.1, 9, 0.1}}}}); // no covariance: refused, the one before stays
  f.self->send(s, admit_user{user_id{1}, 1});
  caf::actor buddy;
  for (int i = 0; i < 3; ++i)
    f.receive([&](const join&) { buddy = caf::actor_cast<caf::actor>(f.self->current_sender()); }, [](const admission&) {});
  f.self->send(buddy, belief_request{user_id{1}, 1});
  f.receive([](const belief& b) { CHECK(b.mean.values == std::vector{0.5f, 0.25f}); });
  CHECK(f.ctx->count.refused(errc::posterior_not_definite) == 1);

  // A stated interest is learned, and answered.
  f.self->send(buddy, interest_statement{user_id{1}, 7, 0.9, {{subspace_id{0}, {{0, 1}}}}});
  f.receive([](const feedback_verdict& v) { CHECK((v.request == 7 && v.code == errc::ok)); });
  f.self->send(buddy, interest_statement{user_id{1}, 8, 0.9, {{subspace_id{0}, {{0, 1}}}, {subspace_id{3}, {{0, 1}}}}});
  f.receive([](const feedback_verdict& v) { CHECK((v.request == 8 && v.code == errc::unknown_subspace)); });
}
