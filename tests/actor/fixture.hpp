/// What tests of bodies share: actors on one thread, in virtual time.
#pragma once

#include "actors/metaspace/metaspace_actor.hpp"
#include "actors/protocol/fan_out.hpp"
#include "actors/space/catalogue.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

namespace ammo::test {

namespace detail {
template <class F, class M>
M taken(void (F::*)(const M&) const);
/// What CAF calls with a delivery, from what a test does with a message.
template <class F>
auto unpacking(F f, std::size_t& handled) {
  using message = decltype(taken(&F::operator()));
  return [f, &handled](const delivery<message>& d) {
    ++handled;
    f(d.body);
  };
}
} // namespace detail

/// A small system of actors and a place to receive, which plays every role that it is routed as. Actors run when the test says so, in the order in which they got their
/// messages, and time passes when the test says so: nothing depends on the machine, and nothing waits.
struct fixture {
  using nanoseconds = std::chrono::nanoseconds;
  struct configuration : caf::actor_system_config {
    configuration() { set("scheduler.policy", caf::atom("testing")); }
  };
  /// The scheduler's time, so that what a body sends itself later and what it reads agree.
  class scheduler_time final : public time_source {
  public:
    explicit scheduler_time(const caf::detail::test_actor_clock& of) : clock_(of) {}
    [[nodiscard]] instant now() const noexcept override { return clock_.current_time; }
    [[nodiscard]] wall_time wall() const noexcept override {
      return wall_time{std::chrono::duration_cast<wall_time::duration>(now().time_since_epoch())};
    }
    [[nodiscard]] nanoseconds thread_time() const noexcept override { return {}; }

  private:
    const caf::detail::test_actor_clock& clock_;
  };

  configuration config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  context_ptr ctx = std::make_shared<body_context>();
  layout space = *layout::make(2, {{"only", {0, 2}}});
  std::vector<caf::actor> spawned;
  std::size_t handled = 0; ///< messages that `receive` has taken

  fixture() { ctx->time = std::make_shared<scheduler_time>(scheduler.clock()); }
  ~fixture() {
    for (auto& a : spawned)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    spawned.clear();
    ctx->routes.end_buddies();
    while (scheduler.try_run_once()) {
    }
  }
  /// An actor at an address.
  void put(address at, caf::actor who) {
    ctx->routes.open(at, who);
    spawned.push_back(std::move(who));
  }
  /// What is sent there is received here.
  template <class... Addresses>
  void listen(Addresses... at) {
    (ctx->routes.open(at, me()), ...);
  }
  template <role From, role To, class Message>
  void send(address_of<From> from, address_of<To> to, Message m) {
    send_as(from, *ctx, to, std::move(m));
  }

  /// Runs actors until nobody has a message. No time passes.
  void settle() {
    for (int turns = 0; scheduler.try_run_once(); ++turns)
      if (turns == 1'000'000)
        FAIL("the actors never come to rest");
  }
  /// Lets time pass; what is due meanwhile happens in its order.
  void advance(nanoseconds by) {
    const auto until = ctx->time->now() + by;
    settle();
    while (due() && *due() <= until)
      pass_to(*due());
    scheduler.clock().current_time = until;
  }
  /// The next message that one of the handlers takes. Where none is there, time passes until one comes.
  template <class... Fs>
  void receive(Fs... handlers) {
    const auto deadline = ctx->time->now() + std::chrono::seconds(30);
    for (;;) {
      settle();
      bool came = true;
      self->receive(detail::unpacking(handlers, handled)..., caf::after(std::chrono::seconds(0)) >> [&came] { came = false; });
      if (came)
        return;
      if (!due() || *due() > deadline)
        FAIL("nothing came, and nothing will");
      pass_to(*due());
    }
  }
  /// So many messages, in any order. CAF hands a waiting thread an answer to the host and another message at one go.
  template <class... Fs>
  void receive_all(std::size_t n, Fs... handlers) {
    for (const auto until = handled + n; handled < until;)
      receive(handlers...);
  }
  /// Sends a question, and returns the answer of that type.
  template <class Answer, role From, role To, class Question>
  Answer ask(address_of<From> from, address_of<To> whom, Question q) {
    send(from, whom, std::move(q));
    Answer out;
    receive([&out](const Answer& m) { out = m; });
    return out;
  }
  /// True: nothing that one of the handlers would take has come.
  template <class... Messages>
  bool nothing_of() {
    settle();
    bool came = false;
    self->receive([&came](const delivery<Messages>&) { came = true; }..., caf::after(std::chrono::seconds(0)) >> [] {});
    return !came;
  }
  caf::actor me() { return caf::actor_cast<caf::actor>(self); }

  std::shared_ptr<const catalogue_version> snapshot(int n, subspace_id of = subspace_id{0}) {
    catalogue c(of, {0, 2});
    for (int i = 0; i < n; ++i) {
      float e[2] = {std::cos(0.1f * static_cast<float>(i)), std::sin(0.1f * static_cast<float>(i))};
      REQUIRE(c.add(goal_id(i), owner_id(i), static_cast<std::uint64_t>(i), e));
    }
    return c.publish();
  }

private:
  /// When the next message that an actor sent itself later is due.
  std::optional<time_source::instant> due() const {
    const auto& waiting = scheduler.clock().schedule();
    return waiting.empty() ? std::nullopt : std::optional(waiting.begin()->first);
  }
  void pass_to(time_source::instant when) {
    scheduler.advance_time(std::max(nanoseconds{0}, nanoseconds{when - ctx->time->now()}));
    settle();
  }
};

inline constexpr address_of<role::metaspace> metaspace_0(0);
inline constexpr address_of<role::aipp> aipp_0(0);
inline constexpr address_of<role::subspace> subspace_0(0);
[[nodiscard]] inline address_of<role::user_buddy> user(std::uint64_t id) { return address_of<role::user_buddy>(id); }
[[nodiscard]] inline address_of<role::goal_buddy> goal(std::uint64_t id) { return address_of<role::goal_buddy>(id); }

} // namespace ammo::test
