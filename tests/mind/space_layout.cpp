#include "actors/space/layout.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

TEST_CASE("a layout knows each subspace by name, place and factor", "[space][layout]") {
  auto made = layout::make(10, {{"coin", {0, 4}}, {"job", {6, 4}}, {"edu", {3, 2}}});
  REQUIRE(made);
  CHECK(made->dim() == 10);
  CHECK(made->size() == 3);
  CHECK(made->find("job") == subspace_id{1});
  CHECK_FALSE(made->find("art"));
  CHECK(made->name(subspace_id{2}) == "edu");
  CHECK(made->coordinates(subspace_id{1}) == block{6, 4});

  // coin and edu share coordinate 3; job stands alone.
  CHECK(made->factors() == std::vector<block>{{0, 5}, {6, 4}});
  CHECK(made->factor_of(subspace_id{0}) == 0);
  CHECK(made->factor_of(subspace_id{2}) == 0);
  CHECK(made->factor_of(subspace_id{1}) == 1);
  CHECK(made->within_factor(subspace_id{2}) == block{3, 2});
  CHECK(made->within_factor(subspace_id{1}) == block{0, 4});
}

TEST_CASE("blocks that only touch are separate factors; a nested one joins", "[space][layout]") {
  auto made = layout::make(8, {{"b", {4, 4}}, {"a", {0, 4}}, {"inner", {5, 2}}});
  REQUIRE(made);
  CHECK(made->factors() == std::vector<block>{{0, 4}, {4, 4}});
  CHECK(made->factor_of(subspace_id{0}) == 1);
  CHECK(made->factor_of(subspace_id{2}) == 1);
}

TEST_CASE("a layout that doesn't fit is refused with the reason", "[space][layout]") {
  auto detail = [](std::uint32_t dim, std::vector<subspace_block> subspaces) {
    auto made = layout::make(dim, std::move(subspaces));
    REQUIRE(made.code() == errc::bad_layout);
    return made.error().detail;
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(detail(0, {{"a", {0, 1}}}), Contains("D is 0"));
  CHECK_THAT(detail(max_dim + 1, {{"a", {0, 1}}}), Contains("4096"));
  CHECK_THAT(detail(4, {}), Contains("0 subspaces"));
  CHECK_THAT(detail(4, std::vector<subspace_block>(max_subspaces + 1, {"a", {0, 1}})), Contains("257"));
  CHECK_THAT(detail(4, {{"", {0, 1}}}), Contains("no name"));
  CHECK_THAT(detail(4, {{"a", {0, 1}}, {"a", {1, 1}}}), Contains("named a"));
  CHECK_THAT(detail(4, {{"a", {0, 0}}}), Contains("no coordinates"));
  CHECK_THAT(detail(4, {{"a", {2, 3}}}), Contains("2 to 4, beyond D = 4"));
  CHECK_THAT(detail(4, {{"a", {0xFFFFFFFFu, 2}}}), Contains("beyond D"));
}
