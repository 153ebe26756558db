/// Real neighbours: the share of all "Primary" relations of O*NET that are found among the ten nearest occupations by
/// dot product. Each occupation has ten relations, 9.3 on average to others of the 873 that are in all six tables.
#include "subspaces/content.hpp"
#include "subspaces/occupations.hpp"
#include "subspaces/text.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

using namespace ammo;

namespace {

const std::string root = ammo::test::source_path("subspaces");

double recall_at_ten(const content& job, const std::vector<float>& rows, std::uint32_t dim) {
  const auto count = static_cast<std::uint32_t>(job.items.size());
  double found = 0, related = 0;
  for (const auto& person : job.choosers) {
    std::uint32_t me = 0;
    while (job.items[me].key != person.key)
      ++me;
    std::vector<float> score(count);
    for (std::uint32_t i = 0; i < count; ++i)
      score[i] = i == me ? -2 : dot(&rows[i * dim], &rows[me * dim], dim);
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    std::partial_sort(order.begin(), order.begin() + 10, order.end(),
                      [&](auto a, auto b) { return score[a] > score[b]; });
    found += static_cast<double>(std::count_if(order.begin(), order.begin() + 10, [&](auto i) {
      return std::binary_search(person.chosen.begin(), person.chosen.end(), i);
    }));
    related += static_cast<double>(person.chosen.size());
  }
  return found / related;
}

} // namespace

TEST_CASE("O*NET's related occupations are found by dot product", "[oracle]") {
  auto job = load_content("job", root, {.hold_out = 0});
  REQUIRE(job);
  REQUIRE(job->choosers.size() == 873);
  CHECK(recall_at_ten(*job, job->embeddings, 96) == Approx(0.38).margin(0.005));

  auto all = read_occupations(root + "/job/data");
  REQUIRE(all);
  std::vector<float> skills;
  for (std::size_t i = 0; i < all->codes.size(); ++i)
    skills.insert(skills.end(), &all->profiles[i * 96], &all->profiles[i * 96] + 35);
  normalise(skills, 35);
  CHECK(recall_at_ten(*job, skills, 35) == Approx(0.22).margin(0.005));

  content nobody;
  nobody.dim = 32;
  std::vector<float> random;
  for (std::size_t i = 0; i < all->codes.size(); ++i) {
    auto direction = preference_of(nobody, i, 0, 1);
    random.insert(random.end(), direction.begin(), direction.end());
  }
  CHECK(recall_at_ten(*job, random, 32) == Approx(0.01).margin(0.005));
}

TEST_CASE("a third of the coordinates keep the neighbours", "[oracle]") {
  auto job = load_content("job", root, {.dim = 32, .hold_out = 0});
  REQUIRE(job);
  CHECK(recall_at_ten(*job, job->embeddings, 32) > 0.33);
}
