#include "tests/support/user_world.hpp"

#include <limits>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 8;

shared_consensus told(std::vector<float> mean, double agreement) {
  return {std::make_shared<const consensus>(consensus{{std::move(mean)}, agreement})};
}

user_config heeding(std::vector<subspace_block> blocks = {{"coin", {0, dim}}}) {
  auto c = config_of(dim, std::move(blocks), user_policy::greedy);
  c.group_weight = 1;
  return c;
}

} // namespace

TEMPLATE_TEST_CASE("a prior that is shifted is the prior that was there from the start", "[posterior][group]", float,
                   double) {
  using real = TestType;
  constexpr real lambda = 2;
  splitmix64 g(1);
  std::vector<real> mean(dim), factor, e(5 * dim), rewards(5), change(dim);
  for (auto* v : {&mean, &e, &rewards})
    for (real& x : *v)
      x = static_cast<real>(uniform01(g) - 0.5);
  for (std::size_t k = 0; k < dim; ++k) {
    factor.push_back(std::sqrt(lambda));
    factor.insert(factor.end(), dim - k - 1, real(0));
    change[k] = lambda * mean[k];
  }
  ridge_posterior<real> from_start(factor, mean), shifted(dim, lambda);
  REQUIRE(from_start.observe(e, rewards));
  REQUIRE(shifted.observe(e, rewards));
  REQUIRE(shifted.shift_prior(change));
  std::vector<real> a(dim), b(dim);
  from_start.mean(a);
  shifted.mean(b);
  for (std::size_t k = 0; k < dim; ++k)
    CHECK(a[k] == Approx(b[k]).margin(1e-5));
  change[0] = std::numeric_limits<real>::quiet_NaN();
  CHECK_FALSE(shifted.shift_prior(change));
  shifted.mean(a);
  CHECK(a == b);
}

TEST_CASE("who has seen nothing believes what the group likes; who has seen much, what they saw", "[user_mind][group]") {
  auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 200).publish();
  splitmix64 g(7);
  const auto liked = unit_vector(g, dim), own = unit_vector(g, dim);
  auto config = heeding();
  config.policy = user_policy::uniform; // sees something of everything
  auto newcomer = mind_of(config), expert = newcomer;
  for (auto* m : {&newcomer, &expert})
    m->see(snapshot);
  for (int i = 0; i < 300; ++i) {
    const auto p = expert.propose(occasion::round, 0, 5).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, utility(*snapshot, c.creation, own)});
    REQUIRE(expert.learn(r) == errc::ok);
  }
  const auto before = expert.believe().mean.values;
  REQUIRE(newcomer.hear(subspace_id{0}, told(liked, 0.5)));
  REQUIRE(expert.hear(subspace_id{0}, told(liked, 0.5)));
  for (std::size_t k = 0; k < dim; ++k) {
    CHECK(newcomer.believe().mean.values[k] == Approx(0.5 * liked[k]).margin(1e-5));
    CHECK(expert.believe().mean.values[k] == Approx(before[k]).margin(0.05));
  }
}

TEST_CASE("the newest broadcast takes the place of the one before", "[user_mind][group]") {
  auto m = mind_of(heeding());
  for (float x : {0.9f, -0.3f, 0.25f})
    REQUIRE(m.hear(subspace_id{0}, told(std::vector<float>(dim, x), 1)));
  for (float x : m.believe().mean.values)
    CHECK(x == Approx(0.25).margin(1e-5));
  REQUIRE(m.hear(subspace_id{0}, told(std::vector<float>(dim, 1), 0)));
  for (float x : m.believe().mean.values)
    CHECK(x == Approx(0).margin(1e-5));
}

TEST_CASE("a broadcast that can't be used changes nothing", "[user_mind][group][bad-input]") {
  const auto good = told(std::vector<float>(dim, 1), 1);
  auto config = heeding();
  auto subspace = subspace_id{0};
  auto group = good;
  SECTION("of the wrong width") { group = told({1, 2}, 1); }
  SECTION("of nobody") { group = {}; }
  SECTION("of no subspace") { subspace = subspace_id{1}; }
  SECTION("not a number") { group = told(std::vector<float>(dim, std::numeric_limits<float>::quiet_NaN()), 1); }
  SECTION("not heeded") { config.group_weight = 0; }
  SECTION("with preferences that drift") { config.drift = user_drift::restart; }
  SECTION("of a block that overlaps another one") { config = heeding({{"coin", {0, dim}}, {"job", {4, 4}}}); }
  auto m = mind_of(config);
  CHECK_FALSE(m.hear(subspace, group));
  for (float x : m.believe().mean.values)
    CHECK(x == 0);
}
