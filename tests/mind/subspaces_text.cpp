#include "subspaces/text.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ammo;

TEST_CASE("words are what people would call words", "[text]") {
  CHECK(tokens("C++, C# & the IBC-enabled dYdX (2nd)") ==
        std::vector<std::string>{"c++", "c#", "the", "ibc", "enabled", "dydx", "2nd"});
  CHECK(tokens("\xC3\x89t\xC3\xA9") == std::vector<std::string>{"\xC3\x89t\xC3\xA9"});
  CHECK(tokens(" ... ").empty());
}

TEST_CASE("tf-idf weighs what is rare, and nothing that all have", "[text]") {
  auto texts = tf_idf({"coin atom", "coin osmo osmo", "coin atom dust"});
  REQUIRE(texts.words == std::vector<std::string>{"coin", "atom", "osmo", "dust"});
  CHECK(texts.rows[0][0].second == 0);
  CHECK(texts.rows[1][1].second == Approx(1));
  const auto atom = std::log(1.5), dust = std::log(3.0);
  CHECK(texts.rows[2][1].second == Approx(atom / std::hypot(atom, dust)));
  CHECK(tf_idf({"same", "same"}).rows[0][0].second == 0);
}

TEST_CASE("a projection keeps what is alike together, and is the same for the same seed", "[text]") {
  auto texts = tf_idf({"proof of stake chain", "stake chain proof", "cooking for two", "two cooking", "else"});
  for (int refinements : {0, 2}) {
    auto rows = embedded(projected(texts, 16, 1, refinements), 16);
    REQUIRE(rows.size() == 5 * 16);
    CHECK(dot(&rows[0], &rows[16], 16) > dot(&rows[0], &rows[32], 16) + 0.3f);
    CHECK(rows == embedded(projected(texts, 16, 1, refinements), 16));
    CHECK(rows != embedded(projected(texts, 16, 2, refinements), 16));
  }
}

TEST_CASE("more coordinates than the texts have words are no trouble", "[text]") {
  auto rows = embedded(projected(tf_idf({"one two", "two three", "three one"}), 32, 1), 32);
  for (auto x : rows)
    CHECK(std::isfinite(x));
  CHECK(dot(&rows[0], &rows[0], 32) == Approx(1).margin(1e-4));
  CHECK(dot(&rows[0], &rows[32], 32) == Approx(-0.5).margin(1e-3));
}
