/// What happens when an actor fails at a message: it goes on, its caller is told at once, and one that fails again and again is quarantined.
#include "actors/protocol/frame_log.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"
#include "tests/support/allocations.hpp"

#include <caf/all.hpp>

#include <vector>

using namespace ammo;
using namespace ammo::test;

namespace {

/// A log that says whose mind it was asked for.
struct asked_log final : frame_log {
  std::uint64_t note(address, address, std::uint16_t, std::span<const std::byte>) override { return ++last; }
  std::uint64_t note_slate(address, address, slate_frame, const embedder&) override { return ++last; }
  [[nodiscard]] std::uint64_t noted() const override { return last; }
  [[nodiscard]] result<void> takes_changes() const override { return {}; }
  [[nodiscard]] result<void> takes_slates() const override { return {}; }
  void bring_back(address part) noexcept override { asked.push_back(part); }
  std::uint64_t last = 0;
  std::vector<address> asked;
};

struct one_user : fixture {
  explicit one_user(std::shared_ptr<asked_log> keeps = {}) : log(std::move(keeps)) {
    ctx->frames = log;
    auto links = std::make_shared<user_buddy_links>(user_buddy_links{.ctx = ctx, .config = config, .metaspace = metaspace_0, .slots = 3});
    supervisor_setup setup{.ctx = ctx, .users = {links}, .goals = {}};
    put(the_supervisor, system.spawn(supervisor, std::make_shared<supervisor_setup>(setup)));
    listen(metaspace_0, aipp_0, the_host);
    send(the_host, the_supervisor, admit_user{user_id{1}, 11});
    receive_all(3, [](const join&) {}, [](const admission&) {});
  }
  /// The person states an interest: what the host hears of it by now; while `fails`, memory runs out at it.
  errc state(std::uint64_t request) {
    send(the_host, user(1), interest_statement{user_id{1}, request, 0.5, {{subspace_id{0}, {{1, 0}}}}, 0});
    if (fails)
      fail_allocation_after(0);
    settle();
    (void)spare_allocations();
    return heard(request);
  }
  /// Of a request; `timed_out`: nothing.
  errc heard(std::uint64_t request) {
    errc told = errc::timed_out;
    self->receive([&](const delivery<feedback_verdict>& d) { told = d.body.request == request ? d.body.code : errc::internal; },
                  [&](const call_failed& m) { told = m.request == request && m.part == user(1) ? errc::actor_failed : errc::internal; },
                  caf::after(std::chrono::seconds(0)) >> [] {});
    return told;
  }
  std::shared_ptr<const user_config> config = std::make_shared<user_config>(user_config{{.space = space}, {}});
  std::shared_ptr<asked_log> log;
  bool fails = true;
};

} // namespace

TEST_CASE("an actor that fails at a message goes on, and whoever waits is told at once", "[actor][failures]") {
  one_user f;
  const auto buddy = f.ctx->routes.find(user(1));
  CHECK(f.state(1) == errc::actor_failed);
  f.fails = false;
  CHECK(f.state(2) == errc::ok);
  CHECK(f.ctx->routes.find(user(1)) == buddy);
  CHECK(f.ctx->count.of(counter::restarts) == 1);
  CHECK(f.ctx->count.refused(errc::actor_failed) == 1);
  const auto told = f.ctx->failures.all();
  REQUIRE(told.size() == 1);
  CHECK(told[0] == failure_book::entry{user(1), 1, false});
}

TEST_CASE("an actor that fails again and again is quarantined until it is released, and still leaves", "[actor][failures]") {
  one_user f;
  for (std::uint64_t i = 1; i <= 6; ++i)
    CHECK(f.state(i) == errc::actor_failed);
  f.fails = false;
  CHECK(f.state(7) == errc::actor_failed); // it would succeed
  f.send(the_host, user(1), belief_request{user_id{1}, 8});
  f.settle();
  bool refused = false;
  f.self->receive([&](const call_failed& m) { refused = m.request == 8; }, caf::after(std::chrono::seconds(0)) >> [] {});
  CHECK(refused);
  CHECK(f.ctx->failures.release(user(1)));
  CHECK(f.state(9) == errc::ok);

  f.fails = true;
  for (std::uint64_t i = 10; i <= 15; ++i)
    CHECK(f.state(i) == errc::actor_failed);
  CHECK(f.ctx->failures.holds(user(1)));
  f.send(the_host, the_supervisor, dismiss_user{user_id{1}, 20});
  f.receive_all(3, [](const leave&) {}, [](const admission& a) { CHECK(a.code == errc::ok); }); // AiPP, MetaSpace, the host
  CHECK(f.ctx->failures.all().empty());
}

TEST_CASE("an actor tells a probe how long it has waited, also in quarantine", "[actor][failures]") {
  one_user f;
  for (std::uint64_t i = 1; i <= 6; ++i)
    CHECK(f.state(i) == errc::actor_failed);
  const auto sent = f.ctx->time->now();
  (void)hand_over(*f.ctx, user(1), health_probe{5, sent});
  f.settle();
  bool told = false;
  f.self->receive([&](const health_sign& m) { told = m.request == 5 && m.part == user(1) && m.waited.count() == 0; },
                  caf::after(std::chrono::seconds(0)) >> [] {});
  CHECK(told);
}

TEST_CASE("with a log, an actor that fails waits for its mind as it was, and what comes meanwhile waits", "[actor][failures]") {
  using namespace std::chrono_literals;
  one_user f(std::make_shared<asked_log>());
  CHECK(f.state(1) == errc::actor_failed);
  CHECK(f.log->asked == std::vector<address>{user(1)});
  f.fails = false;
  CHECK(f.state(2) == errc::timed_out);
  f.advance(800ms);
  CHECK(f.heard(2) == errc::timed_out);
  SECTION("a call that waits for long is told that the part has failed") {
    f.advance(200ms);
    CHECK(f.heard(2) == errc::actor_failed);
    CHECK(f.state(3) == errc::actor_failed);
  }
  SECTION("with its mind it goes on with what has waited") {
    auto as_it_was = std::make_shared<user_mind>(f.config, user_id{1});
    (void)hand_over(*f.ctx, user(1), brought_back<user_mind>{as_it_was});
    f.settle();
    CHECK(f.heard(2) == errc::ok);
    CHECK(f.state(3) == errc::ok);
    const auto told = f.ctx->failures.all();
    REQUIRE(told.size() == 1);
    CHECK(told[0] == failure_book::entry{user(1), 1, false});
  }
  SECTION("it leaves without a mind") {
    f.send(the_host, the_supervisor, dismiss_user{user_id{1}, 20});
    f.receive_all(3, [](const leave&) {}, [](const admission& a) { CHECK(a.code == errc::ok); });
    CHECK(f.ctx->failures.all().empty());
  }
  f.advance(1s); // a reminder under way keeps its actor
}

TEST_CASE("with a log, an actor that fails again and again isn't brought back until it is released", "[actor][failures]") {
  one_user f(std::make_shared<asked_log>());
  for (std::uint64_t i = 1; i <= 6; ++i) {
    CHECK(f.state(i) == errc::actor_failed);
    (void)hand_over(*f.ctx, user(1), brought_back<user_mind>{std::make_shared<user_mind>(f.config, user_id{1})});
    f.settle();
  }
  CHECK(f.log->asked.size() == 5);
  CHECK(f.ctx->failures.holds(user(1)));
  f.advance(std::chrono::seconds(1));
}

TEST_CASE("a shard of MetaSpace that fails begins anew, and issues no impression twice", "[actor][failures]") {
  fixture f;
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}})));
  f.listen(aipp_0, the_host, subspace_0);
  f.send(subspace_0, metaspace_0, catalogue_news{f.snapshot(3), {}});
  f.settle();
  const auto proposed = [&](std::uint64_t request, bool fails) {
    slate_proposal p{.user = user_id{1}, .round = request, .why = occasion::request, .request = request, .slots = 1, .candidates = {}};
    p.candidates.push_back({f.snapshot(3)->info(0).id, 1.0f, {}});
    f.send(user(1), metaspace_0, std::move(p));
    if (fails)
      fail_allocation_after(0);
    f.settle();
    return spare_allocations();
  };
  (void)proposed(1, false);
  std::uint64_t first = 0, second = 0;
  f.receive([&](const slates_granted& m) { first = raw(m.slates[0].impressions[0].id); });
  CHECK_FALSE(proposed(2, true));
  std::uint64_t failed = 0;
  f.self->receive([&](const call_failed& m) { failed = m.request; }, caf::after(std::chrono::seconds(0)) >> [] {});
  CHECK(failed == 2);
  CHECK_FALSE(f.ctx->failures.holds(metaspace_0));
  (void)proposed(3, false);
  f.receive([&](const slates_granted& m) { second = raw(m.slates[0].impressions[0].id); });
  CHECK(first > 0);
  CHECK(second > first);
}

TEST_CASE("a shard of MetaSpace that fails at closing a period closes it a second later, and the next ones, too", "[actor][failures]") {
  fixture f;
  const std::chrono::hours period{1};
  f.put(metaspace_0, f.system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = f.ctx, .caps = {}, .regret_interval = period})));
  f.listen(aipp_0);
  f.settle();
  std::uint64_t failed = 0, last = 0;
  for (std::size_t at = 0; failed == at; ++at) { // at each piece of memory that it takes
    f.advance(std::chrono::seconds(10));
    (void)hand_over(*f.ctx, metaspace_0, regret_due{});
    fail_allocation_after(at);
    f.settle();
    failed += !spare_allocations();
    f.advance(std::chrono::seconds(2));
    f.receive([&](const period_close& m) { last = m.period; });
  }
  CHECK(failed > 0);
  const auto before = last;
  f.advance(period + std::chrono::seconds(2)); // each of them goes on by itself
  for (std::uint64_t i = 0; i <= failed; ++i)
    f.receive([&](const period_close& m) { last = m.period; });
  CHECK(last > before);
}
