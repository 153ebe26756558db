/// What happens when an actor fails at a message: it goes on, its caller is told at once, and one that fails again and again is quarantined.
#include "actors/protocol/frame_log.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <caf/all.hpp>

#include <stdexcept>

using namespace ammo;
using namespace ammo::test;

namespace {

/// A log that throws when a User Buddy notes something, as long as it is told to.
struct failing_log final : frame_log {
  std::uint64_t note(address, address entity, std::uint16_t what, std::span<const std::byte>) override {
    if (fails && entity.of == role::user_buddy && what == interest_statement::type)
      throw std::runtime_error("no room");
    return ++last;
  }
  std::uint64_t note_slate(address, address, slate_frame, const embedder&) override { return ++last; }
  [[nodiscard]] std::uint64_t noted() const override { return last; }
  [[nodiscard]] result<void> takes_changes() const override { return {}; }
  [[nodiscard]] result<void> takes_slates() const override { return {}; }
  bool fails = true;
  std::uint64_t last = 0;
};

struct one_user : fixture {
  one_user() {
    ctx->frames = log;
    auto links = std::make_shared<user_buddy_links>(user_buddy_links{
      .ctx = ctx, .config = std::make_shared<user_config>(user_config{{.space = space}, {}}), .metaspace = metaspace_0, .slots = 3});
    supervisor_setup setup{.ctx = ctx, .users = {links}, .goals = {}};
    put(the_supervisor, system.spawn(supervisor, std::make_shared<supervisor_setup>(setup)));
    listen(metaspace_0, aipp_0, the_host);
    send(the_host, the_supervisor, admit_user{user_id{1}, 11});
    for (int i = 0; i < 3; ++i)
      receive([](const join&) {}, [](const admission&) {});
  }
  /// The person states an interest, and the host hears of it: the verdict, or that the User Buddy has failed.
  errc state(std::uint64_t request) {
    send(the_host, user(1), interest_statement{user_id{1}, request, 0.5, {{subspace_id{0}, {{1, 0}}}}, 0});
    settle();
    errc told = errc::timed_out;
    self->receive([&](const delivery<feedback_verdict>& d) { told = d.body.request == request ? d.body.code : errc::internal; },
                  [&](const call_failed& m) { told = m.request == request && m.part == user(1) ? errc::actor_failed : errc::internal; },
                  caf::after(std::chrono::seconds(0)) >> [] {});
    return told;
  }
  std::shared_ptr<failing_log> log = std::make_shared<failing_log>();
};

} // namespace

TEST_CASE("an actor that fails at a message goes on, and whoever waits is told at once", "[actor][failures]") {
  one_user f;
  const auto buddy = f.ctx->routes.find(user(1));
  CHECK(f.state(1) == errc::actor_failed);
  f.log->fails = false;
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
  f.log->fails = false;
  CHECK(f.state(7) == errc::actor_failed); // it would succeed
  f.send(the_host, user(1), belief_request{user_id{1}, 8});
  f.settle();
  bool refused = false;
  f.self->receive([&](const call_failed& m) { refused = m.request == 8; }, caf::after(std::chrono::seconds(0)) >> [] {});
  CHECK(refused);
  CHECK(f.ctx->failures.release(user(1)));
  CHECK(f.state(9) == errc::ok);

  f.log->fails = true;
  for (std::uint64_t i = 10; i <= 15; ++i)
    CHECK(f.state(i) == errc::actor_failed);
  CHECK(f.ctx->failures.holds(user(1)));
  f.send(the_host, the_supervisor, dismiss_user{user_id{1}, 20});
  for (int i = 0; i < 3; ++i) // AiPP, MetaSpace, the host
    f.receive([](const leave&) {}, [](const admission& a) { CHECK(a.code == errc::ok); });
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
