#include "tests/support/user_world.hpp"

#include <limits>

using namespace ammo;
using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 16;

struct when {
  std::uint32_t told = 0, asked = 0; ///< situations
};

double first_slate_value(const user_config& config, const catalogue_version& c, std::span<const float> q, bool told, when at = {}) {
  double sum = 0;
  for (std::uint64_t user = 0; user < 40; ++user) {
    auto m = mind_of(config, user);
    if (told)
      REQUIRE(m.take_interest(subspace_id{0}, q, 0.8, at.told) == errc::ok);
    m.see(std::make_shared<const catalogue_version>(c));
    const auto p = m.propose({.n = 5, .situation = at.asked});
    REQUIRE(p);
    for (const auto& x : p->candidates)
      sum += utility(c, x.creation, q) / 200.0;
  }
  return sum;
}

} // namespace

TEST_CASE("the first slate after a stated interest is already theirs", "[user_mind][interest]") {
  auto config = config_of(dim, {{"only", {0, dim}}});
  const auto c = random_catalogue(subspace_id{0}, {0, dim}, 500).publish();
  splitmix64 g{5};
  const auto q = unit_vector(g, dim);
  for (auto drift : {user_drift::none, user_drift::restart}) {
    config.drift = drift;
    const double told = first_slate_value(config, *c, q, true), untold = first_slate_value(config, *c, q, false);
    CHECK(std::abs(untold) < 0.1);
    CHECK(told > 0.4);
  }
}

TEST_CASE("an interest in one situation shows there, and nowhere else", "[user_mind][interest][situation]") {
  auto config = config_of(dim, {{"only", {0, dim}}});
  config.exactly = true;
  const auto c = random_catalogue(subspace_id{0}, {0, dim}, 500).publish();
  splitmix64 g{5};
  const auto q = unit_vector(g, dim);
  config.learner = user_learner::people;
  const double always = first_slate_value(config, *c, q, true, {0, 2});
  CHECK(always > 0.3);
  CHECK(first_slate_value(config, *c, q, true, {2, 2}) == always);
  const double untold = first_slate_value(config, *c, q, false, {0, 0});
  CHECK(std::abs(untold) < 0.1);
  for (std::uint32_t elsewhere : {0u, 1u, 64u})
    CHECK(first_slate_value(config, *c, q, true, {2, elsewhere}) == untold);
  config.learner = user_learner::classic; // takes it for all situations
  CHECK(first_slate_value(config, *c, q, true, {2, 1}) == first_slate_value(config, *c, q, true, {0, 0}));
  auto mind = mind_of(config);
  CHECK(mind.take_interest(subspace_id{0}, q, 0.8, 65) == errc::bad_value);
}

TEST_CASE("an interest speaks of its own subspace only", "[user_mind][interest]") {
  auto m = mind_of(config_of(4, {{"a", {0, 2}}, {"b", {2, 2}}}));
  REQUIRE(m.take_interest(subspace_id{1}, std::vector{0.0f, 5.0f}, 0.9) == errc::ok);
  const auto mean = m.believe().mean.values;
  CHECK(mean[0] == 0);
  CHECK(mean[1] == 0);
  CHECK(mean[2] == Approx(0).margin(1e-6));
  CHECK(mean[3] > 0.6);
  CHECK(mean[3] < 0.9);
  CHECK(m.observations() == 0);
}

TEST_CASE("an interest that means nothing is refused by name and changes nothing", "[user_mind][interest][bad-input]") {
  auto m = mind_of(config_of(2, {{"a", {0, 2}}}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(m.take_interest(subspace_id{1}, std::vector{1.0f, 0.0f}, 0.5) == errc::unknown_subspace);
  CHECK(m.take_interest(subspace_id{0}, std::vector{1.0f}, 0.5) == errc::wrong_dimension);
  CHECK(m.take_interest(subspace_id{0}, std::vector{nan, 0.0f}, 0.5) == errc::not_finite);
  CHECK(m.take_interest(subspace_id{0}, std::vector{0.0f, 0.0f}, 0.5) == errc::not_finite);
  for (double confidence : {0.0, -1.0, 1.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK(m.take_interest(subspace_id{0}, std::vector{1.0f, 0.0f}, confidence) == errc::bad_value);
  CHECK(m.believe().mean.values == std::vector{0.0f, 0.0f});
}

TEST_CASE("a User Buddy starts, and starts again after a change, from the prior that it is given", "[user_mind][prior]") {
  auto config = config_of(2, {{"a", {0, 2}}});
  const gaussian_prior prior{{0.8, -0.1}, {0.05, 0, 0.05}};
  config.prior = std::make_shared<const std::vector<ridge_posterior<float>>>(
    std::vector{*belief_from(prior, config.noise)});
  for (auto drift : {user_drift::none, user_drift::restart}) {
    config.drift = drift;
    const auto mean = mind_of(config).believe().mean.values;
    CHECK(mean[0] == Approx(0.8));
    CHECK(mean[1] == Approx(-0.1));
  }
  const auto told = mind_of(config).moments(std::span(&prior, 1)); // who has seen nothing is as the prior says
  REQUIRE(told.size() == 5);
  CHECK(told[0] == Approx(0.8).epsilon(1e-4));
  CHECK(told[2] == Approx(0.64 + 0.05).epsilon(1e-3));
  CHECK(mind_of(config).moments({}).empty());

  const auto fresh = std::make_shared<const ridge_posterior<double>>(std::vector{1.0, 0.0, 1.0}, std::vector{0.8, -0.1});
  drifting_posterior<double> drifting(fresh, {.noise = 0.3, .spacing = 1});
  const double e[2] = {1, 0};
  for (int i = 0; i < 200; ++i)
    REQUIRE(drifting.observe(e, std::vector{0.8}));
  for (int i = 0; i < 10; ++i)
    REQUIRE(drifting.observe(e, std::vector{-3.0}));
  CHECK(drifting.restarts() == 1);
  double mean[2];
  drifting.mean(mean);
  CHECK(mean[1] == Approx(-0.1)); // as the prior has it: nothing has been seen along it since
}
