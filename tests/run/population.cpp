/// A newcomer to a running system starts from what those before them have liked.
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr std::uint64_t liked = 2; ///< of eight creations around a circle
constexpr int rounds = 40;         ///< a person has something to tell of themselves after 32 rewards

std::unique_ptr<runtime> started(const std::string& prior) {
  options o;
  o.name = "test";
  o.slots = 1;
  o.threads = 2;
  o.user.prior = prior;
  o.user.prior_cohort = 4;
  o.user.broadcast = "ignored";
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2});
  auto rt = runtime::start(o);
  REQUIRE(rt);
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto angle = 0.785398f * static_cast<float>(i);
    REQUIRE((*rt)->add_goal({.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film",
                             .grounded = {0.99f * std::cos(angle), 0.99f * std::sin(angle)}, .content = i}));
  }
  return std::move(*rt);
}

/// One round; was what everybody likes in it?
bool round(runtime& rt, user_id user, bool answered) {
  const auto shown = rt.ask(user);
  REQUIRE(shown);
  REQUIRE(shown->creations.size() == 1);
  const auto& c = shown->creations.front();
  const auto angle = 0.785398 * (static_cast<double>(c.content) - static_cast<double>(liked));
  if (answered)
    REQUIRE(rt.feedback(user, c.impression, 0.9 * std::cos(angle)));
  return c.content == liked;
}

/// Sixteen people have come to know what they like.
std::unique_ptr<runtime> lived_in(const std::string& prior) {
  auto rt = started(prior);
  for (std::uint64_t user = 0; user < 16; ++user) {
    REQUIRE(rt->add_user(user_id{user}));
    for (int i = 0; i < rounds; ++i)
      round(*rt, user_id{user}, true);
  }
  return rt;
}

/// Of twenty newcomers in a row, whose first slates had what everybody likes; more are asked until `enough` do, or the
/// time is over.
int best_twenty(runtime& rt, int enough, std::chrono::seconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  int best = 0;
  for (std::uint64_t user = 1'000; best < enough && std::chrono::steady_clock::now() < until;) {
    int hits = 0;
    for (int i = 0; i < 20; ++i, ++user) {
      REQUIRE(rt.add_user(user_id{user}));
      hits += round(rt, user_id{user}, false);
    }
    best = std::max(best, hits);
  }
  return best;
}

} // namespace

TEST_CASE("newcomers start where those before them have come to", "[runtime][population]") {
  CHECK(best_twenty(*lived_in("population"), 14, std::chrono::seconds{60}) >= 14);
}

TEST_CASE("with a flat prior newcomers start from nothing", "[runtime][population]") {
  CHECK(best_twenty(*lived_in("flat"), 14, std::chrono::seconds{2}) < 14); // chance: one in eight each
}
