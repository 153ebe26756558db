/// Whom a Goal Buddy gets to know in a still world of real coins, against who is there.
#include "bench/attack/audience.hpp"

#include "bench/attack/still_world.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

namespace {

content coins() {
  auto c = load_content("coin", ammo::test::source_path("subspaces"), {});
  REQUIRE(c);
  return std::move(*c);
}

struct creator {
  still_world world;
  audience people;
  goal_config config{.policy = goal_policy::host};
  splitmix64 g{1};
  std::vector<float> at;
  std::shared_ptr<const catalogue_version> creations; ///< what the audience reads
  regret_feedback heard;

  /// It has been at its facts and then where nobody is shown it, so it knows what is seen of the others there.
  creator() : world(coins(), 0), at(world.facts()) {
    be(world.facts());
    hide();
    hide();
  }

  [[nodiscard]] goal_view view() const {
    return {.config = config, .grounded = world.facts(), .e = at, .creation = world.id(), .heard = heard, .interests = {}, .creations = creations.get()};
  }
  void be(std::vector<float> x, void (*spoil)(exposure&) = nullptr) {
    at = std::move(x);
    world.move(at);
    creations = world.publish();
    heard = world.play(1);
    if (spoil)
      spoil(heard.exposures.front());
    people.hear(view(), g);
  }
  /// Where nobody is shown it.
  void hide() {
    auto x = view().wanted();
    ball::rescale(x, -1);
    be(std::move(x));
  }
};

} // namespace

TEST_CASE("who is shown a creation is told apart by what they lose", "[goal][audience]") {
  creator one;
  REQUIRE(one.people.open());
  CHECK(one.people.people().empty());
  for (int i = 0; i < 25; ++i)
    if (auto to = one.people.towards_unknown(one.view(), one.g); !to.empty())
      one.be(std::move(to));
  std::size_t single = 0, wrong = 0;
  double share = 0;
  for (const likely_taste& p : one.people.people()) {
    share += p.share;
    if (p.share * still_world::people > 1.5)
      continue;
    ++single;
    wrong += std::ranges::none_of(one.world.least(), [&](float t) { return std::abs(p.least - double{t}) < 1e-5; });
  }
  CAPTURE(single, wrong, share);
  CHECK(single >= 20);
  CHECK(20 * wrong <= single);
  CHECK(share <= 1);
}

TEST_CASE("an audience forgets everything where others move, or worth is beyond belief", "[goal][audience]") {
  const auto spoil = GENERATE(
    as<void (*)(exposure&)>(), [](exposure& x) { ++x.impressions; }, [](exposure& x) {
    exact_sum much;
    much.add(1e20);
    x.engagement = wire_of(much); });
  creator one;
  auto to = one.people.towards_unknown(one.view(), one.g);
  REQUIRE_FALSE(to.empty());
  one.be(to);
  REQUIRE(one.people.still());
  CHECK_FALSE(one.people.people().empty());
  one.be(ball::between(one.world.facts(), to, 0.5, 1), spoil);
  CHECK_FALSE(one.people.still());
  CHECK_FALSE(one.people.open());
  CHECK(one.people.people().empty());
}
