#include "actors/base/errc.hpp"
#include "actors/base/result.hpp"

#include <catch2/catch.hpp>

#include <set>

TEST_CASE("every refusal has a name of its own and a sentence", "[errc]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(ammo::errc::end_); ++i) {
    auto code = static_cast<ammo::errc>(i);
    CHECK(names.insert(ammo::name_of(code)).second);
    CHECK(ammo::sentence_of(code).back() == '.');
  }
  CHECK(ammo::name_of(static_cast<ammo::errc>(255)) == "unknown_error");
}

TEST_CASE("a failure says what, and where", "[errc]") {
  ammo::failure f{ammo::errc::norm_over_cap, "creation 7 has norm 4.2"};
  CHECK(f.text() == "norm_over_cap: A creation's norm is above the cap; scale its embedding down. (creation 7 has norm 4.2)");
}
