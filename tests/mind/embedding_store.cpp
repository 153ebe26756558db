#include "actors/space/embedding_store.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using namespace ammo;

TEST_CASE("one embedding is held, however many refer to it, and none that nobody refers to", "[space]") {
  const auto store = std::make_shared<embedding_store>();
  const std::vector<float> e{1, 2, 3}, other{4, 5, 6};
  auto one = store->hold(creation_id{7}, e);
  auto two = store->hold(creation_id{7}, other); // what is held already is right
  CHECK(one == two);
  CHECK(two->e == e);
  auto third = store->hold(creation_id{3}, other);
  CHECK(store->size() == 2);
  const auto all = store->held();
  REQUIRE(all.size() == 2);
  CHECK(all[0]->creation == creation_id{3});
  CHECK(all[1]->creation == creation_id{7});
  one.reset();
  CHECK(store->size() == 2);
  two.reset();
  third.reset();
  CHECK(store->size() == 2); // by `all`
}

TEST_CASE("an embedding outlives its store's owner, and is made anew once it was let go of", "[space]") {
  auto store = std::make_shared<embedding_store>();
  auto held = store->hold(creation_id{7}, std::vector<float>{1, 2});
  held.reset();
  CHECK(store->size() == 0);
  held = store->hold(creation_id{7}, std::vector<float>{3, 4});
  CHECK(held->e == std::vector<float>{3, 4});
  store.reset();
  CHECK(held->e == std::vector<float>{3, 4});
}

TEST_CASE("many threads hold and let go", "[space]") {
  const auto store = std::make_shared<embedding_store>();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::vector<embedding_store::handle> mine(16);
      for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto id = (i * 7 + t) % 16 + 1;
        const std::vector<float> e(4, static_cast<float>(id));
        auto& place = mine[i % 16];
        place = store->hold(creation_id{id}, e);
        if (place->e != e)
          std::abort();
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(store->size() == 0);
}
