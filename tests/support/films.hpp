/// A small deployment of a host's own content: films in two coordinates, and people who like those that lie to the right.
#pragma once

#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ammo::testing {

/// The i-th of n directions, counted from the right.
inline std::vector<float> direction(int i, int n = 12) {
  const auto angle = 2 * 3.14159265f * static_cast<float>(i) / static_cast<float>(n);
  return {std::cos(angle), std::sin(angle)};
}

inline options films() {
  options o;
  o.name = "films";
  o.slots = 3;
  o.threads = 2;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2});
  return o;
}

/// The same with a state, of which every commit is written at once.
inline options films_in(const std::string& state) {
  auto o = films();
  o.user.broadcast = "ignored"; // it may come between a look and a stop
  o.state = state;
  o.durability.commit_ms = 0;
  return o;
}

inline goal_spec film(int i) {
  return {.goal = goal_id(static_cast<std::uint64_t>(i)), .owner = owner_id(static_cast<std::uint64_t>(i)), .subspace = "film",
          .grounded = direction(i), .content = std::uint64_t(i)};
}

inline void add_films(runtime& rt, int n) {
  for (int i = 0; i < n; ++i)
    REQUIRE(rt.add_goal(film(i)));
}

inline std::unique_ptr<runtime> started(options o = films()) {
  auto rt = runtime::start(std::move(o));
  INFO((rt ? std::string{} : rt.error().text()));
  REQUIRE(rt);
  return std::move(*rt);
}

/// The user is shown films for so many rounds, and likes each as far as it lies to the right, `turn` radians apart from others.
inline void like(runtime& rt, user_id user, int rounds, float turn = 0) {
  for (int round = 0; round < rounds; ++round) {
    const auto shown = rt.ask(user);
    REQUIRE(shown);
    for (const auto& x : shown->creations)
      REQUIRE(rt.feedback(user, x.impression, std::cos(turn) * direction(static_cast<int>(x.content))[0]));
  }
}

inline user_belief believed(runtime& rt, user_id user) {
  auto b = rt.regret(user);
  INFO((b ? std::string{} : b.error().text()));
  REQUIRE(b);
  return *b;
}

/// What a first run leaves behind: somebody who has liked films for 30 rounds, and was shown a slate that awaits feedback.
struct first_run {
  slate shown;
  user_belief belief;
};
inline first_run played_once(const options& o, user_id user) {
  auto rt = started(o);
  add_films(*rt, 12);
  REQUIRE(rt->add_user(user));
  like(*rt, user, 30);
  const auto shown = rt->ask(user);
  REQUIRE(shown);
  return {*shown, believed(*rt, user)};
}

inline void check_same(const user_belief& a, const user_belief& b) {
  const auto bits = [](const std::vector<float>& values) {
    std::vector<std::uint32_t> out;
    for (const float x : values)
      out.push_back(std::bit_cast<std::uint32_t>(x));
    return out;
  };
  CHECK(a.rounds == b.rounds);
  CHECK(a.observations == b.observations);
  CHECK(bits(a.mean) == bits(b.mean));
  CHECK(std::bit_cast<std::uint64_t>(a.believed_regret) == std::bit_cast<std::uint64_t>(b.believed_regret));
  CHECK(std::bit_cast<std::uint64_t>(a.regret_bound) == std::bit_cast<std::uint64_t>(b.regret_bound));
}

} // namespace ammo::testing
