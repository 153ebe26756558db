/// What Goal Buddies hear of exposures: crowds, in whole grains.
#include "actors/subspace/published_exposures.hpp"

#include "actors/protocol/exposures.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

namespace {

exposure seen(std::uint64_t creation, std::uint64_t impressions, double mean) {
  exact_sum engagement, merit;
  engagement.add(mean * static_cast<double>(impressions));
  merit.add(0.01 * static_cast<double>(impressions));
  return {creation_id{creation}, impressions, wire_of(engagement), wire_of(merit)};
}

constexpr rounding five{.crowd = 5, .slates_a_person = 4, .seed = 3}; // a grain of 20

} // namespace

TEST_CASE("less than a grain of impressions is withheld, the rest is whole grains", "[subspace][exposures]") {
  std::vector<exposure> exact;
  for (std::uint64_t i = 0; i < 200; ++i)
    exact.push_back(seen(i, i, 0.4));
  const auto out = published(exact, five);
  CHECK(out.size() == 180);
  CHECK(std::ranges::is_sorted(out, {}, &exposure::creation));
  for (const exposure& x : out) {
    const auto& was = exact[raw(x.creation)];
    CAPTURE(was.impressions, x.impressions);
    CHECK(was.impressions >= 20);
    CHECK(x.impressions >= 20);
    CHECK(x.impressions % 20 == 0);
    CHECK(std::abs(static_cast<double>(x.impressions) - static_cast<double>(was.impressions)) < 20);
    const double eighths = 8 * mean_reward(x);
    CHECK(eighths == Approx(std::round(eighths)).margin(1e-6));
    CHECK(std::abs(mean_reward(x) - 0.4) < 1.0 / 8);
  }
}

TEST_CASE("what is published of exposures has no bias, and says the same when it is asked again", "[subspace][exposures]") {
  std::vector<exposure> exact;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    exact.push_back(seen(i, 50, 0.43));
  const auto out = published(exact, five);
  CHECK(out == published(exact, five));
  double impressions = 0, engagement = 0;
  for (const exposure& x : out) {
    impressions += static_cast<double>(x.impressions);
    engagement += mean_reward(x);
  }
  CHECK(impressions / 20'000 == Approx(50).epsilon(0.01));
  CHECK(engagement / 20'000 == Approx(0.43).epsilon(0.01));
}

TEST_CASE("without a crowd, exposures are published as they are", "[subspace][exposures]") {
  const std::vector<exposure> exact{seen(1, 1, 0.3), seen(2, 57, -0.2)};
  CHECK(published(exact, {.crowd = 0}) == exact);
}
