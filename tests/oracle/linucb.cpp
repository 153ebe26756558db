/// LinUCB goldens of fidelity/mabwiser (tests/test_linucb.py, Apache-2.0): one ridge model an arm, λ = 1, no intercept,
/// score = mean + α·sqrt(xᵀA⁻¹x), α = 1.
#include "actors/user_buddy/belief/posterior.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <numeric>
#include <vector>

namespace {

constexpr std::size_t dim = 5;
using context = std::array<double, dim>;

constexpr std::array<context, 10> contexts{{{0, 1, 2, 3, 5},
                                            {1, 1, 1, 1, 1},
                                            {0, 0, 1, 0, 0},
                                            {0, 2, 2, 3, 5},
                                            {1, 3, 1, 1, 1},
                                            {0, 0, 0, 0, 0},
                                            {0, 1, 4, 3, 5},
                                            {0, 1, 2, 4, 5},
                                            {1, 2, 1, 1, 3},
                                            {0, 2, 1, 0, 0}}};
constexpr std::array<std::size_t, 10> arms{1, 1, 1, 2, 2, 3, 3, 3, 3, 3};
constexpr std::array<double, 10> rewards{0, 0, 1, 0, 0, 0, 0, 1, 1, 1};

struct golden {
  context x;
  std::array<double, 3> scores;
};
constexpr std::array<golden, 2> goldens{
  {{{0, 1, 2, 3, 5}, {0.9790312458954391, 1.1617706239438832, 1.4247056229871702}},
   {{1, 1, 1, 1, 1}, {0.8896475809353053, 0.923364043088837, 1.457085577251709}}}};

template <class Real>
double score(std::size_t arm, const context& x, bool all_at_once) {
  ammo::ridge_posterior<Real> p(dim, 1);
  std::vector<Real> e, r;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    if (arms[i] != arm)
      continue;
    e.insert(e.end(), contexts[i].begin(), contexts[i].end());
    r.push_back(static_cast<Real>(rewards[i]));
    if (!all_at_once) {
      REQUIRE(p.observe(e, r));
      e.clear();
      r.clear();
    }
  }
  REQUIRE(p.observe(e, r));
  const std::vector<Real> along(x.begin(), x.end());
  std::vector<Real> m(dim);
  p.mean(m);
  return std::inner_product(m.begin(), m.end(), along.begin(), double{p.width(along)});
}

} // namespace

TEST_CASE("upper confidence scores are mabwiser's", "[posterior]") {
  for (const golden& g : goldens)
    for (std::size_t arm = 1; arm <= 3; ++arm)
      for (bool all_at_once : {false, true}) {
        CHECK(score<double>(arm, g.x, all_at_once) == Approx(g.scores[arm - 1]).epsilon(0).margin(1e-12));
        CHECK(score<float>(arm, g.x, all_at_once) == Approx(g.scores[arm - 1]).epsilon(0).margin(1e-5));
      }
}
