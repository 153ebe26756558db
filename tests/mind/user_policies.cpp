#include "actors/user_buddy/slate/optimistic_top_n.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>
#include <numeric>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 12;

/// A posterior after `count` random observations.
template <class Real>
ridge_posterior<Real> taught(std::uint32_t d, std::size_t count, splitmix64& g) {
  ridge_posterior<Real> p(d, Real(2));
  std::vector<float> e(d * count), r(count);
  standard_normal(g, e);
  standard_normal(g, r);
  REQUIRE(p.observe(std::vector<Real>(e.begin(), e.end()), std::vector<Real>(r.begin(), r.end())));
  return p;
}

reward truthful(const slate_proposal& p, const catalogue_version& c, std::span<const float> q, splitmix64& g) {
  reward r{p.user, p.round, {}};
  std::vector<float> noise(p.candidates.size());
  standard_normal(g, noise);
  for (const candidate& shown : p.candidates)
    r.entries.push_back({shown.creation, utility(c, shown.creation, q) + 0.3f * noise[r.entries.size()]});
  return r;
}

/// Σ over a game's rounds of the slate regret under the true q, by quarters of the game.
std::array<double, 4> regret_by_quarter(user_config config, int rounds, std::uint64_t seed) {
  config.seed = seed;
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 300).publish();
  splitmix64 g(seed);
  const auto q = unit_vector(g, dim);
  std::array<scored, 5> best{};
  top_n(*snapshot, q, 5, best);
  auto mind = mind_of(config);
  mind.see(snapshot);
  std::array<double, 4> quarters{};
  for (int round = 0; round < rounds; ++round) {
    const auto p = mind.propose(occasion::round, 0, 5).value();
    double regret = 0;
    for (const scored& s : best)
      regret += std::max(s.score, 0.0f);
    for (const candidate& c : p.candidates)
      regret -= utility(*snapshot, c.creation, q);
    quarters[static_cast<std::size_t>(4 * round / rounds)] += regret;
    REQUIRE(mind.learn(truthful(p, *snapshot, q, g)) == errc::ok);
  }
  return quarters;
}

} // namespace

TEMPLATE_TEST_CASE("sixteen at once have the mean and the width of each alone", "[posterior]", float, double) {
  const auto [d, first, width] = GENERATE(table<std::uint32_t, std::uint32_t, std::uint32_t>(
    {{1, 0, 1}, {5, 0, 5}, {8, 3, 4}, {17, 0, 17}, {32, 0, 32}, {33, 20, 10}, {70, 1, 60}}));
  splitmix64 g(d);
  const auto p = taught<TestType>(d, 40, g);
  constexpr std::size_t many = ridge_posterior<TestType>::side_by_side;
  std::vector<float> e(many * width);
  standard_normal(g, e);
  std::array<TestType, many> means, widths;
  p.confidence(std::vector<TestType>(e.begin(), e.end()), first, means, widths);
  std::vector<TestType> m(d), one(d);
  p.mean(m);
  for (std::size_t i = 0; i < many; ++i) {
    std::fill(one.begin(), one.end(), TestType(0));
    for (std::size_t k = 0; k < width; ++k)
      one[first + k] = e[k * many + i];
    const TestType mean = std::inner_product(m.begin(), m.end(), one.begin(), TestType(0));
    CHECK(means[i] == Approx(mean).epsilon(1e-4).margin(1e-4));
    CHECK(widths[i] == Approx(p.width(one)).epsilon(1e-4));
  }
}

TEST_CASE("the most promising creations are those of a brute search", "[user_mind]") {
  splitmix64 g(5);
  auto c = random_catalogue(subspace_id{1}, {3, 9}, 600);
  for (std::uint32_t i = 0; i < 600; i += 3)
    REQUIRE(c.retire(goal_id{i}, c.publish()->info(i).id));
  const auto snapshot = c.publish();
  const auto posterior = taught<float>(dim, 30, g);
  std::vector<float> m(dim), e(dim, 0.0f);
  posterior.mean(m);
  std::vector<scored> all;
  for (std::uint32_t row = 0; row < snapshot->rows(); ++row)
    if (snapshot->info(row).id != no_creation) {
      snapshot->embedding(row, std::span(e).subspan(3));
      all.push_back({snapshot->info(row).id, std::inner_product(m.begin(), m.end(), e.begin(), 0.0f) +
                                               0.7f * posterior.width(e)});
    }
  REQUIRE(all.size() == 400);
  std::ranges::sort(all, std::ranges::greater{}, &scored::score);
  const std::size_t n = GENERATE(1u, 5u, 64u, 500u);
  std::vector<scored> found(n);
  REQUIRE(optimistic_top_n(*snapshot, {*believing(posterior)}, {0.7f, 3}, g, found) == std::min<std::size_t>(n, 400));
  for (std::size_t i = 0; i < std::min<std::size_t>(n, 400); ++i)
    CHECK(found[i].score == Approx(all[i].score).margin(2e-5 + optimistic_tie_break));
}

TEST_CASE("optimism chooses of the shortlist that a vector draws up", "[user_mind]") {
  splitmix64 g(17);
  const auto snapshot = random_catalogue(subspace_id{0}, {0, 8}, 300).publish();
  ridge_posterior<float> posterior(12, 1);
  const auto seen = unit_vector(g, 12), q = unit_vector(g, 8);
  REQUIRE(posterior.observe(seen, std::array{0.5f}));
  const std::size_t n = GENERATE(1u, 5u, 6u, 64u, 256u);
  const std::size_t listed = std::min<std::size_t>(shortlist_of(n), 300);
  std::vector<scored> all(listed), found(n);
  REQUIRE(top_n(*snapshot, q, listed, all) == listed);
  for (scored& s : all) {
    std::vector<float> e(12, 0.0f), m(12);
    snapshot->embedding(row_of(s.creation), std::span(e).subspan(3, 8));
    posterior.mean(m);
    s.score = std::inner_product(e.begin(), e.end(), m.begin(), 0.7f * posterior.width(e));
  }
  std::ranges::sort(all, std::ranges::greater{}, &scored::score);
  REQUIRE(optimistic_of_shortlist(*snapshot, {*believing(posterior)}, {0.7f, 3}, q, g, found) == n);
  for (std::size_t i = 0; i < n; ++i)
    CHECK(found[i].score == Approx(all[i].score).margin(1e-5));
}

TEST_CASE("C2UCB without optimism is greedy, and with it shows what it knows least", "[user_mind]") {
  auto config = config_of(2, {{"coin", {0, 2}}}, user_policy::c2ucb);
  config.optimism = GENERATE(0.0, 3.0);
  catalogue c(subspace_id{0}, {0, 2});
  const auto known = c.add(goal_id{}, owner_id{}, 0, std::array{1.0f, 0.0f}).value();
  auto mind = mind_of(config);
  mind.see(c.publish());
  for (int round = 0; round < 20; ++round)
    REQUIRE(mind.learn(reward_of(mind.propose(occasion::round, 0, 1).value(), 0.2f)) == errc::ok);
  const auto unknown = c.add(goal_id{}, owner_id{}, 0, std::array{0.0f, 1.0f}).value();
  mind.see(c.publish());
  CHECK(mind.propose(occasion::round, 0, 1).value().candidates.at(0).creation ==
        (config.optimism == 0 ? known : unknown));
}

TEST_CASE("C2UCB drops what is surely worth less than nothing", "[user_mind]") {
  auto mind = mind_of(config_of(2, {{"coin", {0, 2}}}, user_policy::c2ucb));
  catalogue c(subspace_id{0}, {0, 2});
  const auto good = c.add(goal_id{}, owner_id{}, 0, std::array{1.0f, 0.0f}).value();
  REQUIRE(c.add(goal_id{}, owner_id{}, 0, std::array{-1.0f, 0.0f}));
  mind.see(c.publish());
  for (int round = 0; round < 20; ++round) {
    const auto p = mind.propose(occasion::round, 0, 2).value();
    reward r{p.user, p.round, {}};
    for (const candidate& shown : p.candidates)
      r.entries.push_back({shown.creation, shown.creation == good ? 0.8f : -0.8f});
    CHECK(p.candidates.size() == (round == 0 ? 2 : 1));
    REQUIRE(mind.learn(r) == errc::ok);
  }
}

TEST_CASE("ε-greedy is uniform in a share ε of its rounds", "[user_mind]") {
  auto config = config_of(dim, {{"coin", {0, dim}}}, user_policy::epsilon_greedy);
  config.epsilon = GENERATE(0.0, 0.2, 1.0);
  auto mind = mind_of(config);
  const auto snapshot = random_catalogue(subspace_id{0}, {0, dim}, 300).publish();
  mind.see(snapshot);
  splitmix64 g(9);
  const auto q = unit_vector(g, dim);
  for (int round = 0; round < 50; ++round)
    REQUIRE(mind.learn(truthful(mind.propose(occasion::round, 0, 5).value(), *snapshot, q, g)) == errc::ok);
  const auto m = mind.believe().mean.values;
  std::array<scored, 5> best{};
  REQUIRE(top_n(*snapshot, m, 5, best) == 5);
  const int rounds = 2'000;
  int others = 0;
  for (int round = 0; round < rounds; ++round)
    others += mind.propose(occasion::round, 0, 5).value().candidates.at(0).creation != best[0].creation;
  const double share = config.epsilon * 299.0 / 300;
  CHECK(others == Approx(rounds * share).margin(5 * std::sqrt(rounds * share * (1 - share)) + 8));
}

TEST_CASE("ε-greedy and C2UCB regret less and less, C2UCB the least at last", "[user_mind]") {
  const auto of = [](user_policy policy) {
    std::array<double, 4> sum{};
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const auto one = regret_by_quarter(config_of(dim, {{"coin", {0, dim}}}, policy), 400, seed);
      std::ranges::transform(sum, one, sum.begin(), std::plus{});
    }
    return sum;
  };
  const auto uniform = of(user_policy::uniform), epsilon = of(user_policy::epsilon_greedy),
             c2ucb = of(user_policy::c2ucb);
  INFO("last quarter: uniform " << uniform[3] << ", ε-greedy " << epsilon[3] << ", C2UCB " << c2ucb[3]);
  CHECK(epsilon[3] < uniform[3] / 4);
  CHECK(c2ucb[3] < uniform[3] / 10);
  CHECK(c2ucb[3] < c2ucb[0] / 2);
  CHECK(c2ucb[3] < epsilon[3]);
}
