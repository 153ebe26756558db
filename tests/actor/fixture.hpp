/// What tests of bodies share.
#pragma once

#include "actors/metaspace/metaspace_actor.hpp"
#include "actors/protocol/fan_out.hpp"
#include "actors/space/catalogue.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <vector>

namespace ammo::test {

namespace detail {
template <class F, class M>
M taken(void (F::*)(const M&) const);
/// What CAF calls with a delivery, from what a test does with a message.
template <class F>
auto unpacking(F f) {
  using message = decltype(taken(&F::operator()));
  return [f](const delivery<message>& d) { f(d.body); };
}
} // namespace detail

/// A small system of actors and a place to receive, which plays every role that it is routed as; nothing waits longer than a
/// deadline.
struct fixture {
  struct configuration : caf::actor_system_config {
    configuration() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", static_cast<std::size_t>(2));
    }
  };
  configuration config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  context_ptr ctx = std::make_shared<body_context>();
  layout space = *layout::make(2, {{"only", {0, 2}}});
  std::vector<caf::actor> spawned;

  ~fixture() {
    for (auto& a : spawned)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    ctx->routes.end_buddies();
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
  template <class... Fs>
  void receive(Fs... handlers) {
    self->receive(detail::unpacking(std::move(handlers))..., caf::after(std::chrono::seconds(30)) >> [] { FAIL("nothing came within the deadline"); });
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
};

inline constexpr address_of<role::metaspace> metaspace_0(0);
inline constexpr address_of<role::aipp> aipp_0(0);
inline constexpr address_of<role::subspace> subspace_0(0);
[[nodiscard]] inline address_of<role::user_buddy> user(std::uint64_t id) { return address_of<role::user_buddy>(id); }
[[nodiscard]] inline address_of<role::goal_buddy> goal(std::uint64_t id) { return address_of<role::goal_buddy>(id); }

} // namespace ammo::test
