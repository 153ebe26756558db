#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <map>

using namespace ammo;
using ammo::test::fixture;

namespace {

struct group_state {
  static constexpr const char* name = "test.group";
  context_ptr keep;
  body_context* ctx = nullptr;
  fan_out members;
  int done = 0;
};

/// Holds members, broadcasts what it is sent, reports turns.
caf::behavior group(caf::stateful_actor<group_state>* self, context_ptr ctx) {
  self->state.ctx = ctx.get();
  self->state.keep = ctx;
  harden(self, ctx);
  return {
    [self](const join& m) { self->state.members.add(raw(m.user), sender_of(self)); },
    [self](const leave& m) { self->state.members.remove(raw(m.user)); },
    [self](const period_open& m) {
      auto asker = sender_of(self);
      self->state.members.start(self, caf::make_message(clock_tick{m.period, 0}), [self, asker, m] {
        self->send(asker, period_opened{subspace_id{0}, m.period, self->state.members.size()});
      });
    },
    [self](fan_out_turn t) { t.of->turn(self); },
  };
}

/// Tells a listener of each tick that it hears.
caf::behavior member(caf::event_based_actor* self, caf::actor listener, std::uint64_t id) {
  return {[self, listener, id](const clock_tick& m) { self->send(listener, period_played{m.period, static_cast<std::uint32_t>(id), {}, {}, 0, 0}); }};
}

} // namespace

TEST_CASE("a broadcast reaches every member once, in order, in turns, and nobody who left", "[actor][fan-out]") {
  fixture f;
  auto g = f.system.spawn(group, f.ctx);
  f.spawned.push_back(g);
  constexpr std::uint64_t n = 3 * fan_out::chunk + 7;
  for (std::uint64_t i = 0; i < n; ++i) {
    auto m = f.system.spawn(member, f.me(), i);
    f.spawned.push_back(m);
    caf::send_as(m, g, join{user_id{i}});
  }
  f.self->send(g, leave{user_id{5}});
  f.self->send(g, period_open{1});
  f.self->send(g, period_open{2});
  std::map<std::uint32_t, std::vector<std::uint64_t>> heard;
  std::vector<std::uint64_t> opened;
  for (std::size_t got = 0; got < 2 * (n - 1) + 2; ++got)
    f.receive([&](const period_played& m) { heard[m.shard].push_back(m.period); }, [&](const period_opened& m) { opened.push_back(m.period); });
  CHECK(heard.size() == n - 1);
  CHECK_FALSE(heard.contains(5));
  for (const auto& [who, periods] : heard)
    REQUIRE(periods == std::vector<std::uint64_t>{1, 2});
  CHECK(opened == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("MetaSpace grants what is proposed, to AiPP", "[actor]") {
  fixture f;
  auto m = f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{f.ctx, {}, reward_rule::exposure, 0, 1, f.me(), {}}));
  f.spawned.push_back(m);
  auto live = f.snapshot(4);
  f.self->send(m, catalogue_news{live, {}});
  slate_proposal p{user_id{3}, 1, occasion::round, 0, 2, {}};
  for (std::uint32_t row = 0; row < 3; ++row)
    p.candidates.push_back({live->info(row).id, 1.0f - static_cast<float>(row)});
  f.self->send(m, p);
  f.receive([&](const slates_granted& all) {
    REQUIRE(all.slates.size() == 1);
    const auto& g = all.slates.front();
    CHECK(g.user == user_id{3});
    REQUIRE(g.impressions.size() == 2);
    CHECK(g.impressions[0].creation == live->info(0).id);
    CHECK(g.impressions[0].id != g.impressions[1].id);
  });
}

TEST_CASE("a message that nobody knows is counted, answered by an error, and prints nothing", "[actor][bad-input]") {
  fixture f;
  auto m = f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{f.ctx, {}, reward_rule::exposure, 0, 1, f.me(), {}}));
  f.spawned.push_back(m);
  auto answer = f.self->request(m, caf::infinite, std::string("hello"));
  f.settle();
  answer.receive([](const std::string&) { FAIL("answered"); }, [](caf::error& e) { CHECK(e == caf::sec::unexpected_message); });
  CHECK(f.ctx->count.refused(errc::frame_unknown_type) == 1);
}

TEST_CASE("a User Buddy that fails is started again, introduced again, and counted", "[actor][supervisor]") {
  fixture f;
  auto links = std::make_shared<user_buddy_links>(
    user_buddy_links{f.ctx, std::make_shared<user_config>(user_config{{.space = f.space}, {}}), f.me(), 3, false});
  supervisor_setup setup{.ctx = f.ctx, .users = {links}, .aipp = {f.me()}, .subspaces = {}, .goals = {}, .host = nullptr};
  auto s = f.system.spawn(supervisor, std::make_shared<supervisor_setup>(setup));
  f.spawned.push_back(s);

  f.self->send(s, admit_user{user_id{1}, 11});
  caf::actor buddy;
  int joins = 0;
  auto joined = [&](const join&) {
    ++joins;
    buddy = caf::actor_cast<caf::actor>(f.self->current_sender());
  };
  auto admitted = [&](const admission& a) { CHECK((a.request == 11 && a.code == errc::ok)); };
  for (int i = 0; i < 3; ++i) // AiPP's and MetaSpace's join, and the answer
    f.receive(joined, admitted);
  REQUIRE(joins == 2);

  auto first = buddy;
  caf::anon_send_exit(buddy, caf::exit_reason::kill);
  for (int i = 0; i < 2; ++i)
    f.receive(joined);
  CHECK(buddy != first);
  f.self->send(s, statistics_request{});
  f.receive([](const statistics& m) {
    CHECK(m.users == 1);
  });
  CHECK(f.ctx->count.of(counter::restarts) == 1);
  f.self->send(s, admit_user{user_id{1}, 12});
  f.receive([](const admission& a) { CHECK(a.code == errc::duplicate_user); });
}
