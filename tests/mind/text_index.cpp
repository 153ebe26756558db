#include "subspaces/content.hpp"
#include "subspaces/text.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

TEST_CASE("words mean what the items that have them have in common", "[text][interest]") {
  const text_index index({"red apple", "red cherry", "blue sea", "blue sky"}, {1, 0, 0.8f, 0.6f, -1, 0, -0.8f, 0.6f}, 2);
  const auto cherry = index.embed("A Cherry!");
  REQUIRE(cherry);
  CHECK((*cherry)[0] == Approx(0.8).epsilon(1e-4));
  const auto blue = index.embed("blue");
  REQUIRE(blue);
  CHECK((*blue)[0] < -0.8f);
  CHECK(index.embed("green").code() == errc::bad_text);
  CHECK(index.embed("").code() == errc::bad_text);
}

TEST_CASE("coin, job and edu understand words of their own", "[text][interest]") {
  const std::pair<const char*, const char*> asked[] = {{"coin", "osmosis"}, {"job", "registered nurses"}, {"edu", "nursing"}};
  for (auto [name, words] : asked) {
    const auto c = load_content(name, ammo::test::source_path("subspaces"), {});
    REQUIRE(c);
    const auto v = c->words->embed(words);
    REQUIRE(v);
    std::size_t best = 0;
    auto score = [&](std::size_t i) { return dot(&c->embeddings[i * c->dim], v->data(), c->dim); };
    for (std::size_t i = 0; i < c->items.size(); ++i)
      best = score(i) > score(best) ? i : best;
    CAPTURE(name, c->items[best].key, c->items[best].title);
    CHECK(score(best) > 0.5f);
  }
}
