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

/// A small system of actors and a place to receive; nothing waits longer than a deadline.
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
  }
  template <class... Fs>
  void receive(Fs... handlers) {
    self->receive(handlers..., caf::after(std::chrono::seconds(30)) >> [] { FAIL("nothing came within the deadline"); });
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

} // namespace ammo::test
