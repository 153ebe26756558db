/// What a slate could know: people's real, held-out choices are found by their q more often than by popularity, and
/// far more often than by chance.
#include "subspaces/content.hpp"
#include "subspaces/text.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

using namespace ammo;

namespace {

constexpr std::size_t slots = 5, people = 1000;

template <class Score>
std::vector<std::uint32_t> best(const content& c, Score score) {
  std::vector<std::pair<float, std::uint32_t>> all;
  for (std::uint32_t i = 0; i < c.items.size(); ++i)
    all.emplace_back(-score(i), i);
  std::partial_sort(all.begin(), all.begin() + slots, all.end());
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < slots; ++i)
    out.push_back(all[i].second);
  return out;
}

struct rates {
  double q = 0, popularity = 0, chance = 0; // of slates that show a held-out choice
  double gain = 0;                          // mean score of a slate above a random one's
};

rates measured(std::string_view name) {
  auto c = load_content(name, ammo::test::source_path("subspaces"), {});
  REQUIRE(c);
  const auto popular = best(*c, [&](auto i) { return static_cast<float>(c->popularity[i]); });
  const auto step = std::max<std::size_t>(1, c->choosers.size() / people);
  std::vector<float> mean(c->dim);
  for (std::size_t i = 0; i < c->embeddings.size(); ++i)
    mean[i % c->dim] += c->embeddings[i] / static_cast<float>(c->items.size());
  rates out;
  double asked = 0;
  for (std::size_t p = 0; p < c->choosers.size(); p += step, ++asked) {
    const auto q = preference_of(*c, p, 0, 1);
    const auto& held_out = c->choosers[p].held_out;
    auto hit = [&](const auto& slate) {
      return std::any_of(slate.begin(), slate.end(),
                         [&](auto i) { return std::binary_search(held_out.begin(), held_out.end(), i); });
    };
    auto score = [&](auto i) { return dot(&c->embeddings[std::size_t{i} * c->dim], q.data(), c->dim); };
    const auto slate = best(*c, score);
    out.q += hit(slate);
    out.popularity += hit(popular);
    double miss = 1;
    for (std::size_t k = 0; k < slots; ++k)
      miss *= 1 - static_cast<double>(held_out.size()) / static_cast<double>(c->items.size() - k);
    out.chance += 1 - miss;
    for (auto i : slate)
      out.gain += score(i) / slots;
    out.gain -= dot(mean.data(), q.data(), c->dim);
  }
  return {out.q / asked, out.popularity / asked, out.chance / asked, out.gain / asked};
}

} // namespace

TEST_CASE("held-out choices are found by taste", "[oracle]") {
  for (auto name : {"coin", "job", "edu"}) {
    const auto r = measured(name);
    CAPTURE(name, r.q, r.popularity, r.chance, r.gain);
    CHECK(r.q > 1.2 * r.popularity);
    CHECK(r.q > 10 * r.chance);
    CHECK(r.gain > 0.5);
  }
}
