#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace ammo;
using namespace ammo::test;

namespace {

struct group_state {
  static constexpr const char* name = "test.group";
  context_ptr keep;
  body_context* ctx = nullptr;
  fan_out_to<role::user_buddy> members;
  [[nodiscard]] static address_of<role::metaspace> me() { return metaspace_0; }
};

/// Holds members, broadcasts a tick to them, says when everyone has been sent it.
caf::behavior group_of_members(caf::stateful_actor<group_state>* self, context_ptr ctx, caf::actor listener) {
  self->state.ctx = ctx.get();
  self->state.keep = ctx;
  harden(self, ctx);
  return {
    [self](const delivery<join>& m) { self->state.members.add(raw(m.body.user), user(m.from.id)); },
    [self](const delivery<leave>& m) { self->state.members.remove(raw(m.body.user)); },
    [self, listener](const delivery<period_close>& m) {
      self->state.members.start(self, pack(self, clock_tick{m.body.period, 0}), [self, listener, period = m.body.period] {
        self->send(listener, delivery<period_opened>{{}, {subspace_id{0}, period, self->state.members.size()}});
      });
    },
    [self](fan_out_turn t) { t.of->turn(self); },
  };
}

/// Tells a listener of each tick that it hears.
caf::behavior member(caf::event_based_actor* self, caf::actor listener, std::uint64_t id) {
  return {[self, listener, id](const delivery<clock_tick>& m) {
    self->send(listener, delivery<period_played>{{}, {m.body.period, static_cast<std::uint32_t>(id), {}, {}, 0, 0}});
  }};
}

/// Notes what it gets, in order.
caf::behavior host_that_notes(caf::event_based_actor*, std::shared_ptr<std::vector<std::string>> heard) {
  return {[heard](const health_probe&) { heard->push_back("question"); }, [heard](const delivery<admission>&) { heard->push_back("answer"); }};
}

} // namespace

TEST_CASE("answers to the host overtake what it asks, and keep their own order", "[actor][host]") {
  fixture f;
  const auto heard = std::make_shared<std::vector<std::string>>();
  f.put(the_host, f.system.spawn(host_that_notes, heard));
  f.settle();
  for (int i = 0; i < 3; ++i)
    hand_over(*f.ctx, the_host, health_probe{});
  f.send(the_supervisor, the_host, admission{});
  hand_over(*f.ctx, the_host, health_probe{});
  f.send(the_supervisor, the_host, admission{});
  f.settle();
  CHECK(*heard == std::vector<std::string>{"answer", "answer", "question", "question", "question", "question"});
}

TEST_CASE("a broadcast reaches every member once, in order, in turns, and nobody who left", "[actor][fan-out]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(group_of_members, f.ctx, f.me()));
  constexpr std::uint64_t n = 3 * fan_out::chunk + 7;
  for (std::uint64_t i = 0; i < n; ++i) {
    f.put(user(i), f.system.spawn(member, f.me(), i));
    f.send(user(i), metaspace_0, join{user_id{i}});
  }
  f.send(user(5), metaspace_0, leave{user_id{5}});
  f.send(the_clock, metaspace_0, period_close{1});
  f.send(the_clock, metaspace_0, period_close{2});
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

TEST_CASE("members of a broadcast have their turns while others are still to be sent it", "[actor][fan-out]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(group_of_members, f.ctx, f.me()));
  constexpr std::uint64_t n = 8 * fan_out::chunk;
  for (std::uint64_t i = 0; i < n; ++i) {
    f.put(user(i), f.system.spawn(member, f.me(), i));
    f.send(user(i), metaspace_0, join{user_id{i}});
  }
  f.settle();
  f.send(the_clock, metaspace_0, period_close{1});
  std::uint64_t heard = 0, heard_before_all_were_sent_it = 0;
  f.receive_all(n + 1, [&](const period_played&) { ++heard; }, [&](const period_opened&) { heard_before_all_were_sent_it = heard; });
  CHECK(heard == n);
  CHECK(heard_before_all_were_sent_it >= n - 2 * fan_out::chunk);
}

TEST_CASE("MetaSpace grants what is proposed, to AiPP", "[actor]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  auto live = f.snapshot(4);
  f.listen(aipp_0);
  f.send(subspace_0, metaspace_0, catalogue_news{live, {}});
  slate_proposal p{user_id{3}, 1, occasion::round, 0, 2, {}};
  for (std::uint32_t row = 0; row < 3; ++row)
    p.candidates.push_back({live->info(row).id, 1.0f - static_cast<float>(row)});
  f.send(user(3), metaspace_0, p);
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
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  auto answer = f.self->request(f.ctx->routes.find(metaspace_0), caf::infinite, std::string("hello"));
  f.settle();
  answer.receive([](const std::string&) { FAIL("answered"); }, [](caf::error& e) { CHECK(e == caf::sec::unexpected_message); });
  CHECK(f.ctx->count.refused(errc::frame_unknown_type) == 1);
}

TEST_CASE("a message from a sender who has no business with it is refused", "[actor][bad-input]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  f.self->send(f.ctx->routes.find(metaspace_0), delivery<clock_tick>{user(1), {1, 1}});
  f.listen(the_host);
  f.send(the_host, metaspace_0, statistics_request{5});
  f.receive([](const statistics& m) { CHECK(m.request == 5); });
  CHECK(f.ctx->count.refused(errc::frame_unknown_type) == 1);
}

TEST_CASE("an address leads to the newest actor that was routed there, and then nowhere", "[actor][routes]") {
  fixture f;
  f.listen(the_host);
  f.put(user(1), f.system.spawn(member, f.me(), std::uint64_t{7}));
  f.send(metaspace_0, user(1), clock_tick{1, 0});
  f.receive([](const period_played& m) { CHECK(m.shard == 7); });
  f.put(user(1), f.system.spawn(member, f.me(), std::uint64_t{8}));
  f.send(metaspace_0, user(1), clock_tick{1, 0});
  f.receive([](const period_played& m) { CHECK(m.shard == 8); });
  f.ctx->routes.close(user(1));
  CHECK_FALSE(send_as(metaspace_0, *f.ctx, user(1), clock_tick{1, 0}));
  CHECK_FALSE(send_as(metaspace_0, *f.ctx, user(2), clock_tick{1, 0}));
  f.ctx->routes.close(the_host);
  CHECK(f.ctx->routes.find(the_host) == nullptr);
  f.ctx->routes.end_buddies();
  f.put(user(3), f.system.spawn(member, f.me(), std::uint64_t{9}));
  CHECK(f.ctx->routes.find(user(3)) == nullptr);
}

TEST_CASE("actors end once nobody outside is about to reach one, and nobody does afterwards", "[actor][routes]") {
  routes to;
  std::promise<void> inside;
  std::atomic<bool> left{false};
  const auto nobody = [](caf::abstract_actor*) {};
  fixture f;
  to.open(the_host, f.system.spawn(member, f.me(), std::uint64_t{1}));
  f.spawned.push_back(to.find(the_host));
  CHECK(to.reach_from_outside(the_host, nobody));
  std::thread visitor([&] {
    to.reach_from_outside(the_host, [&](caf::abstract_actor*) {
      inside.set_value();
      while (to.reach_from_outside(the_host, nobody)) // until they are being shut off
        std::this_thread::yield();
      left = true;
    });
  });
  inside.get_future().wait();
  to.shut_off();
  CHECK(left);
  CHECK_FALSE(to.reach_from_outside(the_host, nobody));
  CHECK(to.reach(the_host, nobody)); // actors go on
  visitor.join();
}

TEST_CASE("routes of ten thousand buddies that come and go lead where they should", "[actor][routes]") {
  fixture f;
  const auto here = f.system.spawn(member, f.me(), std::uint64_t{1}), there = f.system.spawn(member, f.me(), std::uint64_t{2});
  f.spawned.push_back(here);
  f.spawned.push_back(there);
  std::map<std::uint64_t, caf::actor> expected;
  splitmix64 g(7);
  for (int i = 0; i < 60'000; ++i) {
    const auto id = g() % 10'000;
    switch (g() % 3) {
    case 0: f.ctx->routes.close(user(id)); expected.erase(id); break;
    case 1: f.ctx->routes.open(user(id), here); expected[id] = here; break;
    default: f.ctx->routes.open(user(id), there); expected[id] = there; break;
    }
  }
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    const auto e = expected.find(id);
    REQUIRE(f.ctx->routes.find(user(id)) == (e == expected.end() ? caf::actor{} : e->second));
    REQUIRE(f.ctx->routes.find(goal(id)) == caf::actor{});
  }
}

namespace {

/// A Supervisor of users; MetaSpace, AiPP and the host are the test.
void supervise(fixture& f, std::uint32_t restarts = 5) {
  auto links = std::make_shared<user_buddy_links>(user_buddy_links{
    .ctx = f.ctx, .config = std::make_shared<user_config>(user_config{{.space = f.space}, {}}), .metaspace = metaspace_0, .slots = 3});
  supervisor_setup setup{.ctx = f.ctx, .users = {links}, .goals = {}, .restarts = restarts};
  f.put(the_supervisor, f.system.spawn(supervisor, std::make_shared<supervisor_setup>(setup)));
  f.listen(metaspace_0, aipp_0, the_host);
}

} // namespace

TEST_CASE("a User Buddy that fails is started again, introduced again, and counted", "[actor][supervisor]") {
  fixture f;
  supervise(f);
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 11});
  int joins = 0;
  auto joined = [&](const join&) { ++joins; };
  auto admitted = [&](const admission& a) { CHECK((a.request == 11 && a.code == errc::ok)); };
  f.receive_all(3, joined, admitted); // AiPP's and MetaSpace's join, and the answer
  REQUIRE(joins == 2);

  auto first = f.ctx->routes.find(user(1));
  caf::anon_send_exit(first, caf::exit_reason::kill);
  for (int i = 0; i < 2; ++i)
    f.receive(joined);
  CHECK(f.ctx->routes.find(user(1)) != first);
  f.send(the_host, the_supervisor, statistics_request{});
  f.receive([](const statistics& m) {
    CHECK(m.users == 1);
  });
  CHECK(f.ctx->count.of(counter::restarts) == 1);
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 12});
  f.receive([](const admission& a) { CHECK(a.code == errc::duplicate_user); });
}

TEST_CASE("a user who is dismissed and taken in again gets a User Buddy of their own", "[actor][supervisor]") {
  fixture f;
  supervise(f);
  auto answered = [](std::uint64_t request, errc code = errc::ok) {
    return [=](const admission& a) { CHECK((a.request == request && a.code == code)); };
  };
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 1});
  f.receive_all(3, [](const join&) {}, answered(1));
  const auto first = f.ctx->routes.find(user(1));
  f.send(the_host, the_supervisor, dismiss_user{user_id{1}, 2});
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 3});
  f.send(the_host, the_supervisor, dismiss_user{user_id{1}, 4});
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 5});
  std::vector<std::uint64_t> answers;
  int joins = 0, goodbyes = 0;
  f.receive_all(
    12, [&](const join&) { ++joins; }, [&](const leave&) { ++goodbyes; }, // MetaSpace and AiPP hear of each turn, and each is answered
    [&](const admission& a) {
      CHECK(a.code == errc::ok);
      answers.push_back(a.request);
    });
  CHECK(answers == std::vector<std::uint64_t>{2, 3, 4, 5});
  CHECK((joins == 4 && goodbyes == 4));
  CHECK(f.ctx->routes.find(user(1)) != first);
  f.send(the_host, the_supervisor, admit_user{user_id{1}, 6});
  f.receive(answered(6, errc::duplicate_user));
  f.send(the_host, the_supervisor, statistics_request{});
  f.receive([](const statistics& m) { CHECK(m.users == 1); });
}
