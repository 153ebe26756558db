#include "actors/space/top_n.hpp"

#include "tests/support/random_catalogue.hpp"

#include <hwy/targets.h>

#include <algorithm>
#include <limits>

using namespace ammo;

namespace {

/// Top-N by sorting all scores: what the fast search must equal, to the bit.
std::vector<scored> by_sorting(const catalogue_version& c, std::span<const float> q, std::size_t n) {
  std::vector<scored> all;
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    if (c.info(row).id != no_creation)
      all.push_back({c.info(row).id, c.dot(row, q)});
  std::ranges::stable_sort(all, std::greater{}, &scored::score);
  all.resize(std::min(n, all.size()));
  return all;
}

std::vector<scored> search(const catalogue_version& c, std::span<const float> q, std::size_t n) {
  std::vector<scored> out(n);
  out.resize(top_n(c, q, n, out));
  return out;
}

/// e·q in double precision, from the coordinates as anyone reads them.
double plain_dot(const catalogue_version& c, std::uint32_t row, std::span<const float> q) {
  std::vector<float> e(q.size());
  c.embedding(row, e);
  double sum = 0;
  for (std::size_t k = 0; k < q.size(); ++k)
    sum += double{e[k]} * q[k];
  return sum;
}

/// Lets one instruction set answer until the end of the scope.
struct only_target {
  explicit only_target(std::int64_t target) { set(target); }
  ~only_target() { set(0); }
  static void set(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

/// Batches of every shape of remainder against one search a user.
void check_batches(const catalogue_version& c, std::size_t n, splitmix64& g) {
  const std::size_t width = c.coordinates().width;
  for (std::size_t users : {1, 3, 8, 64, 97, 200}) {
    const auto q = test::directions(users, width, g);
    std::vector<scored> out(users * n, scored{creation_id{1}, 1});
    top_n_batch(c, q, n, out);
    for (std::size_t u = 0; u < users; ++u) {
      auto one = search(c, std::span(q).subspan(u * width, width), n);
      one.resize(n);
      REQUIRE(std::ranges::equal(one, std::span(out).subspan(u * n, n)));
    }
  }
}

} // namespace

TEST_CASE("top-N is exact on random catalogues of every width", "[space][top_n]") {
  splitmix64 g(1);
  for (std::uint32_t width : {1, 3, 25, 32, 96})
    for (std::size_t count : {1, 15, 17, 250, 1000}) {
      const auto c = test::random_version(count, width, 0.3, g);
      for (std::size_t n : {1, 2, 5, 17, 64, 256}) {
        const auto q = test::directions(1, width, g);
        REQUIRE(search(*c, q, n) == by_sorting(*c, q, n));
      }
    }
}

TEST_CASE("a score is e·q to float precision", "[space][top_n]") {
  splitmix64 g(2);
  for (std::uint32_t width : {1, 25, 96, 1024}) {
    const auto c = test::random_version(100, width, 0.2, g);
    const auto q = test::directions(1, width, g);
    for (const auto& found : search(*c, q, 64))
      CHECK(found.score == Approx(plain_dot(*c, row_of(found.creation), q)).margin(1e-6));
  }
}

TEST_CASE("a batch answers what each user alone is answered, to the bit", "[space][top_n]") {
  splitmix64 g(3);
  for (std::uint32_t width : {1, 3, 25, 32})
    for (std::size_t n : {1, 7, 64})
      check_batches(*test::random_version(600, width, 0.3, g), n, g);
}

TEST_CASE("equal scores: the lower row first", "[space][top_n]") {
  catalogue c(subspace_id{0}, block{0, 2});
  for (std::uint64_t i = 0; i < 700; ++i)
    REQUIRE(c.add(goal_id{1}, owner_id{1}, i, std::vector<float>{i % 2 == 0 ? 0.5f : 0.25f, 0}));
  const auto version = c.publish();
  const std::vector<float> q{1, 1}, nothing{0, 0};
  for (std::uint32_t place = 0; const auto& found : search(*version, q, 200))
    CHECK(row_of(found.creation) == 2 * place++);
  for (std::uint32_t place = 0; const auto& found : search(*version, nothing, 200))
    CHECK(row_of(found.creation) == place++);
}

TEST_CASE("fewer live creations than asked for: all of them, however bad", "[space][top_n]") {
  splitmix64 g(4);
  const auto c = test::random_version(300, 4, 0.9, g);
  const std::vector<float> q{-1e20f, -1e20f, -1e20f, -1e20f};
  CHECK(search(*c, q, 256).size() == c->live());
  CHECK(search(*c, q, 0).empty());
  CHECK(search(*catalogue(subspace_id{0}, block{0, 4}).publish(), q, 5).empty());

  std::vector<scored> out(2 * 256, scored{creation_id{1}, 1});
  top_n_batch(*c, std::vector<float>(8, 1.0f), 256, out);
  CHECK(out[c->live() - 1].creation != no_creation);
  CHECK(out[c->live()] == scored{});
  CHECK(out[511] == scored{});
}

TEST_CASE("a NaN score is never chosen", "[space][top_n]") {
  splitmix64 g(5);
  const auto c = test::random_version(100, 3, 0.2, g);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(search(*c, std::vector<float>{0.5f, nan, 0.5f}, 5).empty());

  // One user's NaN doesn't reach another's answer.
  const std::vector<float> q{0.5f, nan, 0.5f, 0.5f, 0.25f, 0.5f};
  std::vector<scored> out(10);
  top_n_batch(*c, q, 5, out);
  CHECK(out[0] == scored{});
  CHECK(std::ranges::equal(std::span(out).last(5), search(*c, std::span(q).last(3), 5)));
}

TEST_CASE("every instruction set of this machine finds the same creations", "[space][top_n]") {
  splitmix64 g(6);
  const auto c = test::random_version(1000, 25, 0.3, g);
  const auto q = test::directions(1, 25, g);
  const auto expected = search(*c, q, 20);
  const auto targets = hwy::SupportedAndGeneratedTargets();
  CHECK(!targets.empty());
  for (const std::int64_t target : targets) {
    const only_target scope(target);
    INFO(hwy::TargetName(target));
    const auto found = search(*c, q, 20);
    REQUIRE(found == by_sorting(*c, q, 20));
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].creation == expected[i].creation);
      CHECK(found[i].score == Approx(expected[i].score).margin(1e-6));
    }
    check_batches(*c, 5, g);
  }
}
