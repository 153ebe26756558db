#include "actors/diagnosis/visibility.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace ammo;

TEST_CASE("Gini: equal shares 0, one has all 1 − 1/n, known in between", "[mind][visibility]") {
  CHECK(gini(std::array{3., 3., 3.}) == Approx(0).margin(1e-15));
  CHECK(gini(std::array{0., 0., 0., 8.}) == Approx(0.75));
  CHECK(gini(std::array{1., 2., 3., 4.}) == Approx(0.25)); // mean difference 1.25, twice the mean 5
  CHECK(gini(std::array{4., 1., 3., 2.}) == gini(std::array{1., 2., 3., 4.}));
  CHECK(gini(std::array{0., 0.}) == 0);
  CHECK(gini({}) == 0);
}

TEST_CASE("the top share is that of the largest, and the whole is 1", "[mind][visibility]") {
  const std::array shares{1., 1., 1., 1., 1., 1., 1., 1., 1., 11.};
  CHECK(top_share(shares) == Approx(11 / 20.));
  CHECK(top_share(shares, 0.11) == Approx(12 / 20.));
  CHECK(top_share(shares, 1) == Approx(1));
  CHECK(top_share(std::array{0., 0.}) == 0);
  CHECK(top_share({}) == 0);
}

TEST_CASE("welfare of both sides", "[mind][visibility]") {
  const std::array exposure{1., 0., .5, .5}, values{.4, .9, .2, .6}; // two users, two creators
  std::array<double, 2> users{}, creators{};
  user_utilities(exposure, values, users);
  CHECK(users[0] == Approx(.4));
  CHECK(users[1] == Approx(.4));
  creator_utilities(exposure, std::array{1., 0.}, 0.5, creators);
  CHECK(creators[0] == Approx(.75 - .5));
  CHECK(creators[1] == Approx(.25));
  const auto w = welfare_of(std::array{1., 2., 6.});
  CHECK(w.total == 9);
  CHECK(w.mean == 3);
  CHECK(w.least == 1);
  CHECK(w.most == 6);
  CHECK(welfare_of({}).total == 0);
}
