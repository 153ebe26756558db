#include "actors/base/gaussian.hpp"
#include "actors/space/cones/reverse_top_n.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

using namespace ammo;

namespace {

struct person {
  std::vector<float> anchor;
  float threshold, slack;
};

/// People around a few tastes, some of them sure of theirs and some not.
struct crowd {
  std::uint32_t dim;
  splitmix64 g{7};
  std::vector<std::vector<float>> tastes = {};

  std::vector<float> drawn() {
    std::vector<float> v(dim);
    standard_normal(g, v);
    return v;
  }
  person draw() {
    while (tastes.size() < 12)
      tastes.push_back(drawn());
    person p{tastes[g() % tastes.size()], 0, 0};
    const auto noise = drawn();
    const auto length = static_cast<float>(0.1 + uniform01(g));
    for (std::size_t k = 0; k < dim; ++k)
      p.anchor[k] = length * (p.anchor[k] + 0.4f * noise[k]);
    p.threshold = length * static_cast<float>(dim) * static_cast<float>(uniform01(g));
    p.slack = g() % 2 == 0 ? 0 : 0.1f * length;
    return p;
  }
};

std::vector<user_id> sorted(std::vector<user_id> all) {
  std::ranges::sort(all);
  return all;
}

std::vector<user_id> found(reverse_top_n& index, const std::vector<float>& e) {
  std::vector<user_id> out;
  index.find(e, out);
  return sorted(std::move(out));
}

std::vector<user_id> among_all(const reverse_top_n& index, const std::vector<float>& e) {
  std::vector<user_id> out;
  index.find_among_all(e, out);
  return sorted(std::move(out));
}

} // namespace

TEST_CASE("the index finds whom a look at everyone finds, whatever comes and goes", "[reverse_top_n]") {
  for (std::uint32_t dim : {1u, 3u, 16u, 37u}) {
    CAPTURE(dim);
    crowd c{dim};
    reverse_top_n index(dim);
    std::map<std::uint64_t, person> people;
    for (std::uint64_t u = 0; u < 3000; ++u) {
      people[u] = c.draw();
      index.put(user_id{u}, people[u].anchor, people[u].threshold, people[u].slack);
    }
    std::size_t hits = 0;
    for (int step = 0; step < 60; ++step) {
      if (step % 20 == 10)
        index.build();
      for (int change = 0; change < 40; ++change) {
        const std::uint64_t u = c.g() % 3200;
        if (c.g() % 4 == 0) {
          CHECK(index.remove(user_id{u}) == (people.erase(u) == 1));
          continue;
        }
        person moved = c.draw();
        if (people.contains(u) && c.g() % 2 == 0) { // a small step
          const auto step_to = c.drawn();
          moved = people[u];
          for (std::size_t k = 0; k < dim; ++k)
            moved.anchor[k] += 0.02f * step_to[k];
        }
        people[u] = moved;
        index.put(user_id{u}, moved.anchor, moved.threshold, moved.slack);
      }
      REQUIRE(index.size() == people.size());
      const auto e = c.g() % 2 == 0 ? c.tastes[c.g() % c.tastes.size()] : c.drawn();
      const auto all = among_all(index, e);
      REQUIRE(found(index, e) == all);
      hits += all.size();
      // And it is what was asked for, but for what rounding decides.
      double square = 0;
      for (float x : e)
        square += double{x} * x;
      for (const auto& [u, p] : people) {
        double value = std::sqrt(square) * p.slack - p.threshold, length = 0;
        for (std::size_t k = 0; k < dim; ++k) {
          value += double{e[k]} * p.anchor[k];
          length += double{p.anchor[k]} * p.anchor[k];
        }
        if (std::abs(value) > 1e-5 * std::sqrt(square * length) + 1e-5)
          REQUIRE(std::ranges::binary_search(all, user_id{u}) == (value > 0));
      }
    }
    CHECK(hits > 0);
  }
}

TEST_CASE("an anchor without a direction, and thresholds without a bound, are found as stated", "[reverse_top_n]") {
  reverse_top_n index(2);
  constexpr float infinite = std::numeric_limits<float>::infinity();
  index.put(user_id{1}, std::vector<float>{0, 0}, 0);
  index.put(user_id{2}, std::vector<float>{0, 0}, 0.1f);
  index.put(user_id{3}, std::vector<float>{1, 0}, -infinite);
  index.put(user_id{4}, std::vector<float>{1, 0}, infinite);
  index.put(user_id{5}, std::vector<float>{0, 0}, 0.1f, 0.2f);
  const std::vector<user_id> expected{user_id{1}, user_id{3}, user_id{5}};
  CHECK(found(index, {-1, 0}) == expected);
  index.build();
  CHECK(found(index, {-1, 0}) == expected);
  for (std::uint64_t u : {1, 2, 3, 4, 5})
    CHECK(index.remove(user_id{u}));
  CHECK_FALSE(index.remove(user_id{5}));
  index.build();
  CHECK(found(index, {-1, 0}).empty());
}

TEST_CASE("thousands of the same are no trouble", "[reverse_top_n]") {
  reverse_top_n index(4);
  for (std::uint64_t u = 0; u < 2000; ++u)
    index.put(user_id{u}, std::vector<float>{1, 0, 0, 0}, 0.5f);
  index.build();
  CHECK(found(index, {0.6f, 0, 0, 0}).size() == 2000);
  CHECK(found(index, {0.4f, 0, 0, 0}).empty());
}

TEST_CASE("users are parts of a bounded size, which go with them", "[reverse_top_n]") {
  for (const bool same : {false, true}) {
    crowd c{16};
    reverse_top_n index(16);
    const auto taste = c.drawn();
    for (std::uint64_t u = 0; u < 5'000; ++u)
      index.put(user_id{u}, same ? taste : c.draw().anchor, 0.5f);
    CHECK(index.parts() >= 5);
    CHECK(index.parts() <= 10);
    int built = 0;
    std::vector<user_id> out;
    for (int i = 0; i < 500; ++i) {
      const auto e = c.drawn();
      out.clear();
      built += index.find(e, out);
      REQUIRE(sorted(out) == among_all(index, e));
    }
    CHECK(built == static_cast<int>(index.parts()));
    for (std::uint64_t u = 0; u < 5'000; ++u)
      CHECK(index.remove(user_id{u}));
    CHECK(index.parts() == 1);
    CHECK(found(index, taste).empty());
    index.put(user_id{1}, taste, 0);
    CHECK(found(index, taste).size() == 1);
  }
}

TEST_CASE("thresholds at the very score, and next to it, are decided as the sum decides", "[reverse_top_n]") {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  for (std::uint32_t dim : {1u, 2u, 5u, 16u, 33u, 64u})
    for (float length : {1.0f, 1e-3f, 1e3f, 1e-20f, 1e15f}) {
      CAPTURE(dim, length);
      crowd c{dim};
      auto e = c.drawn();
      for (float& x : e)
        x *= length;
      const double norm = std::sqrt(std::inner_product(e.begin(), e.end(), e.begin(), 0.0));
      reverse_top_n index(dim);
      for (std::uint64_t u = 0; u < 3000; ++u) {
        auto anchor = c.draw().anchor;
        if (u % 3 == 0)
          anchor = c.tastes[u % c.tastes.size()]; // many have the same
        const double size = std::sqrt(std::inner_product(anchor.begin(), anchor.end(), anchor.begin(), 0.0));
        for (float& x : anchor)
          x = static_cast<float>(x / size);
        const float slack = std::array{0.0f, 0.1f, 1e4f}[u / 3 % 3];
        auto threshold =
          static_cast<float>(std::inner_product(e.begin(), e.end(), anchor.begin(), 0.0) + double{slack} * norm);
        for (std::uint64_t ulp = 0; ulp < u % 7; ++ulp)
          threshold = std::nextafter(threshold, u % 2 == 0 ? infinite : -infinite);
        if (u % 50 == 0)
          threshold = u % 100 == 0 ? -infinite : infinite;
        index.put(user_id{u}, anchor, threshold, slack);
      }
      const auto all = among_all(index, e);
      CHECK(all.size() > 500);
      CHECK(all.size() < 2500);
      index.build();
      CHECK(found(index, e) == all);
      CHECK(among_all(index, e) == all);
      for (float factor : {-1.0f, 0.0f}) {
        for (float& x : e)
          x *= factor;
        CHECK(found(index, e) == among_all(index, e));
      }
    }
}
