/// What tests that run a whole runtime or a simulation have in common.
#pragma once

#include "actors/base/counters.hpp"
#include "ammo/runtime.hpp"
#include "ammo/simulation.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

namespace ammo::testing {

/// How often a runtime has refused something under that name.
inline std::uint64_t refusals(const runtime_statistics& s, errc code) {
  for (const auto& r : s.refused)
    if (r.code == code)
      return r.count;
  return 0;
}
inline std::uint64_t refusals(runtime& rt, errc code) {
  const auto counted = rt.statistics();
  REQUIRE(counted);
  return refusals(*counted, code);
}

/// A deployment of real choosers as it is built in, with so many people and rounds.
inline options real_game(const std::string& name, std::uint32_t users, std::uint32_t rounds) {
  auto o = options::built_in(name);
  REQUIRE(o);
  o->data_root = ammo::test::source_path("subspaces");
  o->simulation.users = users;
  o->simulation.rounds = rounds;
  return *o;
}

/// The report of a game that can be played.
inline report played(const options& o) {
  auto r = simulate(o);
  if (!r)
    FAIL(r.error().text());
  return *r;
}

/// The report as JSON, with what depends on the machine taken out.
inline std::string without_timings(report r) {
  r.seconds = r.rounds_per_second = 0;
  r.threads = 0;
  r.peak_rss_bytes = r.broadcast_turn_ns_max = 0;
  std::erase_if(r.counters, [](const counter_value& c) { return counter_named(c.name)->kind == counter_kind::timing; });
  r.wire_check = false;
  return r.to_json();
}

} // namespace ammo::testing
