#include "ammo/runtime.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace ammo;

namespace {

options films() {
  options o;
  o.name = "test";
  o.slots = 1;
  o.threads = 2;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2});
  o.subspaces.push_back({.name = "song", .width = 2});
  return o;
}

std::unique_ptr<runtime> started(options o = films()) {
  auto rt = runtime::start(std::move(o));
  REQUIRE(rt);
  for (int i = 0; i < 8; ++i) {
    const auto angle = 0.785398f * static_cast<float>(i);
    REQUIRE((*rt)->add_goal({.goal = goal_id(i), .owner = owner_id(i), .subspace = "film",
                             .grounded = {0.99f * std::cos(angle), 0.99f * std::sin(angle)}, .content = std::uint64_t(i)}));
  }
  return std::move(*rt);
}

} // namespace

TEST_CASE("who is added with an interest sees it first", "[runtime][interest]") {
  auto rt = started();
  int hits = 0;
  for (std::uint64_t user = 0; user < 20; ++user) {
    REQUIRE(rt->add_user(user_id{user}, {.subspace = "film", .vector = {0, 2}, .confidence = 0.95}));
    auto shown = rt->ask(user_id{user});
    REQUIRE(shown);
    REQUIRE(shown->creations.size() == 1);
    hits += shown->creations.front().content == 2;
  }
  CHECK(hits >= 16);
}

TEST_CASE("an interest in words means what the subspace's embedder says", "[runtime][interest]") {
  auto rt = started();
  REQUIRE(rt->add_user(user_id{1}));
  CHECK(rt->state_interest(user_id{1}, {.subspace = "film", .text = "westerns"}).code() == errc::bad_text);
  REQUIRE(rt->set_embedder("film", [](std::string_view text) -> result<std::vector<float>> {
    if (text == "westerns")
      return std::vector{-1.0f, 0.0f};
    return {errc::bad_text, "no such genre"};
  }));
  CHECK(rt->set_embedder("opera", {}).code() == errc::unknown_subspace);
  CHECK(rt->state_interest(user_id{1}, {.subspace = "film", .text = "noir"}).code() == errc::bad_text);
  CHECK(rt->state_interest(user_id{1}, {.text = "noir"}).code() == errc::bad_text);
  REQUIRE(rt->state_interest(user_id{1}, {.text = "westerns", .confidence = 0.95})); // every subspace that knows it
  auto belief = rt->regret(user_id{1});
  REQUIRE(belief);
  CHECK(belief->mean[0] < -0.7f);
  CHECK(belief->mean[2] == 0);
}

TEST_CASE("an interest that can't be meant is refused by name, and nobody is added", "[runtime][interest][bad-input]") {
  auto rt = started();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [&](stated_interest i) { return rt->add_user(user_id{1}, std::move(i)).code(); };
  CHECK(refused({.subspace = "opera", .vector = {1, 0}}) == errc::unknown_subspace);
  CHECK(refused({.vector = {1, 0}}) == errc::unknown_subspace);
  CHECK(refused({.subspace = "film", .vector = {1, 0, 0}}) == errc::wrong_dimension);
  CHECK(refused({.subspace = "film", .vector = {nan, 0}}) == errc::not_finite);
  CHECK(refused({.subspace = "film", .vector = {0, 0}}) == errc::not_finite);
  CHECK(refused({.subspace = "film"}) == errc::bad_value);
  CHECK(refused({.subspace = "film", .vector = {1, 0}, .text = "both"}) == errc::bad_value);
  CHECK(refused({.subspace = "film", .vector = {1, 0}, .confidence = 1}) == errc::bad_value);
  CHECK(refused({.subspace = "film", .text = "\xC3"}) == errc::bad_text);
  CHECK(refused({.subspace = "film", .text = std::string(5000, 'a')}) == errc::bad_text);
  CHECK(rt->regret(user_id{1}).code() == errc::unknown_user);
  CHECK(rt->state_interest(user_id{1}, {.subspace = "film", .vector = {1, 0}}).code() == errc::unknown_user);
}

TEST_CASE("who wants coins of a chain says so in words", "[runtime][interest]") {
  auto o = *options::built_in("coin");
  o.data_root = ammo::test::source_path("subspaces");
  auto rt = runtime::start(o);
  REQUIRE(rt);
  REQUIRE((*rt)->add_user(user_id{1}, {.text = "osmosis liquidity"}));
  REQUIRE((*rt)->ask(user_id{1}));
  CHECK((*rt)->state_interest(user_id{1}, {.text = "qqqqq zzzzz"}).code() == errc::bad_text);
}
